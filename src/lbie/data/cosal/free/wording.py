"""Programmes about free drawings in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lbie.data.cosal.free import templates
from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.programme import ANY, Instruction, Pick, Reference
from lbie.data.cosal.free.solver import Scene
from lbie.data.cosal.templates import KIND_NAMES, PLACES, THINGS, TINTS
from lbie.language.vocabulary import tokenize

_SLOT = "\0"
_SINGULAR = ("every", "each")
"""Beginnings of phrases that mean several shapes and are one."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a sentence names a colour."""

    start: int
    """Number of the first of its tokens, as `tokenize` counts them."""
    end: int
    """Number after the last."""
    name: str
    """The name as it is written."""
    rgb: tuple[int, int, int]
    """sRGB, 0 to 255."""
    held_out: bool = False
    """Whether no sentence of the train split has this name."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    text: str
    plural: bool = False


class Writer:
    """Puts what is said of one drawing into the words of a split."""

    def __init__(self, scene: Scene, split: str, covering: bool, chance: Chance) -> None:
        """Take a drawing.

        Args:
            scene: its measures.
            split: train, val or test, whose templates are taken.
            covering: whether shapes overlap, so that words such as "on top of" would be read in two ways.
            chance: of every choice.
        """
        self.scene, self.split, self.covering, self.chance = scene, split, covering, chance

    def write(
        self, said: Instruction, name: str, rgb: tuple[int, int, int], held_out: bool = False
    ) -> tuple[str, Mention | None]:
        """A sentence, and where it names its colour: None where it names none.

        Args:
            said: what is said.
            name: of the colour.
            rgb: of the colour.
            held_out: see `Mention`.
        """
        target = self._phrase(said.target)
        slots = {
            "target": target.text,
            "tint": self.chance.choose(TINTS),
            "is": "are" if target.plural else "is",
            "has": "have" if target.plural else "has",
            "gets": "get" if target.plural else "gets",
            "colour": _SLOT,
        }
        if said.source is not None:
            own = templates.SAME
            slots["source"] = self._phrase(said.source).text
        else:
            own = templates.AGAIN if said.again else templates.TOLD
        before, slot, after = self.chance.choose(own[self.split]).format_map(slots).partition(_SLOT)
        start = len(tokenize(before))
        text = before + (name if slot else "") + after
        mention = Mention(start, start + len(tokenize(name)), name, rgb, held_out) if slot else None
        return f"{text[0].upper()}{text[1:]}{'' if text.endswith('.') else '.'}", mention

    def _noun(self, reference: Reference) -> str:
        if reference.kinds == ANY:
            return self.chance.choose(THINGS)
        if len(reference.kinds) > 1:
            return self.chance.choose(templates.FAMILY_NAMES[reference.kinds])
        names: Sequence[str] = KIND_NAMES[reference.kinds[0]]
        if reference.pick is not Pick.ONLY:
            names = [name for name in names if name not in templates.BARE]
        return names[0] if self.chance.happens(0.4) else self.chance.choose(names)

    def _phrase(self, reference: Reference, inner: bool = False) -> _Phrase:
        """Words for a reference; `inner` for a landmark, with nothing after the noun that could belong to both."""
        noun = self._noun(reference)
        slots = {"noun": noun, "nouns": _plural(noun)}
        count = len(self.scene.members(reference.kinds))
        match reference.pick:
            case Pick.ALL:
                return self._everything(reference, count, slots)
            case Pick.REST:
                return self._others(reference, slots)
            case Pick.ONLY:
                text = f"the {noun}"
            case Pick.PLACE:
                text = self._fill(templates.PLACE, slots | self._beside(reference))
            case Pick.SIZE:
                own = templates.LANDMARK_SIZE if inner else templates.SIZE
                text = self._fill(own, slots | {"size": self._size(reference, count)})
            case _:
                text = self._to_a_side(reference, count, slots, inner)
        return _Phrase(text)

    def _to_a_side(self, reference: Reference, count: int, slots: dict[str, str], inner: bool) -> str:
        side = reference.side or 0
        slots |= {"at": templates.AT[side], "edge": templates.EDGES[side]}
        if reference.pick is Pick.ORDER:
            return self._fill(templates.ORDER, slots | {"ordinal": templates.ORDINALS[reference.rank - 1]})
        slots |= {"near": self._plain(templates.NEAR[side]), "most": self._plain(templates.MOST[side])}
        if count == 2 and self.chance.happens(0.7) and not (self.covering and side < 2):
            return self._fill(templates.LANDMARK_OF_TWO if inner else templates.SIDE_OF_TWO, slots)
        return self._fill(templates.LANDMARK_SIDE if inner else templates.SIDE, slots)

    def _fill(self, own: templates.Sets, slots: dict[str, str]) -> str:
        return self.chance.choose(own[self.split]).format_map(slots)

    def _plain(self, ways: Sequence[str]) -> str:
        """One of the ways to say a side; where shapes overlap, none that speaks of covering."""
        return ways[0] if self.covering else self.chance.choose(ways)

    def _everything(self, reference: Reference, count: int, slots: dict[str, str]) -> _Phrase:
        if reference.kinds == ANY and self.chance.happens(0.4):
            return _Phrase("everything")
        slots["number"] = templates.NUMBERS[count - 2]
        own = templates.ALL
        if count == 2 and self.chance.happens(0.7):
            own = templates.ALL_TWO
        elif count > 2 and self.chance.happens(0.3):
            own = templates.ALL_COUNTED
        text = self._fill(own, slots)
        return _Phrase(text, not text.startswith(_SINGULAR))

    def _others(self, reference: Reference, slots: dict[str, str]) -> _Phrase:
        # How many are left depends on what was said before, so words that fit one and several are kept apart there.
        own = templates.REST_OF_ALL if reference.kinds == ANY else templates.REST
        text = self._fill(templates.REST_OF_ONE if reference.rank == 0 else own, slots)
        return _Phrase(text, reference.rank != 0 and not text.startswith(_SINGULAR))

    def _size(self, reference: Reference, count: int) -> str:
        if count == 2 and self.chance.happens(0.7):
            return self.chance.choose(templates.LARGER if reference.largest else templates.SMALLER)
        word = self.chance.choose(templates.LARGEST if reference.largest else templates.SMALLEST)
        return word if reference.rank == 1 else f"{templates.ORDINALS[reference.rank - 1]} {word}"

    def _beside(self, reference: Reference) -> dict[str, str]:
        if reference.landmark is None:
            raise ValueError("a place beside nothing")
        ways: Sequence[str] = PLACES[reference.side or 0]
        if self.covering:
            ways = [way for way in ways if way not in templates.COVERING]
        return {"place": self.chance.choose(ways), "landmark": self._phrase(reference.landmark, inner=True).text}


def _plural(noun: str) -> str:
    return noun + ("es" if noun.endswith(("x", "s")) else "s")

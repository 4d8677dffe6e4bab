"""What a sentence about shapes says, as far as its words show it without the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lbie.data.cosal.programme import OPPOSITE
from lbie.data.cosal.shapes import COLOURS
from lbie.data.cosal.templates import COLOUR_NAMES, KIND_NAMES, PLACES, SIDES, THINGS
from lbie.language.colour_names import FAMILY_OF
from lbie.language.vocabulary import Vocabulary, tokenize

Meant = tuple[int, int | None]
"""A kind of shape, and None, or the relation (of `RELATIONS`) in which the shape that is meant lies from it."""
STRANGERS = {
    "half circle": "fat half-ellipse",
    "half disc": "fat half-ellipse",
    "half disk": "fat half-ellipse",
    "semicircle": "fat half-ellipse",
    "semi circle": "fat half-ellipse",
    "half ellipse": "fat half-ellipse' or 'thin half-ellipse",
    "half oval": "fat half-ellipse' or 'thin half-ellipse",
    "oval": "fat ellipse' or 'thin ellipse",
    "ball": "circle",
    "dot": "circle",
    **dict.fromkeys(("square", "star", "pentagon", "hexagon", "octagon", "polygon", "trapezoid", "parallelogram"), ""),
    **dict.fromkeys(("cross", "heart", "arrow", "ring", "crescent", "moon", "cube", "line", "kite"), ""),
}
"""Names of shapes that are none of the nine, and which of these they may mean."""
NEGATIONS = frozenset(("not", "no", "never", "without", "except", "neither", "nor", "none", "nothing", "cannot"))
"""Words that deny, beside those that end in "n't"."""
WHOLES = frozenset(("all", "every", "each", "everything", "both", "any", "rest", "other", "others", "remaining"))
"""Words that speak of several shapes at once."""
JOINING = frozenset(("and", "but", "while", "whereas", "plus", "then", "also"))
"""Words before a sentence, or a part of one, that say nothing."""
_SHADES = frozenset(
    (
        *("light", "dark", "pale", "deep", "bright", "sky", "navy", "baby", "royal", "lime", "forest", "hot"),
        *("neon", "pastel", "vivid", "medium", "soft", "dull", "brick", "lemon", "cherry", "blood", "mint", "olive"),
        *("ice", "steel", "midnight", "cobalt", "golden", "dirty", "warm", "cold", "strong"),
    )
)
_NAMES: dict[tuple[str, ...], tuple[str, int | str | None]] = {
    **{(word,): ("colour", None) for word in (*FAMILY_OF, "magenta", "teal", "puce", "silver", "beige")},
    **{tuple(tokenize(name)): ("stranger", name) for name in STRANGERS},
    **{tuple(tokenize(name)): ("kind", kind) for kind, names in enumerate(KIND_NAMES) for name in names},
    **{tuple(tokenize(name)): ("colour", colour) for colour, names in enumerate(COLOUR_NAMES) for name in names},
    **{tuple(place.split()): ("place", relation) for relation, places in enumerate(PLACES) for place in places},
    **{tuple(side.split()): ("side", relation) for relation, sides in enumerate(SIDES) for side in sides},
    **{(thing,): ("thing", None) for thing in THINGS},
    **{(word,): ("whole", word) for word in WHOLES},
    ("same",): ("same", None),
}
_LONGEST = max(map(len, _NAMES))
_NEAR = sorted({word for names, (what, _) in _NAMES.items() if what != "stranger" for word in names if len(word) > 2})
_NEVER_MEANT = frozenset(("the", "side", *WHOLES, *FAMILY_OF)) - {name for names in COLOUR_NAMES for name in names}
_SIDE_WORDS = frozenset(("left", "right", "top", "bottom", "upper", "lower"))
_Symbol = tuple[str, int | str | None]


@dataclass(frozen=True)
class Fact:
    """What a sentence names."""

    kinds: tuple[int, ...]
    """Kinds of shapes, in order."""
    strangers: tuple[str, ...]
    """Of `STRANGERS`."""
    wholes: tuple[str, ...]
    """Of `WHOLES`."""
    colours: frozenset[int | None]
    """Colours; None is one that the model does not have."""
    same: bool
    """Whether it says that two shapes have the same colour."""
    placed: bool
    """Whether it says that something is above, below, left or right."""
    target: Meant | None
    """The shape it tells about, where it is of a form that leaves no doubt."""
    colour: int | None
    """The colour that it gives it."""
    source: Meant | None
    """The shape whose colour it gives it."""

    @property
    def several(self) -> bool:
        """Whether it says more than the model reads of a sentence."""
        kinds = len(self.kinds) + len(self.strangers)
        if self.same:
            return bool(self.colours) or kinds > 2
        return len(self.colours) > 1 or (kinds > 1 and len(self.colours) == 1 and not self.placed)

    @property
    def whole(self) -> bool:
        """Whether it can stand alone: it names a shape and one colour, or two shapes of the same colour."""
        named = len(self.kinds) + len(self.strangers)
        if self.same:
            return named == 2 and not self.colours
        return len(self.colours) == 1 and (named == 1 or (named > 1 and not self.placed) or bool(self.wholes))


def read_fact(words: Sequence[str]) -> Fact:
    """The fact of a sentence of normalised words."""
    symbols = _symbols(words)
    kinds = tuple(value for what, value in symbols if what == "kind" and isinstance(value, int))
    strangers = tuple(str(value) for what, value in symbols if what == "stranger")
    wholes = tuple(str(value) for what, value in symbols if what == "whole")
    colours = frozenset(value for what, value in symbols if what == "colour" and not isinstance(value, str))
    same = ("same", None) in symbols
    target = source = colour = None
    if not strangers and not wholes:
        if same and not colours:
            middle = symbols.index(("same", None))
            target, source = _meant(symbols[:middle]), _meant(symbols[middle:])
        elif len(colours) == 1 and None not in colours:
            target, (colour,) = _meant(symbols), colours
    if same and (target is None or source is None):
        target = source = None
    placed = any(what in ("place", "side") for what, _ in symbols)
    return Fact(kinds, strangers, wholes, colours, same, placed, target, None if target is None else colour, source)


def says_which(words: Sequence[str]) -> bool:
    """Whether normalised words tell shapes of a kind apart, as "the left circle" does: no `Fact` says that."""
    return any(what == "word" and word in _SIDE_WORDS for what, word in _symbols(words))


def drop_shades(words: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Leave out what makes a colour none of the model's: "light" of "light blue", but not of "light green".

    Returns:
        The words, and pairs of a colour as it was named and the colour that is left.
    """
    kept: list[str] = []
    found: dict[int, tuple[str, str]] = {}  # by the number of words behind the colour
    for word in reversed(words):
        names, symbol = _first(kept[: -_LONGEST - 1 : -1])
        if word in _SHADES and symbol[0] == "colour" and symbol[1] is not None and (word, *names) not in _NAMES:
            named = found[len(kept)][0] if len(kept) in found else " ".join(names)
            found[len(kept)] = (f"{word} {named}", COLOURS[int(symbol[1])])
        else:
            kept.append(word)
    return [*reversed(kept)], [*reversed(found.values())]


def refusal(words: Sequence[str]) -> str | None:
    """Why a sentence must not be read at all, if so: the model does not know what it would turn around."""
    for word in words:
        if word in NEGATIONS or word.endswith("n't"):
            return f"the model does not understand negation ('{word}'): say which colour a shape has"
        if word in WHOLES:
            return f"the model does not understand '{word}': a sentence colours one shape, so name each"
    return None


def describe_unknown(words: Sequence[str], vocabulary: Vocabulary, most: int = 8) -> str:
    """`'cirle' (did you mean 'circle'?), 'square' (not one of the nine shapes), 'zzz'`."""
    from rapidfuzz import fuzz, process

    near = [word for word in _NEAR if word in vocabulary.words and word not in _NEVER_MEANT]

    def remark(word: str) -> str:
        if (word,) in _NAMES and _NAMES[(word,)][0] == "colour":
            return "not one of the model's colours"
        if word in STRANGERS:
            return describe_stranger(word)
        guess = process.extractOne(word, near, scorer=fuzz.ratio, score_cutoff=70)
        return f"did you mean '{guess[0]}'?" if guess else ""

    return vocabulary.describe_unknown(words, most, remark)


def describe_stranger(name: str) -> str:
    """What to say of one of `STRANGERS`."""
    meant = STRANGERS[name]
    return "not one of the nine shapes" + (f"; did you mean '{meant}'?" if meant else "")


def _first(words: Sequence[str]) -> tuple[tuple[str, ...], _Symbol]:
    """The longest name that words begin with, and what it names; no words and "word" where there is none."""
    for length in range(min(_LONGEST, len(words)), 0, -1):
        names = tuple(words[:length])
        if names in _NAMES:
            return names, _NAMES[names]
    return (), ("word", words[0] if words else None)


def _symbols(words: Sequence[str]) -> list[_Symbol]:
    found, i = [], 0
    while i < len(words):
        names, symbol = _first(words[i : i + _LONGEST])
        found.append(symbol)
        i += max(1, len(names))
    return found


def _meant(symbols: Sequence[_Symbol]) -> Meant | None:
    """The shape that a sentence, or half of one, tells about, if that is plain."""
    kinds = [value for what, value in symbols if what == "kind"]
    steps = [i for i, (what, _) in enumerate(symbols) if what in ("place", "side")]
    if len(kinds) != 1 or len(steps) > 1 or not isinstance(kinds[0], int):
        return None
    if not steps:
        return None if any(what == "thing" for what, _ in symbols) else (kinds[0], None)
    (step,) = steps
    what, relation = symbols[step]
    after = [symbol for symbol in symbols[step + 1 :] if symbol not in (("word", "the"), ("word", "a"))]
    if not isinstance(relation, int):
        return None
    if what == "side" or after[:1] == [("kind", kinds[0])]:
        return kinds[0], relation
    return (kinds[0], OPPOSITE[relation]) if after and after[0][0] == "colour" else None

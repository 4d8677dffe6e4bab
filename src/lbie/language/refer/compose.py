"""A programme and its words for a template, aimed at a thing or at nothing; whether it hits, the resolver says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lbie.language.refer.colours import COLOURS
from lbie.language.refer.facts import Facts
from lbie.language.refer.nouns import CATEGORIES, GROUPS, METAL, NATURAL, PRONOUNS, STANDING, Noun, groups_of, nouns_of
from lbie.language.refer.programme import (
    Coloured,
    InFront,
    Middle,
    Node,
    Placed,
    Ranked,
    Related,
    Relation,
    Sized,
    Things,
)
from lbie.language.refer.relations import HOLLOW, RIDDEN, may_rest, relation_values
from lbie.language.refer.templates import (
    COLOUR_WORDS,
    LARGEST,
    MOST,
    ORDINALS,
    RELATIONS,
    SMALLEST,
    UPPER,
    Template,
)

_SIDES = {"h": ("left", "right"), "v": ("top", "bottom"), "m": ("middle",)}
_SIDES["c"] = ("top left", "top right", "bottom left", "bottom right")
_SCARCELY_LISTED = frozenset({"book", "dining table", "potted plant", "person", "chair"})


class Draw:
    """Draws the programme and the words of one template for one thing of a scene."""

    def __init__(self, facts: Facts, target: int, rng: np.random.Generator, wrong: bool = False) -> None:
        """`wrong`: whatever is drawn need not be true of the thing, and mostly is not."""
        self.facts, self.target, self.rng, self.wrong = facts, target, rng, wrong
        self.slots: dict[str, str] = {}
        self._sides: Sequence[str] = ()

    def draw(self, template: Template) -> tuple[Node, str] | None:
        """The programme and its phrase, or None where the template does not suit the thing."""
        noun = self._noun(template)
        if noun is None:
            return None
        self.slots = {"n": noun.text}
        self._sides = _SIDES.get(template.sides, ())
        if ("worn" in template.form and not noun.is_person) or (
            "coloured" in template.form.split("+") and noun.is_person
        ):
            return None
        node: Node = Things(noun)
        for step in _STEPS[template.form]:
            built = step(self, node)
            if built is None:
                return None
            node = built
        words = template.text.format(**self.slots)
        if any(words.split().count(side) > 1 for side in ("left", "right", "nearest", "closest")):
            return None  # "on the left on the left of" says nothing to anybody
        return node, _with_articles(words)

    def pick(self, choices: Sequence[str]) -> str:
        """One of the words."""
        return choices[int(self.rng.integers(len(choices)))]

    def _noun(self, template: Template) -> Noun | None:
        kind = self.facts.kinds[self.target]
        if self.wrong and self.rng.random() < (1.0 if template.form == "things" else 0.15):
            absent = self._absent_kind(kind)
            if absent is None:
                return None
            kind = absent
        nouns = groups_of(kind) if self.rng.random() < 0.12 else nouns_of(kind)
        if not template.text.startswith("{n}"):
            nouns = [n for n in nouns if n.text not in PRONOUNS]
        return nouns[int(self.rng.integers(len(nouns)))] if nouns else None

    def _absent_kind(self, kind: str) -> str | None:
        """A category of which the scene has nothing, mostly one like those that it has."""
        present = set(self.facts.kinds)
        absent = [k for k in CATEGORIES if k not in present | _SCARCELY_LISTED and self.facts.knows(frozenset({k}))]
        group = next((set(kinds) for _, kinds, _ in GROUPS.values() if kind in kinds), set())
        near = [k for k in absent if k in group]
        absent = near if near and self.rng.random() < 0.6 else absent
        return absent[int(self.rng.integers(len(absent)))] if absent else None

    def _alike(self, node: Node) -> np.ndarray:
        """Indices of the things of the noun."""
        while not isinstance(node, Things):
            node = node.of
        kinds = node.noun.kinds
        return np.array([i for i, k in enumerate(self.facts.kinds) if k in kinds], int)

    def coloured(self, node: Node) -> Node | None:
        """With the colour that is measured, or another."""
        kind = self.facts.kinds[self.target]
        values = np.zeros(len(COLOURS)) if self.wrong else self.facts.colours(self.target)
        return self._in_colour(node, kind, values)

    def place(self, node: Node) -> Node:
        """In the part of the picture where the thing is."""
        return Placed(node, self._side())  # type: ignore[arg-type]

    def loose(self, node: Node) -> Node | None:
        """The left one, said of few."""
        return self._first(node, True)

    def first(self, node: Node) -> Node | None:
        """The leftmost one."""
        return self._first(node, False)

    def _first(self, node: Node, loose: bool) -> Node | None:
        return Ranked(node, self._side(), 0, loose) if len(self._alike(node)) > 1 else None  # type: ignore[arg-type]

    def rank(self, node: Node) -> Node | None:
        """Its place in the row."""
        members = self._alike(node)
        if len(members) < (2 if self.wrong else 3):
            return None
        side = self.pick(self._sides)
        along = self.facts.centre_x if side in {"left", "right"} else self.facts.centre_y
        ahead = int((along[members] < along[self.target]).sum())
        rank = ahead if side in {"left", "top"} else len(members) - 1 - ahead
        if self.wrong:
            rank = len(members) + int(self.rng.integers(2))
        elif rank == 0 and self.rng.random() < 0.6:
            return None
        if not 0 <= rank < len(ORDINALS):
            return None
        self.slots |= {"s": side, "o": self.pick(ORDINALS[rank])}
        return Ranked(node, side, rank)  # type: ignore[arg-type]

    def middle(self, node: Node) -> Node | None:
        """The middle one of three."""
        return Middle(node) if len(self._alike(node)) == 3 else None

    def sized(self, node: Node) -> Node | None:
        """The largest or the smallest."""
        members = self._alike(node)
        if len(members) < 2:
            return None
        largest = bool(self.facts.area[self.target] >= np.median(self.facts.area[members]))
        superlatives, others = LARGEST if largest else SMALLEST
        self.slots |= {"z": self.pick(superlatives + others), "est": self.pick(superlatives)}
        return Sized(node, largest)

    def front(self, node: Node) -> Node | None:
        """The closest one."""
        members = self._alike(node)
        return InFront(node) if len(members) > 1 and {self.facts.kinds[i] for i in members} <= STANDING else None

    def related(self, node: Node) -> Node | None:
        """In a relation to something that its kind tells from the rest."""
        return self._related(node, lambda anchor: self._anchor(anchor, "a"), single=True)

    def chained(self, node: Node) -> Node | None:
        """In a relation to something that is found by its own relation."""
        return self._related(node, self._chain)

    def coloured_anchor(self, node: Node) -> Node | None:
        """In a relation to something of a colour."""

        def anchor(index: int) -> Node | None:
            thing = self._anchor(index, "a")
            kind = self.facts.kinds[index]
            return None if kind == "person" else self._in_colour(thing, kind, self.facts.colours(index))

        return self._related(node, anchor)

    def _in_colour(self, node: Node, kind: str, values: np.ndarray) -> Node | None:
        """With a colour that is sure, or with any where none may be had: all values are 0."""
        colours = [c for c, v in zip(COLOURS, values, strict=True) if v == 1] if values.any() else list(COLOURS)
        if values.any() and kind in NATURAL:
            colours = [c for c in colours if c in NATURAL[kind]]
        if not colours:
            return None
        colour = self.pick(colours)
        words = [w for w in COLOUR_WORDS.get(colour, (colour,)) if w != "silver" or kind in METAL]
        self.slots["c"] = self.pick(words)
        return Coloured(node, colour)

    def loose_anchor(self, node: Node) -> Node | None:
        """In a relation to the left or right one of its kind."""

        def anchor(index: int) -> Node | None:
            thing = self._anchor(index, "a")
            if self.facts.kinds.count(self.facts.kinds[index]) < 2:
                return None
            return Ranked(thing, self._side(index), 0, True)  # type: ignore[arg-type]

        return self._related(node, anchor)

    def _chain(self, index: int) -> Node | None:
        thing = self._anchor(index, "a")
        second = self._relation_of(index, "2", exclude=self.target, single=True)
        if second is None:
            return None
        return Related(thing, second[0], self._anchor(second[1], "a2"))

    def _related(self, node: Node, describe: Callable[[int], Node | None], single: bool = False) -> Node | None:
        found = self._relation_of(self.target, "", single=single)
        if found is None:
            return None
        anchor = describe(found[1])
        return Related(node, found[0], anchor) if anchor is not None else None

    def _relation_of(
        self, index: int, number: str, exclude: int = -1, single: bool = False
    ) -> tuple[Relation, int] | None:
        """A relation of a thing to another: one that holds, or any where it is to be wrong.

        `single`: to one that is the only one of its kind.
        """
        facts = self.facts
        others = [i for i in range(len(facts)) if facts.askable[i] and i not in {index, exclude}]
        if single:
            others = [i for i in others if facts.kinds.count(facts.kinds[i]) == 1]
        if not others:
            return None
        wrong = self.wrong and not number
        relations: list[Relation] = ["left of", "right of", "above", "below", "next to", "on", "closest to"]
        for _ in range(3):
            anchor = others[int(self.rng.integers(len(others)))]
            resting = may_rest(facts.kinds[index], facts.kinds[anchor])
            if wrong:
                holding = relations[:5] + (["on"] if resting else [])
            else:
                asked = relations[:6] if resting else relations[:5]
                holding = [r for r in asked if relation_values(facts, r, anchor)[index] == 1]
                holding = ["on"] if "on" in holding else holding
                holding += ["closest to"] if facts.kinds.count(facts.kinds[index]) > 1 and not number else []
            if holding:
                relation = holding[int(self.rng.integers(len(holding)))]
                said: str = relation
                if relation == "on":
                    support = facts.kinds[anchor]
                    said = "in" if support in HOLLOW else "riding" if support in RIDDEN else "on"
                self.slots[f"r{number}"] = self.pick(RELATIONS[said])
                return relation, anchor
        return None

    def _anchor(self, index: int, slot: str) -> Things:
        nouns = [n for n in nouns_of(self.facts.kinds[index]) if n.text not in PRONOUNS]
        noun = nouns[int(self.rng.integers(len(nouns)))]
        self.slots[slot] = noun.text
        return Things(noun)

    def _side(self, index: int | None = None) -> str:
        """Where a thing is, or anywhere where it is to be wrong."""
        index = self.target if index is None else index
        side = self.pick(self._sides)
        if not self.wrong and side != "middle":
            words = []
            for word in side.split():
                level = word in {"left", "right"}
                mine = (self.facts.centre_x if level else self.facts.centre_y)[index]
                if self.rng.random() < 0.8:
                    pair = ("left", "right") if level else ("top", "bottom")
                    word = pair[int(mine > 0.5)]  # noqa: PLW2901
                words.append(word)
            side = " ".join(words)
        upper = " ".join(UPPER.get(w, w) for w in side.split())
        self.slots |= {"s": side, "u": upper, "most": MOST.get(side, "")}
        return side


_STEPS: dict[str, tuple[Callable[[Draw, Node], Node | None], ...]] = {
    "things": (),
    "loose": (Draw.loose,),
    "first": (Draw.first,),
    "place": (Draw.place,),
    "rank": (Draw.rank,),
    "middle": (Draw.middle,),
    "sized": (Draw.sized,),
    "front": (Draw.front,),
    "coloured": (Draw.coloured,),
    "worn": (Draw.coloured,),
    "related": (Draw.related,),
    "chained": (Draw.chained,),
    "coloured+place": (Draw.coloured, Draw.place),
    "coloured+loose": (Draw.coloured, Draw.loose),
    "coloured+rank": (Draw.coloured, Draw.rank),
    "coloured+sized": (Draw.coloured, Draw.sized),
    "coloured+related": (Draw.coloured, Draw.related),
    "worn+place": (Draw.coloured, Draw.place),
    "worn+loose": (Draw.coloured, Draw.loose),
    "worn+related": (Draw.coloured, Draw.related),
    "sized+place": (Draw.place, Draw.sized),
    "sized+related": (Draw.related, Draw.sized),
    "front+place": (Draw.place, Draw.front),
    "related+place": (Draw.related, Draw.place),
    "related+coloured anchor": (Draw.coloured_anchor,),
    "related+loose anchor": (Draw.loose_anchor,),
}
"""How each form's programme is put together, from the noun outwards."""


def _with_articles(words: str) -> str:
    """`a` before a vowel is `an`; `a` before what is a pair or somebody is left out."""
    parts = words.split()
    out = []
    for i, word in enumerate(parts):
        following = parts[i + 1] if i + 1 < len(parts) else ""
        if word == "a" and following in {"skis", "scissors", "luggage", "broccoli", "food"}:
            continue
        out.append(
            "an"
            if word == "a" and following[:1] in set("aeio") | ({"u"} if following == "umbrella" else set())
            else word
        )
    return " ".join(out)

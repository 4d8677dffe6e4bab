"""What a sentence of CoSaL says, apart from its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lbie.data.cosal.shapes import COLOURS, GRID, KINDS

RELATIONS = ("above", "below", "left to", "right to")
"""Relation r is `RELATIONS[r]`: where the shape that is meant lies, seen from the landmark."""
OPPOSITE = (1, 0, 3, 2)
"""The same relation seen from the other shape."""
_STEPS = ((0, -1), (0, 1), (-1, 0), (1, 0))


def _neighbours(cell: int) -> tuple[tuple[int, int], ...]:
    row, column = divmod(cell, GRID)
    found = []
    for relation, (x, y) in enumerate(_STEPS):
        if 0 <= row + y < GRID and 0 <= column + x < GRID:
            found.append((relation, GRID * (row + y) + column + x))
    return tuple(found)


NEIGHBOURS = tuple(_neighbours(cell) for cell in range(GRID * GRID))
"""Of each cell, the pairs (relation, cell that lies so from it)."""


class Form(StrEnum):
    """The four kinds of sentences."""

    DIRECT = "direct"
    """The target has the colour."""
    RELATIONAL = "relational"
    """The target, which lies in the relation to the landmark, has the colour."""
    NAMED = "named"
    """The target has the same colour as the source."""
    SPATIAL = "spatial"
    """The target has the same colour as the source, which lies in the relation to the landmark."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The programme behind one sentence. Shapes are indices into `KINDS`; what a form does not use is None."""

    form: Form
    target: int
    """The shape whose colour the sentence tells; in a relational sentence it is not named."""
    colour: int | None = None
    """Index into `COLOURS`."""
    relation: int | None = None
    """Index into `RELATIONS`."""
    landmark: int | None = None
    source: int | None = None

    def record(self) -> dict[str, str | None]:
        """The programme in words, every key each time, for `metadata.jsonl`."""
        return {
            "form": self.form.value,
            "target": KINDS[self.target],
            "color": None if self.colour is None else COLOURS[self.colour],
            "relation": None if self.relation is None else RELATIONS[self.relation],
            "landmark": None if self.landmark is None else KINDS[self.landmark],
            "source": None if self.source is None else KINDS[self.source],
        }

    def text(self) -> str:
        """The sentence in the paper's words."""
        target = KINDS[self.target]
        if self.form is Form.DIRECT and self.colour is not None:
            return f"The {target} is {COLOURS[self.colour]}."
        if self.form is Form.NAMED and self.source is not None:
            return f"The {target} has the same color as the {KINDS[self.source]}."
        if self.relation is None or self.landmark is None:
            raise ValueError(f"an incomplete statement: {self}")
        place = f"{RELATIONS[self.relation]} the {KINDS[self.landmark]}"
        if self.form is Form.RELATIONAL and self.colour is not None:
            return f"The color of the shape {place} is {COLOURS[self.colour]}."
        return f"The {target} has the same color as the shape {place}."


def count_hops(programme: Sequence[Statement]) -> tuple[int, ...]:
    """Hops that each shape needs, (9,) by kind.

    A direct sentence needs none and a relational one a look at one neighbour: one. Where the colour is given by
    reference, it is one more than the source's (in a spatial one the look at the landmark's neighbour is part of it).

    Raises:
        ValueError: the sentences leave a shape without a colour.
    """
    hops: dict[int, int] = {}
    waiting = list(programme)
    while waiting:
        left = []
        for s in waiting:
            if s.source is None:
                hops[s.target] = 0 if s.form is Form.DIRECT else 1
            elif s.source in hops:
                hops[s.target] = hops[s.source] + 1
            else:
                left.append(s)
        if len(left) == len(waiting):
            raise ValueError("the references go in a circle, or to a shape without a colour")
        waiting = left
    if len(hops) != len(KINDS):
        raise ValueError(f"{len(KINDS) - len(hops)} shapes have no colour")
    return tuple(hops[kind] for kind in range(len(KINDS)))

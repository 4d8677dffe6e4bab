"""What sentences about a free drawing say, apart from their words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lbie.data.cosal.programme import RELATIONS
from lbie.data.cosal.shapes import KINDS

ELLIPSES, HALVES, TRIANGLES, ANY = (1, 2), (3, 4), (5, 6), tuple(range(len(KINDS)))
"""Kinds that one word may mean."""
FAMILIES = (ELLIPSES, HALVES, TRIANGLES)


class Pick(StrEnum):
    """How shapes are told from the others of the kinds that are named."""

    ONLY = "only"
    """There is one such shape."""
    SIDE = "side"
    """The one that lies furthest to a side."""
    ORDER = "order"
    """The second, third, … from a side."""
    SIZE = "size"
    """The smallest, the largest, or the second smallest or largest."""
    PLACE = "place"
    """The one that lies beside a landmark."""
    ALL = "all"
    """Every such shape, two or more."""
    REST = "rest"
    """Every such shape that no sentence before has told."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Which shapes are meant. What a pick does not use is as by default."""

    pick: Pick
    kinds: tuple[int, ...]
    """Indices into `KINDS` that the noun may mean."""
    side: int | None = None
    """Index into `RELATIONS`: of `SIDE` and `ORDER` the side to count from, of `PLACE` where it lies."""
    rank: int = 1
    """Of `ORDER` and `SIZE`, from 1."""
    largest: bool = False
    """Of `SIZE`: count from the largest."""
    landmark: Reference | None = None
    """Of `PLACE`."""

    def record(self) -> dict[str, Any]:
        """In words, for JSON."""
        return {
            "pick": self.pick.value,
            "kinds": [KINDS[k] for k in self.kinds],
            "side": None if self.side is None else RELATIONS[self.side],
            "rank": self.rank,
            "largest": self.largest,
            "landmark": None if self.landmark is None else self.landmark.record(),
        }


@dataclass(frozen=True, slots=True)
class Instruction:
    """The programme behind one sentence."""

    target: Reference
    """The shapes whose colour is told."""
    colour: int | None
    """Index into the colours of the world, or None where it is another shape's."""
    source: Reference | None = None
    """The shape, told before, whose colour the target takes."""
    again: bool = False
    """Whether it changes what was told before."""

    @property
    def form(self) -> str:
        """The kind of sentence: `again`, `named` or `spatial` (whose source is), or how the target is picked."""
        if self.again:
            return "again"
        if self.source is not None:
            return "spatial" if self.source.pick is Pick.PLACE else "named"
        return self.target.pick.value

    def record(self) -> dict[str, Any]:
        """In words, for JSON."""
        source = None if self.source is None else self.source.record()
        return {"form": self.form, "target": self.target.record(), "source": source, "again": self.again}


FORMS = (*(pick.value for pick in Pick), "named", "spatial", "again")
"""Every form of an instruction."""

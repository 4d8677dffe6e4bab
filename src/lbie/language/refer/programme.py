"""What a phrase means: a small tree of choices among the things of a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lbie.language.refer.nouns import Noun

Side = Literal["left", "right", "top", "bottom"]
Place = Literal["left", "right", "top", "bottom", "middle", "top left", "top right", "bottom left", "bottom right"]
Relation = Literal["left of", "right of", "above", "below", "next to", "closest to", "on"]


@dataclass(frozen=True)
class Things:
    """All that a noun names."""

    noun: Noun


@dataclass(frozen=True)
class Coloured:
    """Those that have a colour."""

    of: Node
    colour: str


@dataclass(frozen=True)
class Placed:
    """Those that lie in a part of the picture."""

    of: Node
    place: Place


@dataclass(frozen=True)
class Ranked:
    """The one at a place in their row: rank 0 from the left is the leftmost."""

    of: Node
    side: Side
    rank: int
    loose: bool = False
    """Said only `the left one`: it has to stand well apart."""


@dataclass(frozen=True)
class Middle:
    """The middle one of three or five."""

    of: Node


@dataclass(frozen=True)
class Sized:
    """The largest or the smallest."""

    of: Node
    largest: bool


@dataclass(frozen=True)
class InFront:
    """The one nearest to the camera."""

    of: Node


@dataclass(frozen=True)
class Related:
    """Those that stand in a relation to another thing, which is the only one of its description."""

    of: Node
    relation: Relation
    anchor: Node


Node = Things | Coloured | Placed | Ranked | Middle | Sized | InFront | Related


def hops(node: Node) -> int:
    """Other things that have to be found before the one that is meant."""
    if isinstance(node, Things):
        return 0
    return hops(node.of) + (1 + hops(node.anchor) if isinstance(node, Related) else 0)


def kinds_in(node: Node) -> frozenset[str]:
    """All the categories that its words surely name."""
    if isinstance(node, Things):
        return node.noun.kinds
    return kinds_in(node.of) | (kinds_in(node.anchor) if isinstance(node, Related) else frozenset())

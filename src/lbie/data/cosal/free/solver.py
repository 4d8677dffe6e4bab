"""Finds the shapes that a programme means, and refuses where a person could doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from lbie.data.cosal.free.outlines import area, centroid, span
from lbie.data.cosal.free.programme import Instruction, Pick, Reference

APART = 0.2
"""Of two shapes' mean extent: how much further to a side the one that lies so is, at least."""
LARGER = 1.4
"""Areas of two shapes of which one is the larger, at least."""
_STEEP, _WIDE = 0.5, 2.0  # across to along: what lies beside a landmark, and what one might take for it
_FARTHER = 1.6  # how much farther away than the one that is meant is what nobody takes for it
_SIGN = (-1, 1, -1, 1)


class UnclearError(ValueError):
    """A reference that means nothing, or not surely one thing."""


@dataclass(frozen=True)
class Scene:
    """Measures of N shapes, in pixels."""

    kinds: tuple[int, ...]
    centre: tuple[tuple[float, float], ...]
    """x, y of each centroid."""
    low: tuple[tuple[float, float], ...]
    """Left and top."""
    high: tuple[tuple[float, float], ...]
    """Right and bottom."""
    area: tuple[float, ...]
    span: tuple[float, ...]
    """Largest diameter."""

    @classmethod
    def of_outlines(cls, kinds: Sequence[int], outlines: Sequence[np.ndarray]) -> Scene:
        """Measures of whole shapes, (P, 2) points each, whatever covers them."""
        return cls(
            tuple(kinds),
            tuple([_pair(centroid(p)) for p in outlines]),
            tuple([_pair(p.min(0)) for p in outlines]),
            tuple([_pair(p.max(0)) for p in outlines]),
            tuple([area(p) for p in outlines]),
            tuple([span(p) for p in outlines]),
        )

    @classmethod
    def of_masks(cls, kinds: Sequence[int], masks: Sequence[np.ndarray]) -> Scene:
        """Measures of what is seen of shapes, (H, W) bool each."""
        measures = []
        for mask in masks:
            found = cv2.findNonZero(mask.astype(np.uint8))
            if found is None:
                raise UnclearError("a shape cannot be seen")
            points = found.reshape(-1, 2).astype(float) + 0.5  # (P, 2)
            measures.append((points.mean(0), points.min(0) - 0.5, points.max(0) + 0.5, len(points), span(points) + 1))
        centres, lows, highs, areas, spans = zip(*measures, strict=True)
        centre, low, high = (tuple([_pair(p) for p in several]) for several in (centres, lows, highs))
        return cls(tuple(kinds), centre, low, high, tuple(map(float, areas)), tuple(spans))

    def __len__(self) -> int:
        return len(self.kinds)

    def members(self, kinds: Sequence[int]) -> list[int]:
        """The shapes of these kinds."""
        return [i for i, kind in enumerate(self.kinds) if kind in kinds]

    @cached_property
    def beyond(self) -> np.ndarray:
        """(4, N, N) bool: whether shape i plainly lies further to a side than shape j.

        Its centre does, and neither of its ends lies the other way.
        """
        centre, low, high = np.array(self.centre), np.array(self.low), np.array(self.high)  # (N, 2)
        extent = (high - low)[:, None] + (high - low)[None]  # (N, N, 2)
        found = np.zeros((4, len(self), len(self)), bool)
        for side, sign in enumerate(_SIGN):
            axis = 1 if side < 2 else 0
            gap, *ends = (sign * (p[:, None, axis] - p[None, :, axis]) for p in (centre, low, high))
            slack = -0.02 * extent[..., axis]
            apart = gap >= APART * extent[..., axis] / 2
            found[side] = apart & (ends[0] >= slack) & (ends[1] >= slack)
        return found

    @cached_property
    def larger(self) -> np.ndarray:
        """(N, N) bool: whether shape i is plainly larger than shape j, in area and not shorter."""
        areas, spans = np.array(self.area), np.array(self.span)
        return (areas[:, None] >= LARGER * areas) & (spans[:, None] >= spans)

    @cached_property
    def rankings(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """Who is plainly ahead of whom, for each of the four sides, then counted from the largest and the smallest.

        Each as two rows of N numbers whose bits are shapes: those that shape i is ahead of, those ahead of it.
        """
        tables = [*self.beyond, self.larger, self.larger.T]
        weights = [1 << j for j in range(len(self))]

        def bits(table: np.ndarray) -> tuple[int, ...]:
            return tuple(sum(w for w, on in zip(weights, row, strict=True) if on) for row in table.tolist())

        return tuple((bits(table), bits(table.T)) for table in tables)

    def beside(self, i: int, landmark: int, side: int) -> tuple[float, float, bool]:
        """How shape i lies from a landmark: along the side's way, across it, and whether it begins where that ends."""
        axis, sign = (1 if side < 2 else 0), _SIGN[side]
        along = sign * (self.centre[i][axis] - self.centre[landmark][axis])
        across = abs(self.centre[i][1 - axis] - self.centre[landmark][1 - axis])
        near, far = (self.low[i], self.high[landmark]) if sign > 0 else (self.high[i], self.low[landmark])
        extent = self.high[i][axis] - self.low[i][axis]
        return along, across, sign * (near[axis] - far[axis]) >= -0.15 * extent


def _pair(point: np.ndarray) -> tuple[float, float]:
    x, y = point.tolist()
    return x, y


def find(reference: Reference, scene: Scene, told: frozenset[int] = frozenset()) -> frozenset[int]:
    """The shapes that a reference means.

    Args:
        reference: what is said.
        scene: the drawing.
        told: the shapes that sentences before have told.

    Raises:
        UnclearError: none is meant, or it is not plain which.
    """
    members = scene.members(reference.kinds)
    match reference.pick:
        case Pick.ONLY:
            if len(members) != 1:
                raise UnclearError(f"{len(members)} such shapes, not one")
            return frozenset(members)
        case Pick.ALL:
            if len(members) < 2:
                raise UnclearError(f"{len(members)} such shapes, not several")
            return frozenset(members)
        case Pick.REST:
            rest = frozenset(members) - told
            if not rest or len(rest) == len(members):
                raise UnclearError("all such shapes are left, or none")
            return rest
        case Pick.PLACE:
            return frozenset((_find_beside(reference, members, scene, told),))
        case _:
            return frozenset((_find_ranked(reference, members, scene),))


def _find_ranked(reference: Reference, members: Sequence[int], scene: Scene) -> int:
    """The one of which `rank - 1` lie plainly before, and the others plainly behind."""
    if len(members) < 2:
        raise UnclearError("nothing to compare with")
    way = reference.side if reference.side is not None else (4 if reference.largest else 5)
    ahead, behind = scene.rankings[way]
    everyone = sum(1 << i for i in members)
    for i in members:
        others = everyone & ~(1 << i)
        before = others & behind[i]
        if before.bit_count() == reference.rank - 1 and not others & ~before & ~ahead[i]:
            return i
    raise UnclearError("not plainly so")


def _find_beside(reference: Reference, members: Sequence[int], scene: Scene, told: frozenset[int]) -> int:
    """The nearest one straight to a side of the landmark, where no other is nearly as near and nearly so."""
    if reference.landmark is None or reference.side is None:
        raise UnclearError("a place beside nothing")
    (landmark,) = find(reference.landmark, scene, told)
    straight, rivals = [], []
    for i in members:
        if i == landmark:
            continue
        along, across, begins = scene.beside(i, landmark, reference.side)
        distance = along**2 + across**2
        if along > 0 and across <= _WIDE * along:
            rivals.append((distance, i))
            if across <= _STEEP * along and begins:
                straight.append((distance, i))
    if not straight:
        raise UnclearError("nothing lies there")
    nearest, found = min(straight)
    if any(i != found and distance < nearest * _FARTHER**2 for distance, i in rivals):
        raise UnclearError("more than one thing lies there")
    return found


@dataclass(frozen=True)
class Solution:
    """What a programme tells of N shapes."""

    colours: tuple[int | None, ...]
    """Of each shape, None where nothing is said."""
    told_by: tuple[int | None, ...]
    """The sentence that told it last."""
    hops: tuple[int, ...]
    """References that each shape's colour was handed over by; 0 where it is told directly, or not at all."""
    sources: tuple[int | None, ...]
    """The shape from which each one took its colour, None where it is told directly, or not at all."""


def solve_programme(programme: Sequence[Instruction], scene: Scene) -> Solution:
    """Follow a programme, sentence after sentence.

    Raises:
        UnclearError: a sentence means nothing sure, or one tells again what was told though it does not say so.
    """
    colours: list[int | None] = [None] * len(scene)
    told_by: list[int | None] = [None] * len(scene)
    hops = [0] * len(scene)
    taken_from: list[int | None] = [None] * len(scene)
    for number, said in enumerate(programme):
        told = frozenset(i for i, by in enumerate(told_by) if by is not None)
        targets = find(said.target, scene, told)
        if targets & told if not said.again else targets - told:
            raise UnclearError(f"sentence {number + 1} tells again what was told, or for the first time what was not")
        colour, hop, source = said.colour, 0, None
        if said.source is not None:
            sources = find(said.source, scene, told)
            if len(sources) != 1 or not sources <= told:
                raise UnclearError(f"sentence {number + 1} takes the colour of a shape that has none yet")
            (source,) = sources
            colour, hop = colours[source], hops[source] + 1
        for i in targets:
            colours[i], told_by[i], hops[i], taken_from[i] = colour, number, hop, source
    return Solution(tuple(colours), tuple(told_by), tuple(hops), tuple(taken_from))

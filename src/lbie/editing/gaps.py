"""Gaps in the strokes of a drawing, closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lbie.editing.strokes import Ends

_WORK = 280_000  # pixels on which gaps are looked for
_NARROW = 0.6  # of the half width of an area, from which on a passage into it is no gap
_SHOULDER = 0.92  # of the half width of a basin: a passage as wide only leads to a narrower part of the same area
_CRACK = 1.7  # pixels: half of a passage that is a gap however the strokes lie
_OPEN = 0.33  # of the edge of an area: what is more open is no area
_RIM = 1.8  # pixels: what is nearer to ink is the edge of an area
_MOST = 2000  # passages that are looked at


def close_gaps(paper: np.ndarray, filled: np.ndarray) -> np.ndarray:
    """Where the outline of an area is broken.

    Paper is divided into basins at its narrowest places; two remain apart where the passage is narrow against the
    smaller one, and is between the end of a stroke and another.

    Args:
        paper: (H, W) bool, no stroke and no fill.
        filled: (H, W) bool, on and beside fills, which have no ends.

    Returns:
        (H, W) bool: pixels across gaps; without them, paper on both sides is not connected (by four neighbours).
    """
    height, width = paper.shape
    scale = min(1.0, (_WORK / paper.size) ** 0.5)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        share = cv2.resize(paper.astype(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
        near = cv2.resize(filled.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        cut = _cuts(share > 150, near)
        if not cut.any():
            return np.zeros_like(paper)
        cut = cv2.dilate(cut.astype(np.uint8), np.ones((3, 3), np.uint8))
        return cv2.resize(cut, (width, height), interpolation=cv2.INTER_NEAREST) > 0
    return _cuts(paper, filled)


def _cuts(paper: np.ndarray, filled: np.ndarray) -> np.ndarray:
    """The same at the size at which gaps are looked for."""
    if paper.all() or not paper.any():
        return np.zeros_like(paper)
    depth, nearest = cv2.distanceTransformWithLabels(
        paper.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    basins, peaks = _basins(depth, paper)
    groups = _Groups(peaks, np.unique(_frame(basins)))
    where = np.zeros(int(nearest.max()) + 1, np.int64)  # the pixel of ink that each label is
    ink = np.flatnonzero(~paper)
    where[nearest.ravel()[ink]] = ink
    gaps = _join_basins(groups, _passages(depth, basins), Ends(~paper, filled, where[nearest], depth))
    _open_wide(groups, gaps, np.bincount(basins[paper & (depth < _RIM)], minlength=len(peaks)))
    return _borders(groups.all()[basins], paper)


@dataclass(frozen=True, slots=True)
class _Gap:
    """A passage between two basins that may be a gap in a stroke."""

    first: int
    second: int
    half: float
    """Half its width."""
    wide: float
    """Its width, or 0 of a part of another gap."""


def _join_basins(groups: _Groups, passages: Passages, ends: Ends) -> list[_Gap]:
    """Join basins, those with the widest passage first, but for gaps; these are returned, the widest first."""
    gaps: list[_Gap] = []
    looked = 0
    for first, second, half, place in passages:
        a, b = groups.of(first), groups.of(second)
        if a == b:
            continue
        lesser = a if groups.peak[a] < groups.peak[b] else b
        shoulder = half >= _SHOULDER * groups.peak[lesser] and not groups.outside[lesser]
        narrow = half < _NARROW * max(groups.peak[a], groups.peak[b])
        if narrow and not shoulder and looked < _MOST:
            looked += 1
            again = ends.at_gap(place)
            if again or half < _CRACK or ends.across(place):
                ends.remember(place)
                gaps.append(_Gap(first, second, half, 0.0 if again else 2 * half))
                continue
        groups.join(a, b)
    return gaps


def _open_wide(groups: _Groups, gaps: Sequence[_Gap], edge: np.ndarray) -> None:
    """Join areas again whose gaps are wide against their size or their edge, (N,) pixels of each basin."""
    around = np.bincount(groups.all(), edge, len(edge))
    opening = np.zeros(len(edge))
    for gap in gaps:
        for end in {groups.of(gap.first), groups.of(gap.second)}:
            opening[end] += gap.wide
    loose = opening > _OPEN * (around + opening)
    for gap in gaps:
        a, b = groups.of(gap.first), groups.of(gap.second)
        inner = [group for group in (a, b) if not groups.outside[group]]
        wide = not inner or gap.half >= _NARROW * min(groups.peak[group] for group in inner)
        if wide or any(loose[group] for group in inner):
            groups.join(a, b)


class _Groups:
    """Basins that belong together."""

    def __init__(self, peaks: np.ndarray, outside: np.ndarray) -> None:
        self.parent = list(range(len(peaks)))
        self.peak = peaks.tolist()
        self.outside = [False] * len(peaks)
        for i in outside.tolist():
            self.outside[i] = i > 0

    def of(self, i: int) -> int:
        """The group of a basin, which is one of its basins."""
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def all(self) -> np.ndarray:
        """(N,) the group of each basin."""
        return np.array([self.of(i) for i in range(len(self.parent))])

    def join(self, a: int, b: int) -> None:
        """Make one group of those of two basins."""
        a, b = self.of(a), self.of(b)
        if a != b:
            self.parent[b] = a
            self.peak[a] = max(self.peak[a], self.peak[b])
            self.outside[a] = self.outside[a] or self.outside[b]


def _frame(labels: np.ndarray) -> np.ndarray:
    return np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])


def _basins(depth: np.ndarray, paper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which local maximum of the depth each pixel climbs to: (H, W) int32, 0 off the paper; and how deep each is."""
    height, width = depth.shape
    padded = cv2.copyMakeBorder(depth, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=-1)
    best = depth.copy()
    index = np.arange(depth.size, dtype=np.int32).reshape(depth.shape)
    target = index.copy()
    for dy in (0, 1, 2):
        for dx in (0, 1, 2):
            if dy == dx == 1:
                continue
            other = padded[dy : dy + height, dx : dx + width]
            better = other > best
            np.copyto(best, other, where=better)
            np.copyto(target, index + ((dy - 1) * width + dx - 1), where=better)
    top = (target == index) & paper
    flat = target.ravel()
    while True:
        further = flat[flat]
        if (further == flat).all():
            break
        flat = further
    count, tops = cv2.connectedComponents(top.astype(np.uint8), connectivity=8)
    basins = np.where(paper, tops.ravel()[flat].reshape(depth.shape), 0)
    peaks = np.zeros(count, np.float32)
    peaks[tops[top]] = depth[top]
    return basins, peaks


Passages = list[tuple[int, int, float, int]]
"""Each two basins that touch, how deep it is where they do at most, and the pixel where that is; the deepest first."""


def _passages(depth: np.ndarray, basins: np.ndarray) -> Passages:
    index = np.arange(depth.size).reshape(depth.shape)
    parts = []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = basins[one], basins[other]
        touch = (a != b) & (a > 0) & (b > 0)
        low, high = np.minimum(a[touch], b[touch]), np.maximum(a[touch], b[touch])
        parts.append((low, high, np.minimum(depth[one][touch], depth[other][touch]), index[one][touch]))
    first, second, saddle, place = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((-saddle, second, first))
    first, second, saddle, place = first[order], second[order], saddle[order], place[order]
    new = np.ones(len(first), bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    first, second, saddle, place = first[new], second[new], saddle[new], place[new]
    order = np.argsort(-saddle, kind="stable")
    columns = (column[order].tolist() for column in (first, second, saddle, place))
    return list(zip(*columns, strict=True))


def _borders(groups: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of paper beside another group."""
    cut = np.zeros(paper.shape, bool)
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        differ = (groups[one] != groups[other]) & paper[one] & paper[other]
        cut[one] |= differ
        cut[other] |= differ
    return cut

"""Gaps in the strokes of a drawing, closed."""

from __future__ import annotations

import cv2
import numpy as np

_WORK = 280_000  # pixels on which gaps are looked for
_NARROW = 0.6  # of the half width of an area, from which on a passage into it is no gap
_TURNS = 32
_RADII = (3.0, 4.5, 7.0, 10.0, 15.0)
_TIP = 0.78  # how much of what is around the end of a stroke lies on one side
_BEFORE = -0.35  # cosine: what is farther before the end of a stroke is across the gap
_SHOULDER = 0.92  # of the half width of a basin: a passage as wide only leads to a narrower part of the same area
_OPEN = 0.33  # of the edge of an area: what is more open is no area
_RIM = 1.8  # pixels: what is nearer to ink is the edge of an area
_BESIDE = 2.0  # pixels: how far past the ends of strokes a gap reaches
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
    group = _Groups(peaks, np.unique(_frame(basins)))
    first, second, saddles, places = _passages(depth, basins)
    where = np.zeros(int(nearest.max()) + 1, np.int64)  # the pixel of ink that each label is
    ink = np.flatnonzero(~paper)
    where[nearest.ravel()[ink]] = ink
    ends = _Ends(~paper, filled, where[nearest], depth)
    gaps: list[int] = []
    wide: dict[int, float] = {}
    looked = 0
    for i in np.argsort(-saddles, kind="stable").tolist():
        a, b = group.of(int(first[i])), group.of(int(second[i]))
        if a == b:
            continue
        lesser = a if group.peak[a] < group.peak[b] else b
        shoulder = saddles[i] >= _SHOULDER * group.peak[lesser] and not group.outside[lesser]
        narrow = saddles[i] < _NARROW * max(group.peak[a], group.peak[b])
        if narrow and not shoulder and looked < _MOST:
            looked += 1
            place = int(places[i])
            again = ends.at_gap(place)
            if again or ends.across(place):
                ends.remember(place)
                gaps.append(i)
                wide[i] = 0.0 if again else 2 * float(saddles[i])
                continue
        group.join(a, b)
    edge = np.bincount(basins[paper & (depth < _RIM)], minlength=len(peaks))
    around = np.bincount([group.of(i) for i in range(len(peaks))], edge, len(peaks))
    opening = np.zeros(len(peaks))
    for i in gaps:
        for end in {group.of(int(first[i])), group.of(int(second[i]))}:
            opening[end] += wide[i]
    loose = opening > _OPEN * (around + opening)
    for i in gaps:
        for end in (int(first[i]), int(second[i])):
            if loose[group.of(end)] and not group.outside[group.of(end)]:
                group.join(int(first[i]), int(second[i]))
        a, b = group.of(int(first[i])), group.of(int(second[i]))
        inner = [group.peak[g] for g in (a, b) if not group.outside[g]]
        if a != b and (not inner or saddles[i] >= _NARROW * min(inner)):
            group.join(a, b)
    return _borders(np.array([group.of(i) for i in range(len(peaks))])[basins], paper)


class _Groups:
    """Basins that belong together."""

    def __init__(self, peaks: np.ndarray, outside: np.ndarray) -> None:
        self.parent = list(range(len(peaks)))
        self.peak = peaks.tolist()
        self.outside = [False] * len(peaks)
        for i in outside.tolist():
            self.outside[i] = i > 0

    def of(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, a: int, b: int) -> None:
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


def _passages(depth: np.ndarray, basins: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Each two basins that touch, how deep it is where they do at most, and the pixel where that is."""
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
    return first[new], second[new], saddle[new], place[new]


def _borders(groups: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """(H, W) bool: pixels of paper beside another group."""
    cut = np.zeros(paper.shape, bool)
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        differ = (groups[one] != groups[other]) & paper[one] & paper[other]
        cut[one] |= differ
        cut[other] |= differ
    return cut


class _Ends:
    """Whether strokes end at a passage."""

    def __init__(self, ink: np.ndarray, filled: np.ndarray, nearest: np.ndarray, depth: np.ndarray) -> None:
        """Ink (H, W) bool, fills (H, W) bool, index of the nearest pixel of ink (H, W), and how far it is."""
        self.ink, self.filled, self.nearest, self.depth = ink, filled, nearest, depth
        angles = np.arange(_TURNS) * (2 * np.pi / _TURNS)
        self.ways = np.stack([np.sin(angles), np.cos(angles)], 1)  # (32, 2) down, right

        self.gaps: list[tuple[int, int, float]] = []

    def remember(self, place: int) -> None:
        """Note that there is a gap about a pixel."""
        y, x = divmod(place, self.ink.shape[1])
        self.gaps.append((y, x, float(self.depth.flat[place]) + _BESIDE))

    def at_gap(self, place: int) -> bool:
        """Whether a pixel is within a gap that was found before, where it is wider."""
        y, x = divmod(place, self.ink.shape[1])
        return any((y - v) ** 2 + (x - h) ** 2 <= reach**2 for v, h, reach in self.gaps)

    def across(self, place: int) -> bool:
        """Whether the stroke on one side of a pixel ends there."""
        width = self.ink.shape[1]
        middle = np.array(divmod(place, width))
        reach = int(np.ceil(self.depth.flat[place])) + 1
        top, left = np.maximum(middle - reach, 0)
        around = np.unique(self.nearest[top : middle[0] + reach + 1, left : middle[1] + reach + 1])
        points = np.stack(np.divmod(around, width), 1)  # (N, 2)
        one = np.array(divmod(int(self.nearest.flat[place]), width))
        to = points - middle
        length = np.maximum(np.linalg.norm(to, axis=1), 1e-6)
        straight = (one - middle) / max(float(np.linalg.norm(one - middle)), 1e-6)
        cosine = to @ straight / length
        facing = cosine < -0.5
        if not facing.any():
            return False
        other = points[facing][(length[facing] * (1.5 + cosine[facing])).argmin()]
        line = (other - one) / max(float(np.linalg.norm(other - one)), 1e-6)
        return self._ends(one, -line) or self._ends(other, line)

    def _ends(self, point: np.ndarray, way: np.ndarray) -> bool:
        """Whether ink about a point lies on one side of it alone, in a narrow sector."""
        if self.filled[point[0], point[1]]:
            return False
        along = self.ways @ way
        for radius in _RADII:
            at = np.rint(point + radius * self.ways).astype(int)
            inside = ((at >= 0) & (at < self.ink.shape)).all(1)
            inside &= along > _BEFORE
            found = np.zeros(_TURNS, bool)
            found[inside] = self.ink[at[inside, 0], at[inside, 1]]
            if not found.any():
                return False
            if along[found].mean() > _TIP:
                return True
        return False

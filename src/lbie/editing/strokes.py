"""Where the strokes of a drawing end."""

from __future__ import annotations

import numpy as np

_TURNS = 32
_RADII = (3.0, 4.5, 7.0, 10.0, 15.0)
_TIP = 0.78  # how much of what is around the end of a stroke lies on one side
_BEFORE = -0.35  # cosine: what is farther before the end of a stroke is across the gap
_BESIDE = 2.0  # pixels: how far past the ends of strokes a gap reaches


class Ends:
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

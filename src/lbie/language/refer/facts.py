"""What is measured of a scene, once, for phrases to be made from."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from lbie.data.scene import Scene
from lbie.language.refer.colours import COLOURS, colour_values, is_gray

SMALLEST = 0.0015
"""Share of the picture that a thing has to cover to be asked for."""
LEAST_SHOWN = 0.3
"""Share of a thing that has to show for it to be asked for."""
_GRID = 80
"""Longer side at which distances between masks are measured."""


class Facts:
    """Measures of a scene's N things. Lengths are in units of the picture's width (x) and height (y)."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        things = scene.instances
        self.kinds = tuple(t.category for t in things)
        height, width = scene.image.shape[:2]
        self._boxes = np.array([_box(t.mask) for t in things], int).reshape(-1, 4)
        y0, x0, y1, x1 = self._boxes.T
        self.box = np.stack([y0 / height, x0 / width, y1 / height, x1 / width], axis=1)
        """(N, 4): top, left, bottom, right; all zero where nothing shows."""
        self.area = np.array(
            [t.mask[a:c, b:d].sum() / (height * width) for t, (a, b, c, d) in zip(things, self._boxes, strict=True)]
        ).reshape(-1)
        """(N,): share of the picture."""
        shown = np.array([t.shown for t in things]).reshape(-1)
        self.askable = (self.area >= SMALLEST) & (shown >= LEAST_SHOWN)
        """(N,) bool: large and whole enough to be asked for or to be told from."""
        self._colours: dict[int, np.ndarray] = {}
        self._far: dict[int, np.ndarray] = {}
        self.relations: dict[tuple[str, int], np.ndarray] = {}
        """What `relation_values` has found."""

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def centre_x(self) -> np.ndarray:
        """(N,): middle of the box."""
        return (self.box[:, 1] + self.box[:, 3]) / 2

    @property
    def centre_y(self) -> np.ndarray:
        """(N,): middle of the box."""
        return (self.box[:, 0] + self.box[:, 2]) / 2

    def knows(self, kinds: frozenset[str]) -> bool:
        """Whether every thing of these categories is listed."""
        return self.scene.known is None or kinds <= self.scene.known

    def colours(self, index: int) -> np.ndarray:
        """(11,): how surely the thing has each of `COLOURS`; all .5 in a photo without colour."""
        if index not in self._colours:
            if self._is_gray:
                self._colours[index] = np.full(len(COLOURS), 0.5)
            else:
                a, b, c, d = self._boxes[index]
                self._colours[index] = colour_values(
                    self.scene.image[a:c, b:d], self.scene.instances[index].mask[a:c, b:d]
                )
        return self._colours[index]

    def distances(self, index: int) -> np.ndarray:
        """(N,): gap between each thing's pixels and this one's, in units of the picture's diagonal."""
        if index not in self._far:
            small = self._small
            away = cv2.distanceTransform(1 - small[index], cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            diagonal = np.hypot(*away.shape)
            self._far[index] = np.array([away[m > 0].min() / diagonal if m.any() else 1.0 for m in small])
        return self._far[index]

    def rests_on(self, index: int, other: int) -> float:
        """Share of what lies just under the lower third of a thing that is the other thing."""
        top, left, bottom, right = self._boxes[index]
        height, width = self.scene.image.shape[:2]
        pad = 1 + max(height, width) // 100
        window = np.s_[max(top + 2 * (bottom - top) // 3, 0) : min(bottom + pad, height), left:right]
        mine = self.scene.instances[index].mask[window].astype(np.uint8)
        if not mine.any():
            return 0.0
        lowered = np.zeros_like(mine)
        lowered[pad:] = mine[:-pad] if pad < len(mine) else 0
        under = (lowered > 0) & (mine == 0)
        return float(self.scene.instances[other].mask[window][under].mean()) if under.any() else 0.0

    @cached_property
    def _is_gray(self) -> bool:
        return is_gray(self.scene.image)

    @cached_property
    def _small(self) -> list[np.ndarray]:
        """N masks (h, w) uint8 of 0 and 1 on a coarse grid; a thing that shows keeps a pixel."""
        height, width = self.scene.image.shape[:2]
        scale = min(_GRID / max(height, width), 1.0)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        out = []
        for thing, box in zip(self.scene.instances, self._boxes, strict=True):
            grid = cv2.resize(thing.mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.3
            if not grid.any() and thing.mask.any():
                y, x = (box[:2] + box[2:]) // 2
                grid[min(int(y * scale), size[1] - 1), min(int(x * scale), size[0] - 1)] = True
            out.append(grid.astype(np.uint8))
        return out


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Top, left, bottom, right (exclusive) of a mask; zeros where it is empty."""
    rows = np.flatnonzero(mask.any(1))
    if not len(rows):
        return 0, 0, 0, 0
    columns = np.flatnonzero(mask[rows[0] : rows[-1] + 1].any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1

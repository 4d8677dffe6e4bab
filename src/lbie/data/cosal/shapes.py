"""The nine kinds of shapes, the six colours, and how a picture of them is drawn."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

KINDS = (
    "rectangle",
    "fat ellipse",
    "thin ellipse",
    "fat half-ellipse",
    "thin half-ellipse",
    "triangle",
    "inverse-triangle",
    "diamond",
    "circle",
)
"""Kind k of shape is `KINDS[k]`; it is the value of its pixels in a shape map."""
NO_SHAPE = 9
"""Background in a shape map."""
COLOURS = ("blue", "light-green", "red", "black", "gray", "yellow")
"""Colour c is `COLOURS[c]`; it is the value of its pixels in a class map."""
BACKGROUND = 6
"""Background in a class map: the colours come first, in the paper's order, and then the background."""
UNTOLD = 7
"""Class of a shape of which nothing is said: it stays as it is. In no world of the data set."""
CLASSES = 8
"""What a model tells apart."""
PALETTE = np.array(
    [(0, 0, 255), (0, 255, 0), (255, 0, 0), (0, 0, 0), (128, 128, 128), (255, 255, 0), (255, 255, 255)], np.uint8
)
"""(7, 3) RGB of each class."""
CELL, GRID = 16, 3
"""Side of a cell in pixels, and cells a side."""
SIZE = CELL * GRID
"""Side of a picture."""

_LOW, _MIDDLE, _HIGH = (0.2, 0.3), (0.45, 0.55), (0.7, 0.8)
_LEFT, _APEX = (0.2, 0.4), (0.4, 0.6)
_RANGES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.1, 0.3), (0.1, 0.3), (0.7, 0.9), (0.7, 0.9)),  # corners x0, y0, x1, y1
    *[(_MIDDLE, _MIDDLE)] * 4,  # centre of each kind of ellipse x, y
    (_LEFT, _HIGH, _HIGH, _HIGH, _APEX, _LOW),  # base x0, y0, base x1, y1, apex x, y
    (_LEFT, _LOW, _HIGH, _LOW, _APEX, _HIGH),
    (_LOW, _MIDDLE, _MIDDLE, _LOW, _HIGH, _MIDDLE, _MIDDLE, _HIGH),  # left, top, right, bottom vertex x, y
    (_MIDDLE, _MIDDLE, (0.3, 0.4)),  # centre x, y, radius
)
PARAMETERS = 8
"""Numbers that give a shape's geometry; kinds that need fewer leave the rest 0."""
_padded = np.array([[*ranges, *[(0.0, 0.0)] * (PARAMETERS - len(ranges))] for ranges in _RANGES])
LOWEST, HIGHEST = _padded[..., 0], _padded[..., 1]
"""(9, 8) bounds of each kind's parameters, in units of the cell: x to the right and y down from its upper left."""
_AXES = {1: (1 / 3, 1 / 6), 2: (1 / 6, 1 / 3), 3: (1 / 3, 1 / 6), 4: (1 / 6, 1 / 3)}
"""Half-axes of the ellipses, in units of the cell."""


def draw_shape(kind: int, geometry: np.ndarray, cell: int = CELL) -> np.ndarray:
    """One shape, filled by OpenCV after its coordinates were truncated to whole pixels.

    Args:
        kind: index into `KINDS`.
        geometry: (8,) parameters in units of the cell.
        cell: side of the cell in pixels.

    Returns:
        (cell, cell) uint8, 1 on the shape.
    """
    stamp = np.zeros((cell, cell), np.uint8)
    p = [int(x) for x in geometry[: len(_RANGES[kind])] * cell]
    if kind == 0:
        cv2.rectangle(stamp, (p[0], p[1]), (p[2], p[3]), 1, -1)
    elif kind in _AXES:
        x, y = _AXES[kind]
        cv2.ellipse(stamp, (p[0], p[1]), (int(x * cell), int(y * cell)), 0, 0, 180 if kind > 2 else 360, 1, -1)
    elif kind == 8:
        cv2.circle(stamp, (p[0], p[1]), p[2], 1, -1)
    else:
        cv2.fillConvexPoly(stamp, np.array(p, np.int32).reshape(-1, 2), 1)
    return stamp


class _Stamps:
    """Shapes drawn at the published size: truncated to whole pixels only 1,052 differ, so each is drawn once."""

    def __init__(self) -> None:
        self._place: dict[int, int] = {}
        self._stamps = np.zeros((0, CELL, CELL), np.uint8)

    def __call__(self, kinds: np.ndarray, geometry: np.ndarray) -> np.ndarray:
        """(...) kinds and (..., 8) geometry to (..., CELL, CELL) uint8 shape maps."""
        whole = (geometry * CELL).astype(np.int64)
        codes = (whole << (4 * np.arange(PARAMETERS))).sum(-1) + (kinds.astype(np.int64) << (4 * PARAMETERS))
        known, first, inverse = np.unique(codes.ravel(), return_index=True, return_inverse=True)
        flat_kinds, flat_geometry = kinds.ravel(), geometry.reshape(-1, PARAMETERS)
        new: list[np.ndarray] = []
        for code, where in zip(known.tolist(), first.tolist(), strict=True):
            if code not in self._place:
                self._place[code] = len(self._stamps) + len(new)
                kind = int(flat_kinds[where])
                new.append(np.where(draw_shape(kind, flat_geometry[where]), np.uint8(kind), np.uint8(NO_SHAPE)))
        if new:
            self._stamps = np.concatenate([self._stamps, np.stack(new)])
        places = np.array([self._place[code] for code in known.tolist()])
        return self._stamps[places[inverse]].reshape(*kinds.shape, CELL, CELL)


_stamps: Callable[[np.ndarray, np.ndarray], np.ndarray] = _Stamps()


def draw_shape_maps(arrangements: np.ndarray, geometry: np.ndarray) -> np.ndarray:
    """Shape maps of many worlds at the published size.

    Args:
        arrangements: (N, 9) kind in each cell, row by row from the upper left.
        geometry: (N, 9, 8) float64, of the shape in each cell, in units of the cell.

    Returns:
        (N, 48, 48) uint8: `KINDS` index of each pixel, or `NO_SHAPE`.
    """
    stamps = _stamps(arrangements, geometry).reshape(-1, GRID, GRID, CELL, CELL)  # (N, row, column, y, x)
    return stamps.swapaxes(2, 3).reshape(-1, SIZE, SIZE)


def draw_shape_map(arrangement: np.ndarray, geometry: np.ndarray, cell: int = CELL) -> np.ndarray:
    """Shape map (3 * cell, 3 * cell) uint8 of one world, (9,) kinds and (9, 8) geometry, at any size of cell."""
    rows = []
    for row in range(GRID):
        cells = []
        for place in range(GRID * row, GRID * row + GRID):
            kind = int(arrangement[place])
            cells.append(np.where(draw_shape(kind, geometry[place], cell), np.uint8(kind), np.uint8(NO_SHAPE)))
        rows.append(np.concatenate(cells, 1))
    return np.concatenate(rows)


def paint(shapes: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Class map uint8 of a shape map whose kinds have the colours (9,): 0 to 5, and `BACKGROUND`."""
    return np.append(colours, np.uint8(BACKGROUND)).astype(np.uint8)[shapes]


def ink_input(gray: np.ndarray) -> np.ndarray:
    """Gray levels in [0, 1], 0 ink and 1 paper, as the network takes them: [-1, 1]."""
    return gray * 2 - 1

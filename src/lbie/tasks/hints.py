"""Colour hints as the network takes them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lbie.colour.lab import AB_SCALE


def hint_map(points: Iterable[tuple[float, float, np.ndarray]], grid: tuple[int, int]) -> np.ndarray:
    """Hints on the grid of regions.

    Args:
        points: x and y in [0, 1], from the left and from the top, and the ab (2,) wanted there.
        grid: rows and columns of regions.

    Returns:
        (3, rows, columns) float32: ab / 100, the mean where several hints fall into a region, and 1 where there is
        one; else 0.
    """
    found = np.zeros((3, *grid), np.float32)
    for x, y, ab in points:
        row, column = (min(int(place * count), count - 1) for place, count in ((y, grid[0]), (x, grid[1])))
        found[:2, row, column] += ab / AB_SCALE
        found[2, row, column] += 1
    found[:2] /= np.maximum(found[2], 1)
    found[2] = found[2] > 0
    return found

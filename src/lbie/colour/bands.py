"""Bands of rows: what is done to a large photo is done to a few rows at a time, and without seams between them."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

_PIXELS = 250_000
"""Of a band."""


def bands(height: int, width: int) -> Iterator[slice]:
    """Rows of a picture, from the top, in bands of some hundred thousand pixels."""
    rows = max(1, _PIXELS // width)
    for top in range(0, height, rows):
        yield slice(top, min(height, top + rows))


def enlarged(maps: np.ndarray, size: tuple[int, int], rows: slice) -> np.ndarray:
    """Some rows of a small map enlarged linearly, as `cv2.resize` of the whole gives them.

    Args:
        maps: (h, w) or (h, w, C) float32, C at most 4.
        size: height and width (H, W) of the whole.
        rows: which of its rows.

    Returns:
        (rows, W) or (rows, W, C) float32.
    """
    height = len(maps)
    y = (np.arange(rows.start, rows.stop) + 0.5) * (height / size[0]) - 0.5
    y = y.clip(0, height - 1)
    low = y.astype(int)
    high = np.minimum(low + 1, height - 1)
    first, last = int(low[0]), int(high[-1]) + 1
    wide = cv2.resize(maps[first:last], (size[1], last - first), interpolation=cv2.INTER_LINEAR)
    weights = np.zeros((len(y), last - first), np.float32)  # of each row of `wide` in each of the result
    each = np.arange(len(y))
    weights[each, low - first] = 1 - (y - low)
    weights[each, high - first] += y - low
    return (weights @ wide.reshape(last - first, -1)).reshape(len(y), size[1], *maps.shape[2:])

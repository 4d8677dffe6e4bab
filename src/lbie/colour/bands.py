"""Bands of rows: what is done to a large photo is done to a few rows at a time, and without seams between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

LONGEST = 32_000
"""Rows or columns that `cv2.remap` takes at once: it counts in 16 bits."""
_PIXELS = 64_000
"""Of a band: what is made of it stays in the processor's cache."""


def bands(height: int, width: int) -> Iterator[slice]:
    """Rows of a picture, from the top, in bands of some ten thousand pixels."""
    rows = min(LONGEST, max(1, _PIXELS // width))
    for top in range(0, height, rows):
        yield slice(top, min(height, top + rows))


def each_band(work: Callable[[slice], None], height: int, width: int) -> None:
    """Do something for each of the `bands`, on as many threads as OpenCV may take."""
    first, *others = bands(height, width)
    work(first)  # here, so that tables which it needs are made once
    if not others:
        return
    with ThreadPoolExecutor(max(1, min(len(others), cv2.getNumThreads()))) as pool:
        for _ in pool.map(work, others):
            pass


def counted(labels: np.ndarray, count: int, where: np.ndarray | None = None) -> np.ndarray:
    """(count,) how often each of the labels (H, W), from 0 to count - 1, is there, or is where a mask (H, W) is."""
    found = np.zeros(count, np.int64)
    for rows in bands(*labels.shape):
        some = labels[rows].ravel() if where is None else labels[rows][where[rows]]
        found += np.bincount(some, minlength=count)
    return found


def resized(maps: np.ndarray, size: tuple[int, int], interpolation: int, wraps: bool = False) -> np.ndarray:
    """`cv2.resize` of (h, w) or (h, w, C) to height and width; where it wraps, the sides touch.

    The mean of an area, `cv2.INTER_AREA`, reaches over no side.
    """
    height, width = size
    if not wraps or interpolation == cv2.INTER_AREA:
        return cv2.resize(maps, (width, height), interpolation=interpolation)
    return middle(cv2.resize(thrice(maps), (3 * width, height), interpolation=interpolation))


def thrice(maps: np.ndarray) -> np.ndarray:
    """A panorama (h, w) or (h, w, C) three times side by side, so that the one in the middle has no sides."""
    return np.concatenate([maps] * 3, axis=1)


def middle(maps: np.ndarray) -> np.ndarray:
    """The one in the middle of what `thrice` gave, or of what was made of it."""
    width = maps.shape[1] // 3
    return np.ascontiguousarray(maps[:, width : 2 * width])


def blurred(maps: np.ndarray, deviation: float, wraps: bool = False) -> np.ndarray:
    """`cv2.GaussianBlur`, mirrored at the sides; where it wraps, with the sides of a panorama touching."""
    if wraps:
        return middle(blurred(thrice(maps), deviation))
    return cv2.GaussianBlur(maps, (0, 0), deviation, borderType=cv2.BORDER_REFLECT_101)


def enlarged(maps: np.ndarray, size: tuple[int, int], rows: slice, wraps: bool = False) -> np.ndarray:
    """Some rows of a small map enlarged linearly, as `cv2.resize` of the whole gives them.

    Args:
        maps: (h, w) or (h, w, C) float32, C at most 4.
        size: height and width (H, W) of the whole.
        rows: which of its rows.
        wraps: whether its sides touch.

    Returns:
        (rows, W) or (rows, W, C) float32.
    """
    height = len(maps)
    y = (np.arange(rows.start, rows.stop) + 0.5) * (height / size[0]) - 0.5
    y = y.clip(0, height - 1)
    low = y.astype(int)
    high = np.minimum(low + 1, height - 1)
    first, last = int(low[0]), int(high[-1]) + 1
    wide = resized(maps[first:last], (last - first, size[1]), cv2.INTER_LINEAR, wraps)
    share = (y - low).astype(np.float32).reshape(-1, *[1] * (maps.ndim - 1))
    # No product of matrices: BLAS may give it threads of its own, which get in the way of those that bands have.
    out, added = wide[low - first], wide[high - first]
    added -= out
    added *= share
    out += added
    return out

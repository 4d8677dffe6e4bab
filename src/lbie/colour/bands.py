"""Bands of rows: what is done to a large photo is done to a few rows at a time, and without seams between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

LONGEST = 32_000
"""Rows or columns that `cv2.remap` takes at once: it counts in 16 bits."""
_PIXELS = 160_000
"""Of a band: few enough for the caches, and enough that threads rarely wait for each other."""
_LARGE = 2_000_000
"""Pixels from which on a picture is halved before its size is taken down further."""
_ABOVE = 1.5
"""How much larger than wanted what was halved has to be."""


def bands(height: int, width: int) -> Iterator[slice]:
    """Rows of a picture, from the top, in bands of some hundred thousand pixels."""
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

    The mean of an area, `cv2.INTER_AREA`, reaches over no side; that of a large picture is taken of means of 2 x 2.
    """
    height, width = size
    if interpolation == cv2.INTER_AREA:
        return cv2.resize(halved(maps, size), (width, height), interpolation=cv2.INTER_AREA)
    if not wraps:
        return cv2.resize(maps, (width, height), interpolation=interpolation)
    wide = middle(cv2.resize(thrice(maps), (3 * width, len(maps)), interpolation=interpolation))
    return cv2.resize(wide, (width, height), interpolation=interpolation)


def halved(maps: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A large picture with half its sides, and again, as long as it stays well above the size that is wanted of it.

    Means of 2 x 2 pixels take a quarter of the time of other means.
    """
    height, width = maps.shape[0] // 2, maps.shape[1] // 2
    while 4 * height * width > _LARGE and height >= _ABOVE * size[0] and width >= _ABOVE * size[1]:
        maps = cv2.resize(maps, (width, height), interpolation=cv2.INTER_AREA)
        height, width = height // 2, width // 2
    return maps


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


def enlargement(
    maps: np.ndarray, size: tuple[int, int], wraps: bool = False, dtype: type[np.generic] = np.float32
) -> Callable[[slice, slice], np.ndarray]:
    """What gives parts of a small map that is enlarged linearly, as `cv2.resize` of the whole gives them.

    Args:
        maps: (h, w) or (h, w, C) float32, C at most 4.
        size: height and width (H, W) of the whole.
        wraps: whether its sides touch.
        dtype: of the parts: float32, or uint8, which is rounded and clipped.

    Returns:
        Takes rows and columns of the whole, and returns (rows, columns) or (rows, columns, C).
    """
    height = len(maps)
    wide = resized(maps, (height, size[1]), cv2.INTER_LINEAR, wraps)  # (h, W) or (h, W, C)
    place = ((np.arange(size[0]) + 0.5) * (height / size[0]) - 0.5).clip(0, height - 1)
    low = place.astype(int)
    depth = cv2.CV_8U if dtype == np.uint8 else cv2.CV_32F
    between = list(zip(low.tolist(), np.minimum(low + 1, height - 1).tolist(), (place - low).tolist(), strict=True))

    def part(rows: slice, columns: slice) -> np.ndarray:
        seen = wide[:, columns]
        out = np.empty((rows.stop - rows.start, *seen.shape[1:]), dtype)
        for row, (low, high, share) in zip(out, between[rows], strict=True):
            cv2.addWeighted(seen[low], 1 - share, seen[high], share, 0, row, depth)
        return out

    return part

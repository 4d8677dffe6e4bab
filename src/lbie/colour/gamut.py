"""Gamut mapping: strong colours at a given lightness that sRGB cannot show."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from lbie.colour.bands import blurred, resized
from lbie.colour.lab import lab_to_rgb, rgb_to_lab
from lbie.soon import soon

MOST_SHIFT = 18.0
"""The most that L* moves, in either direction, to make room for a colour."""
_EDITED = (6.0, 22.0)
"""Chroma from which on a pixel counts as coloured a little, and fully: L* moves only where it is coloured."""
_CHROMA = 140
_SHIFT_SIDE = 64
_MAKING = threading.Lock()


@dataclass(frozen=True)
class GamutTable:
    """The sRGB gamut by hue, in steps of one unit of L*, one degree of hue and one unit of chroma."""

    chroma: np.ndarray
    """(101, 361): largest chroma at each L* and hue; the last column repeats the first."""
    darkest: np.ndarray
    """(360, 140): lowest L* at which a hue has a chroma; the L* of the most vivid colour where none has it."""
    lightest: np.ndarray
    """(360, 140): highest L* likewise."""

    def most(self, lightness: np.ndarray, hue: np.ndarray) -> np.ndarray:
        """The largest chroma at L* and hues in degrees, (H, W) float32 each."""
        return cv2.remap(self.chroma, hue, lightness, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def gamut_table() -> GamutTable:
    """The table, computed once a process."""
    with _MAKING:  # who wants it while a thread is at it waits
        return _table()


def gamut_table_soon() -> None:
    """Have it computed by a thread, while something else is done; what goes wrong is told when it is wanted.

    It takes a tenth of a second, most of that for the tables that OpenCV makes for its first conversion to Lab.
    """
    if not _table.cache_info().currsize:
        soon("lbie-gamut", gamut_table)


@cache
def _table() -> GamutTable:
    """By looking which Lab colours survive the way to sRGB and back.

    By halving, so that dents of the gamut of less than one unit of colour, which rounding makes, are passed over.
    """
    hue = np.radians(np.arange(360))
    way = np.stack([np.cos(hue), np.sin(hue)], -1)  # (360, 2)
    lab = np.empty((101, 360, 3), np.float32)
    lab[..., 0] = np.arange(101)[:, None]
    most = np.zeros((101, 360), np.int64)
    for step in (128, 64, 32, 16, 8, 4, 2, 1):
        tried = np.minimum(most + step, _CHROMA - 1)
        lab[..., 1:] = way * tried[..., None]
        same = np.abs(rgb_to_lab(lab_to_rgb(lab)) - lab).max(2) < 0.6
        most = np.where(same, tried, most)
    inside = np.arange(_CHROMA) <= most[..., None]  # (101, 360, 140)
    vivid = most.argmax(0)  # (360,)
    none = ~inside.any(0)  # (360, 140)
    darkest = np.where(none, vivid[:, None], inside.argmax(0))
    lightest = np.where(none, vivid[:, None], 100 - inside[::-1].argmax(0))
    most = np.concatenate([most, most[:, :1]], 1)
    return GamutTable(most.astype(np.float32), darkest.astype(np.float32), lightest.astype(np.float32))


def map_to_gamut(
    lightness: np.ndarray, ab: np.ndarray, wraps: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bring wanted colours into sRGB, by moving L* smoothly where there is colour, then by lowering chroma.

    The shift of L* is a blurred map, so the picture's detail stays; it is zero where there is no colour.

    Args:
        lightness: (H, W) float32 L* of the source.
        ab: (H, W, 2) float32 wanted chroma.
        wraps: whether the sides touch, as in a panorama.

    Returns:
        shift (H, W) float32 to add to L*, within `MOST_SHIFT`; a and b (H, W) float32 displayable at the shifted L*,
        of the same hue.
    """
    a, b = cv2.split(ab)
    chroma, hue = cv2.cartToPolar(a, b, angleInDegrees=True)
    shift = _shift(lightness, chroma, hue, wraps)
    _lower(lightness + shift, chroma, hue, a, b)
    return shift, a, b


def displayable(
    lightness: np.ndarray, a: np.ndarray, b: np.ndarray, factor: np.ndarray | float = 1
) -> list[np.ndarray]:
    """Lab (h, w) each, its chroma times a factor, but at most what sRGB shows at that L*: in place; hue stays."""
    _lower(lightness, *cv2.cartToPolar(a, b, angleInDegrees=True), a, b, factor)
    return [lightness, a, b]


def _lower(
    lightness: np.ndarray,
    chroma: np.ndarray,
    hue: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    factor: np.ndarray | float = 1,
) -> None:
    """Change a and b, whose chroma and hue these are, in place; chroma is used up."""
    most = gamut_table().most(lightness, hue)
    most /= np.maximum(chroma, 1e-6, out=chroma)
    np.minimum(most, factor, out=most)
    a *= most
    b *= most


def _shift(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray, wraps: bool) -> np.ndarray:
    """Change of L* that makes room for the chroma, (H, W): found at `_SHIFT_SIDE` pixels, as it is smooth anyway."""
    height, width = lightness.shape
    factor = min(1.0, _SHIFT_SIDE / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small_l, small_c = (cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (lightness, chroma))
    degree = np.rint(cv2.resize(hue, size, interpolation=cv2.INTER_NEAREST)).astype(np.int32) % 360
    table = gamut_table()
    level = np.minimum(np.rint(small_c), _CHROMA - 1).astype(np.int32)
    need = np.clip(small_l, table.darkest[degree, level], table.lightest[degree, level]) - small_l
    coloured = _coloured(small_c)
    around = np.dstack([np.clip(need, -MOST_SHIFT, MOST_SHIFT) * coloured, coloured])
    around = blurred(around, max(1.0, 0.04 * max(size)), wraps)
    smooth = around[..., 0] / np.maximum(around[..., 1], 1e-3)
    return _coloured(chroma) * resized(smooth, (height, width), cv2.INTER_LINEAR, wraps)


def _coloured(chroma: np.ndarray) -> np.ndarray:
    """How far a pixel counts as coloured, from 0 to 1."""
    low, high = _EDITED
    return np.clip((chroma - low) / (high - low), 0, 1).astype(np.float32)

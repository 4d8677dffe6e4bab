"""sRGB and CIE Lab (D65), by OpenCV."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np

AB_SCALE = 100.0
"""A colorizing network's output is ab divided by this."""


def lightness_input(lightness: Any) -> Any:
    """L* in [0, 100] (an array or a tensor) to such a network's input in [-1, 1]."""
    return lightness / 50 - 1


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """SRGB to Lab.

    Args:
        rgb: (..., 3) uint8 in [0, 255], or float32 in [0, 1].

    Returns:
        (..., 3) float32: L in [0, 100], a and b in [-128, 127].
    """
    unit = rgb.astype(np.float32) / 255 if rgb.dtype == np.uint8 else rgb.astype(np.float32, copy=False)
    return _convert(unit, cv2.COLOR_RGB2Lab)


def lab_to_rgb(lab: np.ndarray) -> np.ndarray:
    """Lab (as `rgb_to_lab` returns it) to sRGB, (..., 3) float32; what lies outside the gamut is clipped to [0, 1]."""
    # OpenCV clips here by itself.
    return _convert(lab.astype(np.float32, copy=False), cv2.COLOR_Lab2RGB)


def gray_to_lightness(gray: np.ndarray) -> np.ndarray:
    """L* of gray levels.

    Args:
        gray: uint8 in [0, 255] or float32 in [0, 1], of any shape: sRGB-encoded, R = G = B.

    Returns:
        float32 of the same shape, in [0, 100].
    """
    if gray.dtype == np.uint8:
        return cv2.LUT(np.ascontiguousarray(gray), _lightness_table()).reshape(gray.shape)
    levels = np.repeat(gray.astype(np.float32).reshape(-1, 1), 3, axis=1)
    return rgb_to_lab(levels)[:, 0].reshape(gray.shape)


def _convert(pixels: np.ndarray, code: int) -> np.ndarray:
    """OpenCV's conversion of (..., 3) float32; as rows of a picture, which is several times faster than a column."""
    shaped = pixels if pixels.ndim == 3 else pixels.reshape(1, -1, 3)
    return cv2.cvtColor(shaped, code).reshape(pixels.shape)


def luma(rgb: np.ndarray) -> np.ndarray:
    """Rec.601 luma as Pillow's `convert("L")` computes it: (..., 3) uint8 to (...) uint8."""
    wide = rgb.astype(np.uint32)
    return ((wide[..., 0] * 19595 + wide[..., 1] * 38470 + wide[..., 2] * 7471 + 0x8000) >> 16).astype(np.uint8)


@cache
def _lightness_table() -> np.ndarray:
    """L* of the 256 gray levels."""
    return rgb_to_lab(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))[:, 0].copy()

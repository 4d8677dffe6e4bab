"""Lab as three planes, which are changed several times as fast as pixels of three numbers."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lbie.colour.gamut import gamut_table
from lbie.colour.lab import lab_to_rgb, rgb_to_lab


def to_planes(rgb: np.ndarray) -> Sequence[np.ndarray]:
    """L*, a and b, each (h, w) float32, of (h, w, 3) uint8."""
    return cv2.split(rgb_to_lab(rgb))


def to_rgb(planes: Sequence[np.ndarray]) -> np.ndarray:
    """(h, w, 3) float32 in [0, 255] of L*, a and b (h, w) float32."""
    rgb = lab_to_rgb(cv2.merge(planes))
    return np.multiply(rgb, 255, out=rgb)


def displayable(lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
    """Lab (h, w) each, its chroma lowered in place to what sRGB can show at that L*; hue stays."""
    chroma, hue = cv2.cartToPolar(a, b, angleInDegrees=True)
    most = gamut_table().most(lightness, hue)
    most /= np.maximum(chroma, 1e-6, out=chroma)
    np.minimum(most, 1, out=most)
    return [lightness, np.multiply(a, most, out=a), np.multiply(b, most, out=b)]

"""Lab as three planes, which are changed several times as fast as pixels of three numbers."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lbie.colour.lab import lab_to_rgb, rgb_to_lab


def to_planes(rgb: np.ndarray) -> Sequence[np.ndarray]:
    """L*, a and b, each (h, w) float32, of (h, w, 3) uint8."""
    return cv2.split(rgb_to_lab(rgb))


def to_rgb(planes: Sequence[np.ndarray]) -> np.ndarray:
    """(h, w, 3) float32 in [0, 255] of L*, a and b (h, w) float32."""
    rgb = lab_to_rgb(cv2.merge(planes))
    return np.multiply(rgb, 255, out=rgb)

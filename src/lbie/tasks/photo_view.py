"""How a model of segmentation looks at a photo, and how its answer is read; needs no torch."""

from __future__ import annotations

import cv2
import numpy as np

from lbie.colour.bands import resized


def view_size(height: int, width: int, size: int, multiple: int) -> tuple[int, int]:
    """Height and width at which the model looks at a photo: its shape nearly, the area of a square of side `size`."""
    scale = size / (height * width) ** 0.5
    high, wide = (max(multiple, round(side * scale / multiple) * multiple) for side in (height, width))
    return min(high, 4 * size), min(wide, 4 * size)


def view(rgb: np.ndarray, size: int, multiple: int, wraps: bool = False) -> np.ndarray:
    """A photo (H, W, 3) uint8 as the model looks at it: (1, 3, h, w) float32 in [-1, 1]; see `view_size`.

    Where it is a panorama, it wraps: its sides touch.
    """
    height, width = rgb.shape[:2]
    high, wide = view_size(height, width, size, multiple)
    smaller = high * wide < height * width
    small = resized(rgb, (high, wide), cv2.INTER_AREA if smaller else cv2.INTER_LINEAR, wraps)
    return np.ascontiguousarray(image_input(small)[None])


def image_input(rgb: np.ndarray) -> np.ndarray:
    """A photo (..., H, W, 3) uint8 as the model takes it: (..., 3, H, W) float32 in [-1, 1]."""
    return np.moveaxis(rgb.astype(np.float32) / 127.5 - 1, -1, -3)


def probability(logits: np.ndarray) -> np.ndarray:
    """Logits to the probability, float32, that a pixel is what was named; .5 is the boundary."""
    return 1 / (1 + np.exp(-logits.astype(np.float32).clip(-60, 60)))


def probability_map(logits: np.ndarray, height: int, width: int) -> np.ndarray:
    """Logits (h, w), enlarged linearly, to `probability` (height, width)."""
    return probability(cv2.resize(logits.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR))

"""A small map of probability and a photo of any size to a mask at its size, its edges moved to the photo's."""

from __future__ import annotations

import cv2
import numpy as np

from lbie.colour.bands import middle, resized, thrice
from lbie.colour.compose import LightnessSource, fit_chroma
from lbie.editing.specks import without_specks

_UNSURE = (0.25, 0.75)
"""Probability up to which a pixel is none of the region's, and from which on wholly."""


def refine_mask(rgb: np.ndarray, probability: np.ndarray, gray: bool = False, wraps: bool = False) -> np.ndarray:
    """Enlarge a map of probability, without its specks.

    Args:
        rgb: (H, W, 3) uint8, the photo.
        probability: (h, w) float in [0, 1], of the same picture, laid out without padding.
        gray: whether all three channels of the photo are equal.
        wraps: whether it is a panorama, whose sides touch.

    Returns:
        (H, W) float32 in [0, 1]; .5 is the boundary. It is exactly 0 and 1 where the model is sure, so that an edit
        leaves what is no part of it as it is; a map that is unsure all over gives a mask that is faint all over.
    """
    source = LightnessSource.of(rgb, gray, max(1, 2 * min(probability.shape)), wraps)
    kept = middle(without_specks(thrice(probability))) if wraps else without_specks(probability)
    fitted = fit_chroma(source, kept)  # (h', w')
    height, width = rgb.shape[:2]
    large = fitted if fitted.shape == (height, width) else resized(fitted, (height, width), cv2.INTER_LINEAR, wraps)
    low, high = _UNSURE
    np.subtract(large, low, out=large)
    np.multiply(large, 1 / (high - low), out=large)
    return np.clip(large, 0, 1, out=large)

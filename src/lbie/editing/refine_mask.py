"""A small map of probability and a photo of any size to a mask at its size, its edges moved to the photo's."""

from __future__ import annotations

import math

import cv2
import numpy as np

from lbie.colour.bands import each_band, enlargement, middle, thrice
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
        (H, W) uint8, above 127 inside. It is exactly 0 and 255 where the model is sure, so that an edit
        leaves what is no part of it as it is; a map that is unsure all over gives a mask that is faint all over.
    """
    source = LightnessSource.of(rgb, gray, max(1, 2 * min(probability.shape)), wraps)
    kept = middle(without_specks(thrice(probability))) if wraps else without_specks(probability)
    fitted = fit_chroma(source, kept)  # (h', w')
    low, high = _UNSURE
    ramp = (fitted - np.float32(low)) * np.float32(255 / (high - low))
    size = rgb.shape[:2]
    if ramp.shape == size:
        return cv2.convertScaleAbs(np.maximum(ramp, 0))
    shade, enlarged = np.zeros(size, np.uint8), enlargement(ramp, size, wraps, np.uint8)
    left, top, width, height = cv2.boundingRect((ramp > 0).view(np.uint8))
    down = _reach(top, height, len(ramp), size[0])
    across = slice(None) if wraps else _reach(left, width, ramp.shape[1], size[1])
    region = shade[down, across]

    def enlarge(rows: slice) -> None:
        region[rows] = enlarged(slice(down.start + rows.start, down.start + rows.stop), across)

    each_band(enlarge, *region.shape)
    return shade


def _reach(start: int, length: int, small: int, large: int) -> slice:
    """Where pixels of a side of `small` pixels have an effect once it is enlarged linearly to `large`."""
    factor = large / small
    return slice(max(0, int((start - 1) * factor)), min(large, math.ceil((start + length + 1) * factor)))

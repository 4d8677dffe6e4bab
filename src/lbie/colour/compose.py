"""A small map of chroma and a photo of any size to the coloured photo, pixel-aligned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lbie.colour.bands import each_band, enlargement, middle, resized, thrice
from lbie.colour.gamut import map_to_gamut
from lbie.colour.lab import gray_to_lightness, lab_to_rgb
from lbie.colour.planes import lightness_of_rgb

GUIDED_SIDE = 1024
"""Longer side at which chroma is fitted to the luminance edges; the rest of the way is linear."""
_NEARLY = 0.9  # of that side: as little as halves alone may leave of it
_EDGE = 9.0  # (L* units) ** 2 of local variance from which on the guided filter keeps an edge


@dataclass(frozen=True)
class LightnessSource:
    """What colouring needs of a photo: its pixels, and its lightness at the guided size."""

    rgb: np.ndarray
    """(H, W, 3) uint8."""
    gray: bool
    """All three channels are equal."""
    lightness: np.ndarray
    """(h, w) float32 L* at the guided size."""
    fit: Any
    """OpenCV's guided filter of that lightness, or None where the photo is too small for one."""
    wraps: bool = False
    """It is a panorama, whose sides touch; the filter is then of three side by side."""

    @classmethod
    def of(cls, rgb: np.ndarray, gray: bool, chroma_side: int = 64, wraps: bool = False) -> LightnessSource:
        """Prepare a photo (H, W, 3) uint8 for chroma maps whose shorter side is `chroma_side`."""
        size = _guided_size(*rgb.shape[:2])
        lightness = lightness_at(rgb, gray, size, cv2.INTER_AREA)
        fit = None
        if min(size) >= 8:
            guide = thrice(lightness) if wraps else lightness
            radius = max(2, round(1.5 * min(size) / chroma_side))
            fit = cv2.ximgproc.createGuidedFilter(guide, radius, _EDGE, scale=0.5 if min(size) > 192 else 1.0)
        return cls(rgb, gray, lightness, fit, wraps)


def _guided_size(height: int, width: int) -> tuple[int, int]:
    """Height and width with a longer side of `GUIDED_SIDE`, or of a little less where that takes halving alone."""
    halves = 1
    while max(height, width) > GUIDED_SIDE * halves:
        halves *= 2
    if height % halves == width % halves == 0 and max(height, width) >= _NEARLY * GUIDED_SIDE * halves:
        return height // halves, width // halves
    scale = min(1.0, GUIDED_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def lightness_of(rgb: np.ndarray, gray: bool) -> np.ndarray:
    """L* (H, W) float32 of (H, W, 3) uint8."""
    return gray_to_lightness(rgb[..., 0]) if gray else lightness_of_rgb(rgb)


def lightness_at(
    rgb: np.ndarray, gray: bool, size: tuple[int, int], interpolation: int, wraps: bool = False
) -> np.ndarray:
    """L* (h, w) float32 of (H, W, 3) uint8 at another size (h, w), see `resized`."""
    if size == rgb.shape[:2]:
        return lightness_of(rgb, gray)
    if gray:
        return gray_to_lightness(resized(cv2.extractChannel(rgb, 0), size, interpolation, wraps))
    return lightness_of(resized(rgb, size, interpolation, wraps), gray)


def fit_chroma(source: LightnessSource, ab: np.ndarray) -> np.ndarray:
    """Enlarge ab (h0, w0, 2) to the guided size (h, w, 2), its edges moved to those of the lightness."""
    large = resized(ab.astype(np.float32), source.lightness.shape, cv2.INTER_LINEAR, source.wraps)
    if source.fit is None:
        return large
    return middle(source.fit.filter(thrice(large))) if source.wraps else source.fit.filter(large)


def compose(source: LightnessSource, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colour a photo.

    Args:
        source: the photo.
        ab: (h, w, 2) float32 wanted chroma at the guided size.

    Returns:
        rgb (H, W, 3) uint8 at the photo's own size: its L* but for the gamut mapping's smooth shift; and
        the chroma that was applied, (h, w, 2) float32 at the guided size.
    """
    shift, *chroma = map_to_gamut(source.lightness, ab, source.wraps)
    ab = cv2.merge(chroma)
    height, width = source.rgb.shape[:2]
    if source.lightness.shape == (height, width):
        lab = cv2.merge([source.lightness + shift, *chroma])
        return cv2.convertScaleAbs(lab_to_rgb(lab), alpha=255), ab
    maps = cv2.merge([shift, *chroma])  # (h, w, 3)
    out, enlarged = np.empty((height, width, 3), np.uint8), enlargement(maps, (height, width), source.wraps)

    def colour(rows: slice) -> None:
        lab = enlarged(rows, slice(None))
        lab[..., 0] += lightness_of(source.rgb[rows], source.gray)
        cv2.convertScaleAbs(lab_to_rgb(lab), out[rows], 255)

    each_band(colour, height, width)
    return out, ab

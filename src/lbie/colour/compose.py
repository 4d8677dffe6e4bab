"""A small map of chroma and a photo of any size to the coloured photo, pixel-aligned."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lbie.colour.gamut import map_to_gamut
from lbie.colour.lab import gray_to_lightness, lab_to_rgb, rgb_to_lab

GUIDED_SIDE = 1024
"""Longer side at which chroma is fitted to the luminance edges; the rest of the way is linear."""
_STRIP_PIXELS = 1_000_000
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

    @classmethod
    def of(cls, rgb: np.ndarray, gray: bool) -> LightnessSource:
        """Prepare a photo (H, W, 3) uint8."""
        height, width = rgb.shape[:2]
        scale = min(1.0, GUIDED_SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        return cls(rgb, gray, lightness_of(small, gray))


def lightness_of(rgb: np.ndarray, gray: bool) -> np.ndarray:
    """L* (H, W) float32 of (H, W, 3) uint8."""
    return gray_to_lightness(rgb[..., 0]) if gray else rgb_to_lab(rgb)[..., 0]


def fit_chroma(source: LightnessSource, ab: np.ndarray) -> np.ndarray:
    """Enlarge ab (h0, w0, 2) to the guided size (h, w, 2), its edges moved to those of the lightness."""
    height, width = source.lightness.shape
    radius = max(2, round(1.5 * max(height / ab.shape[0], width / ab.shape[1])))
    large = cv2.resize(ab.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    if min(height, width) < 3:
        return large
    return cv2.ximgproc.guidedFilter(source.lightness, large, radius, _EDGE)


def compose(source: LightnessSource, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colour a photo.

    Args:
        source: the photo.
        ab: (h, w, 2) float32 wanted chroma at the guided size.

    Returns:
        rgb (H, W, 3) uint8 at the photo's own size: its L* but for the gamut mapping's smooth shift; and
        the chroma that was applied, (h, w, 2) float32 at the guided size.
    """
    shift, ab = map_to_gamut(source.lightness, ab)
    height, width = source.rgb.shape[:2]
    maps = np.dstack([shift, ab])  # (h, w, 3)
    out = np.empty((height, width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        strip = _strip(maps, (height, width), top, bottom)
        strip[..., 0] += lightness_of(source.rgb[top:bottom], source.gray)
        out[top:bottom] = cv2.convertScaleAbs(lab_to_rgb(strip).reshape(bottom - top, -1), alpha=255).reshape(
            bottom - top, width, 3
        )
    return out, ab


def _strip(maps: np.ndarray, size: tuple[int, int], top: int, bottom: int) -> np.ndarray:
    """Rows `top` to `bottom` of `maps` (h, w, 3) enlarged to `size`, without enlarging the rest."""
    if maps.shape[:2] == size:
        return maps[top:bottom].copy()
    ratio = maps.shape[0] / size[0]
    y = np.clip((np.arange(top, bottom, dtype=np.float32) + 0.5) * ratio - 0.5, 0, maps.shape[0] - 1)
    x = (np.arange(size[1], dtype=np.float32) + 0.5) * (maps.shape[1] / size[1]) - 0.5
    x = np.clip(x, 0, maps.shape[1] - 1)
    grid = np.meshgrid(x, y)
    return cv2.remap(maps, grid[0], grid[1], cv2.INTER_LINEAR)

"""Gamut mapping: strong colours at a given lightness that sRGB cannot show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

MOST_SHIFT = 18.0
"""The most that L* moves, in either direction, to make room for a colour."""
_EDITED = (6.0, 22.0)
"""Chroma from which on a pixel counts as coloured a little, and fully: L* moves only where it is coloured."""
_CHROMA = 140


@dataclass(frozen=True)
class GamutTable:
    """The sRGB gamut by hue, in steps of one unit of L*, one degree of hue and one unit of chroma."""

    chroma: np.ndarray
    """(101, 360): largest chroma at each L* and hue."""
    darkest: np.ndarray
    """(360, 140): lowest L* at which a hue has a chroma; the L* of the most vivid colour where none has it."""
    lightest: np.ndarray
    """(360, 140): highest L* likewise."""


@cache
def gamut_table() -> GamutTable:
    """The table, computed once a process by looking which Lab colours survive the way to sRGB and back."""
    lightness, hue, chroma = np.meshgrid(np.arange(101), np.radians(np.arange(360)), np.arange(_CHROMA), indexing="ij")
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], -1).astype(np.float32)
    flat = lab.reshape(-1, 1, 3)
    back = cv2.cvtColor(np.clip(cv2.cvtColor(flat, cv2.COLOR_Lab2RGB), 0, 1), cv2.COLOR_RGB2Lab)
    inside = (np.abs(back - flat).max((1, 2)) < 0.6).reshape(lightness.shape)  # (101, 360, 140)
    inside[..., 0] = True
    inside = np.logical_and.accumulate(inside, axis=2)
    most = inside.sum(2) - 1.0  # (101, 360)
    vivid = most.argmax(0)  # (360,)
    none = ~inside.any(0)  # (360, 140)
    darkest = np.where(none, vivid[:, None], inside.argmax(0))
    lightest = np.where(none, vivid[:, None], 100 - inside[::-1].argmax(0))
    return GamutTable(most.astype(np.float32), darkest.astype(np.float32), lightest.astype(np.float32))


def map_to_gamut(lightness: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring wanted colours into sRGB, by moving L* smoothly where there is colour, then by lowering chroma.

    The shift of L* is a blurred map, so the picture's detail stays; it is zero where there is no colour.

    Args:
        lightness: (H, W) float32 L* of the source.
        ab: (H, W, 2) float32 wanted chroma.

    Returns:
        shift (H, W) float32 to add to L*, within `MOST_SHIFT`; ab (H, W, 2) float32 displayable at the shifted L*,
        of the same hue.
    """
    table = gamut_table()
    chroma = np.hypot(ab[..., 0], ab[..., 1])
    hue = np.rint(np.degrees(np.arctan2(ab[..., 1], ab[..., 0]))).astype(np.int32) % 360
    level = np.minimum(np.rint(chroma), _CHROMA - 1).astype(np.int32)
    need = np.clip(lightness, table.darkest[hue, level], table.lightest[hue, level]) - lightness
    need = np.clip(need, -MOST_SHIFT, MOST_SHIFT)
    low, high = _EDITED
    coloured = np.clip((chroma - low) / (high - low), 0, 1)
    sigma = max(2.0, 0.04 * max(lightness.shape))
    around = cv2.GaussianBlur(np.dstack([need * coloured, coloured]), (0, 0), sigma)
    shift = (coloured * around[..., 0] / np.maximum(around[..., 1], 1e-3)).astype(np.float32)
    row = np.clip(np.rint(lightness + shift), 0, 100).astype(np.int32)
    scale = np.minimum(1, table.chroma[row, hue] / np.maximum(chroma, 1e-6))
    return shift, (ab * scale[..., None]).astype(np.float32)

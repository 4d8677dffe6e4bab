"""A region of a photo, changed: colour, gray, brighter, darker, blurred, cut out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lbie.colour.bands import blurred, each_band, enlargement, halved
from lbie.colour.gamut import displayable
from lbie.colour.planes import by_lightness, to_planes, to_rgb
from lbie.editing.change import Change
from lbie.editing.covered import spans
from lbie.editing.region_colour import RegionColour
from lbie.editing.shade import shades, shares
from lbie.errors import InputError

_BIAS = 0.18  # of a curve that brightens: 0 does nothing, .5 would make all white
_MOST_BIAS = 0.35
_BLUR = 0.012  # of the longer side: standard deviation
_FINEST = 4.0  # pixels of standard deviation at which a blur is computed, on a smaller picture
_MOST_PIXELS = 2_500_000  # of that picture
_LEAST_SHARE = 1e-4
_Part = Callable[[slice, slice], np.ndarray]
"""Rows and columns of a photo to what the region becomes there: (h, w, 3) uint8."""
_Lab = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Sequence[np.ndarray]]
"""What `to_planes` gives to L*, a and b that are asked for, (h, w) float32 each."""


@dataclass(frozen=True)
class Changed:
    """A changed photo."""

    rgb: np.ndarray
    """(H, W, 3) uint8."""
    alpha: np.ndarray | None = None
    """(H, W) uint8, 255 where it is opaque; only of a cut-out."""


def apply_change(rgb: np.ndarray, mask: np.ndarray, change: Change, wraps: bool = False) -> Changed:
    """Change a region.

    Args:
        rgb: (H, W, 3) uint8 sRGB.
        mask: (H, W) uint8, or float in [0, 1]: how far each pixel belongs to the region; soft edges are blended.
        change: what to do.
        wraps: whether the photo is a panorama, whose sides touch.

    Returns:
        The photo, a copy; where the mask is 0 it is the source, byte for byte. A cut-out keeps all pixels and has
        the mask as its alpha.

    Raises:
        InputError: the mask is of another size, or has values outside [0, 1].
    """
    _check(rgb, mask)
    if change.kind == "cut out":
        return Changed(rgb.copy(), mask.copy() if mask.dtype == np.uint8 else shades(mask))
    box = _box(mask)
    if box is None:
        return Changed(rgb.copy())
    out = np.empty(rgb.shape, np.uint8)
    if change.kind == "blur":
        told = _blurred(rgb, mask, change.amount * _BLUR * max(rgb.shape[:2]), wraps)
    else:
        lab = _lab_change(rgb[box], mask[box], change)

        def told(rows: slice, columns: slice) -> np.ndarray:
            return to_rgb(lab(*to_planes(rgb[rows, columns])))

    def change_rows(rows: slice) -> None:
        band, share = out[rows], mask[rows]
        np.copyto(band, rgb[rows])
        for span in spans(share):
            new, old, covers = told(rows, span.columns), band[:, span.columns], share[:, span.columns]
            for columns, full in span.runs:
                if full:
                    old[:, columns] = new[:, columns]
                else:
                    _blend(old[:, columns], new[:, columns], covers[:, columns])

    each_band(change_rows, *mask.shape)
    return Changed(out)


def _check(rgb: np.ndarray, mask: np.ndarray) -> None:
    if mask.shape != rgb.shape[:2]:
        got = " x ".join(map(str, mask.shape[::-1]))
        raise InputError(
            f"the mask is {got} pixels, the image {rgb.shape[1]} x {rgb.shape[0]}: they have to be the same"
        )
    low, high = (0.0, 1.0) if mask.dtype == np.uint8 else (float(mask.min()), float(mask.max()))
    if not (low >= 0 and high <= 1):
        raise InputError(f"a mask has values from 0 to 1, got {low:g} to {high:g}")


def _box(mask: np.ndarray) -> tuple[slice, slice] | None:
    """The smallest rectangle that holds the region."""
    left, top, width, height = cv2.boundingRect(mask if mask.dtype == np.uint8 else (mask > 0).view(np.uint8))
    return np.s_[top : top + height, left : left + width] if width else None


def _blend(out: np.ndarray, new: np.ndarray, alpha: np.ndarray) -> None:
    """Mix `new` (h, w, 3) uint8 into `out`, the same, in place, where alpha (h, w) is not 0."""
    change = _times(cv2.subtract(new, out, dtype=cv2.CV_32F), shares(alpha))
    out[:] = cv2.add(change, out, dtype=cv2.CV_8U)


def _times(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Pixels (h, w, 3) float32 times a mask (h, w) float32."""
    return cv2.multiply(pixels, cv2.merge([alpha] * 3))


def _lab_change(rgb: np.ndarray, mask: np.ndarray, change: Change) -> _Lab:
    """What the change does to Lab of any part of a region (H, W, 3) uint8."""
    if change.kind == "gray out":
        keep = np.float32(max(0.0, 1 - change.amount))
        return lambda _, lightness, a, b: (lightness, a * keep, b * keep)
    if change.kind == "colour":
        assert change.colour is not None
        return RegionColour.of(rgb, mask, change.colour.rgb, min(1.0, change.amount)).apply
    curve = _curve(change)
    tones = by_lightness(curve)
    # light that is dimmed or raised by a factor scales L* + 16 and chroma alike; in full it looks garish
    lights = by_lightness(lambda level: np.sqrt((curve(level) + 16) / (level + 16)))

    def shine(luminance: np.ndarray, _: np.ndarray, a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        return displayable(cv2.LUT(luminance, tones), a, b, cv2.LUT(luminance, lights))

    return shine


def _curve(change: Change) -> Callable[[np.ndarray], np.ndarray]:
    """L* after brightening or darkening: Schlick's bias, which clips nowhere."""
    amount = min(_MOST_BIAS, _BIAS * change.amount)
    bias = 0.5 + (amount if change.kind == "brighten" else -amount)
    bend = 1 / bias - 2
    return lambda level: level / ((bend + 1) - level * (bend / 100))


def _blurred(rgb: np.ndarray, mask: np.ndarray, deviation: float, wraps: bool) -> _Part:
    """Each pixel of a photo (H, W, 3) as the mean of those around it that belong to the region."""
    deviation = max(0.8, deviation)
    factor = min(1.0, _FINEST / deviation, (_MOST_PIXELS / mask.size) ** 0.5)
    height, width = mask.shape
    size = max(1, round(height * factor)), max(1, round(width * factor))
    near = halved(rgb, size)
    share = shares(halved(mask if mask.dtype == np.uint8 else shares(mask), size))
    weighted = cv2.merge([*cv2.split(_times(near.astype(np.float32), share)), share])  # (h, w, 4)
    small = blurred(cv2.resize(weighted, size[::-1], interpolation=cv2.INTER_AREA), deviation * factor, wraps)
    share, colour = small[..., 3], small[..., :3]
    colour = colour / np.maximum(share, _LEAST_SHARE)[..., None]
    nothing = share <= _LEAST_SHARE  # a region thinner than the blur, at its faint edge, has no mean of its own
    if nothing.any():
        colour[nothing] = cv2.resize(near, size[::-1], interpolation=cv2.INTER_AREA)[nothing]
    return enlargement(colour, mask.shape, wraps, np.uint8)

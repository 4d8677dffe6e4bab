"""One thing of a photo put into another: where there is room, in the tones of the place, with a soft edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

_LIGHT, _TINT = 0.35, 0.25
"""How far the thing's mean L* and a*b* move towards those of the place."""
_MOST_LIGHT, _MOST_TINT = 38.0, 8.0
"""At most, in levels of OpenCV's 8-bit Lab."""
_TRIES = 8
_MAY_HIDE = 0.35
"""Share of a thing that was pasted before that the next may cover."""
_LEAST_INSIDE = 0.75


@dataclass(frozen=True)
class Pasted:
    """What became of a thing."""

    mask: np.ndarray
    """(H, W) bool."""
    shown: float
    """Share of it that lies inside the picture."""


@dataclass(frozen=True)
class Spot:
    """Where a thing goes, in pixels; it may reach beyond the picture."""

    top: int
    left: int
    height: int
    width: int


def room(
    rng: np.random.Generator,
    shape: tuple[int, int],
    side: float,
    canvas: tuple[int, int],
    taken: Sequence[np.ndarray],
    level: float,
) -> Spot | None:
    """A place for a thing, or None where none of a few is free enough.

    Args:
        rng: the chance.
        shape: its height and width in its own photo.
        side: geometric mean of its new sides, as a share of the picture's.
        canvas: the picture's height and width.
        taken: masks of what it must not hide, as far as possible.
        level: height of its middle in its own photo, which the new one mostly follows.
    """
    high, wide = shape
    scale = side * (canvas[0] * canvas[1]) ** 0.5 / (high * wide) ** 0.5
    scale = min(scale, 0.8 * canvas[0] / high, 0.8 * canvas[1] / wide, 2.0)
    high, wide = max(round(high * scale), 6), max(round(wide * scale), 6)
    for _ in range(_TRIES):
        x = rng.uniform(0.0, 1.0) * canvas[1]
        y = (np.clip(rng.normal(level, 0.2), 0.0, 1.0) if rng.random() < 0.7 else rng.random()) * canvas[0]
        spare_y, spare_x = high * (1 - _LEAST_INSIDE) / 2, wide * (1 - _LEAST_INSIDE) / 2
        top = round(float(np.clip(y - high / 2, -spare_y, canvas[0] - high + spare_y)))
        left = round(float(np.clip(x - wide / 2, -spare_x, canvas[1] - wide + spare_x)))
        window = np.s_[max(top, 0) : top + high, max(left, 0) : left + wide]
        if all(m[window].sum() <= _MAY_HIDE * m.sum() for m in taken):
            return Spot(top, left, high, wide)
    return None


def paste(picture: np.ndarray, rgb: np.ndarray, mask: np.ndarray, spot: Spot, flip: bool) -> Pasted | None:
    """Put a thing into a picture, in place.

    Args:
        picture: (H, W, 3) uint8, changed.
        rgb: (h, w, 3) uint8, the thing's box in its own photo.
        mask: (h, w) uint8 of 0 and 1, its pixels.
        spot: where it goes.
        flip: mirror it.

    Returns:
        Its mask, or None where next to nothing of it shows.
    """
    size = spot.width, spot.height
    way = cv2.INTER_AREA if spot.width < rgb.shape[1] else cv2.INTER_LINEAR
    piece = cv2.resize(rgb, size, interpolation=way)
    alpha = cv2.resize(mask.astype(np.float32), size, interpolation=way)
    if flip:
        piece, alpha = piece[:, ::-1], alpha[:, ::-1]
    height, width = picture.shape[:2]
    a, b = max(spot.top, 0), max(spot.left, 0)
    c, d = min(spot.top + spot.height, height), min(spot.left + spot.width, width)
    inside = np.s_[a - spot.top : c - spot.top, b - spot.left : d - spot.left]
    whole = float((alpha > 0.5).sum())
    piece, alpha = np.ascontiguousarray(piece[inside]), np.ascontiguousarray(alpha[inside])
    hard = alpha > 0.5
    if hard.sum() < 30:
        return None
    place = picture[a:c, b:d]
    piece = _in_tone(piece, hard, place)
    # The edge is drawn in a little, so that no rim of the old background comes along.
    soft = cv2.GaussianBlur(cv2.erode(alpha, np.ones((2, 2), np.uint8)), (3, 3), 0)[..., None]
    picture[a:c, b:d] = (piece * soft + place * (1 - soft) + 0.5).astype(np.uint8)
    out = np.zeros((height, width), bool)
    out[a:c, b:d] = soft[..., 0] > 0.45
    return Pasted(out, float(hard.sum()) / whole)


def _in_tone(piece: np.ndarray, inside: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The thing's pixels moved part-way to the mean tone of where it goes, (h, w, 3) float32 RGB in [0, 255]."""
    mine = cv2.cvtColor(piece, cv2.COLOR_RGB2Lab)
    step = max(1, int((place.shape[0] * place.shape[1] / 2000) ** 0.5))
    theirs = cv2.cvtColor(np.ascontiguousarray(place[::step, ::step]), cv2.COLOR_RGB2Lab).reshape(-1, 3).mean(0)
    gap = theirs - mine[inside].mean(0)
    move = np.clip(
        gap * (_LIGHT, _TINT, _TINT), (-_MOST_LIGHT, -_MOST_TINT, -_MOST_TINT), (_MOST_LIGHT, _MOST_TINT, _MOST_TINT)
    )
    moved = np.clip(mine.astype(np.float32) + move.astype(np.float32), 0, 255).astype(np.uint8)
    return cv2.cvtColor(moved, cv2.COLOR_Lab2RGB).astype(np.float32)

"""Painting a flower, or parts of it, in other colours."""

from __future__ import annotations

import cv2
import numpy as np

_VIVID = 15.0  # chroma above which a flower has a hue of its own
_MOST = 110.0  # of |a| and |b|
_TEXTURE = 0.3  # of a part's own differences in colour that stay


def recolour(ab: np.ndarray, soft: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Move a flower's colour and leave the rest, its heart included, as it is.

    Args:
        ab: (H, W, 2) float32.
        soft: (H, W) float32 in [0, 1], the flower.
        source: (2,) the flower's present colour.
        target: (2,) the colour it gets.

    Returns:
        (H, W, 2) float32. A flower with a hue is turned and scaled in the ab plane; a white one is shifted.
    """
    chroma = float(np.hypot(*source))
    if chroma > _VIVID:
        own = np.hypot(ab[..., 0], ab[..., 1])
        cosine = (ab @ source.astype(np.float32)) / np.maximum(own * chroma, 1e-6)
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        alike = np.where(own > 8, np.exp(-((np.maximum(angle - 20, 0) / 25) ** 2)), 1.0)
        turn = complex(*target) / complex(*source)
        matrix = np.array([[turn.real, turn.imag], [-turn.imag, turn.real]], np.float32)  # row vectors
        moved = ab @ matrix
    else:
        distance = np.linalg.norm(ab - source, axis=-1)
        alike = np.exp(-((np.maximum(distance - 8, 0) / 18) ** 2))
        moved = ab + (target - source)
    return _mixed(ab, moved, soft * alike)


def paint(ab: np.ndarray, soft: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Give a part one colour, whatever it had; a little of its own differences stays.

    Args:
        ab: (H, W, 2) float32.
        soft: (H, W) float32 in [0, 1], the part.
        target: (2,) its mean colour.
    """
    weight = soft.sum()
    if not weight:
        return ab
    mean = (ab * soft[..., None]).sum((0, 1)) / weight
    return _mixed(ab, target + _TEXTURE * (ab - mean), soft)


def soften(mask: np.ndarray, size: int, blur: float = 1.0) -> np.ndarray:
    """A mask (H, W) bool at another size, (size, size) float32 in [0, 1], its edge blurred by so many pixels."""
    small = cv2.resize(mask.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), blur)


def _mixed(ab: np.ndarray, moved: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return ab + weight[..., None].astype(np.float32) * (np.clip(moved, -_MOST, _MOST) - ab).astype(np.float32)

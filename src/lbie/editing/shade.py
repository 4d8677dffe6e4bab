"""Masks in eight bits: a quarter of the memory, which counts where a photo has tens of megapixels."""

from __future__ import annotations

import cv2
import numpy as np


def shades(mask: np.ndarray) -> np.ndarray:
    """Shares (H, W) in [0, 1] to uint8 of the same shape, rounded."""
    return cv2.convertScaleAbs(mask, alpha=255)


def shares(mask: np.ndarray) -> np.ndarray:
    """A mask, uint8 or float in [0, 1], to float32 in [0, 1] of the same shape."""
    return mask.astype(np.float32) / np.float32(255) if mask.dtype == np.uint8 else mask.astype(np.float32)

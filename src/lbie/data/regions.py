"""The region of the main object in a photo, by GrabCut from the centre."""

from __future__ import annotations

import cv2
import numpy as np

_WORK = 112  # GrabCut's working size in pixels: small is fast and smooth enough for a region


def centre_region(rgb: np.ndarray, iterations: int = 4) -> np.ndarray:
    """Region of the centred object.

    Args:
        rgb: (H, W, 3) uint8, a square colour photo.
        iterations: GrabCut iterations.

    Returns:
        (H, W) bool. Where GrabCut finds next to nothing or nearly all, the central disc of half the width.
    """
    height, width = rgb.shape[:2]
    small = cv2.resize(rgb, (_WORK, _WORK), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[:_WORK, :_WORK]
    radius = np.hypot(y - _WORK / 2, x - _WORK / 2) / (_WORK / 2)
    mask = np.full((_WORK, _WORK), cv2.GC_PR_BGD, np.uint8)
    mask[radius < 0.75] = cv2.GC_PR_FGD
    mask[radius < 0.12] = cv2.GC_FGD
    mask[radius > 1.25] = cv2.GC_BGD
    cv2.setRNGSeed(0)
    model = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small[..., ::-1].copy(), mask, None, *model, iterations, cv2.GC_INIT_WITH_MASK)
    region = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    region = cv2.morphologyEx(region, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if not 0.04 < region.mean() < 0.95:
        region = (radius < 0.5).astype(np.uint8)
    resized = cv2.resize(region, (width, height), interpolation=cv2.INTER_LINEAR_EXACT) if height != _WORK else region
    return resized > 0

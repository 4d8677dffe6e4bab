"""Bleeding: colour that changes where a sentence does not reach, and edges of chroma that the photo does not have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import cv2
import numpy as np

from lbie.colour.lab import rgb_to_lab
from lbie.evaluation.report import interval

MARGIN = 0.06
"""Width of the band around the flower that counts as neither inside nor outside, as a share of the picture's side."""
CHROMA_EDGE = 2.0
"""Gradient of ab, in units a pixel, from which on there is an edge of chroma."""
LIGHTNESS_EDGE = 1.0
"""Gradient of L*, in units a pixel, from which on there is an edge of lightness."""
REACH = 2
"""Pixels within which an edge of lightness explains one of chroma."""
_SMOOTH = 1.0  # sigma in pixels: chroma of 8-bit pictures is rough


def outside(region: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """Pixels that clearly do not belong to the flower.

    Args:
        region: (H, W) bool, the flower.
        margin: distance from it, as a share of the shorter side.

    Returns:
        (H, W) bool.
    """
    radius = round(margin * min(region.shape))
    around = cv2.dilate(region.astype(np.uint8), _disc(radius))
    return around == 0


def chroma_change(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Mean distance in ab between two of several pictures of the same photo, pixel by pixel.

    Args:
        pictures: two or more, (H, W, 3) uint8.

    Returns:
        (H, W) float32, the mean over all pairs.
    """
    ab = [rgb_to_lab(np.ascontiguousarray(p))[..., 1:] for p in pictures]
    return np.mean([cv2.magnitude(*cv2.split(a - b)) for a, b in combinations(ab, 2)], axis=0)


def bleeding(
    coloured: Sequence[np.ndarray], region: np.ndarray, flowers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean change of chroma under changed sentences.

    Args:
        coloured: for each sentence the pictures of all photos, (N, H, W, 3) uint8.
        region: (N, H, W) bool, the main flower.
        flowers: (N, H, W) bool, it and all others of its kind.

    Returns:
        outside the main flower, outside all flowers, and inside the main one, (N,) float64 each in units of ab; NaN
        outside where flowers and margin fill the photo.
    """
    found = np.full((3, len(region)), np.nan)
    for i in range(len(region)):
        change = chroma_change([pictures[i] for pictures in coloured])
        for row, rest in enumerate((outside(region[i]), outside(flowers[i]), region[i])):
            if rest.any():
                found[row, i] = change[rest].mean()
    return found[0], found[1], found[2]


def unexplained_edges(rgb: np.ndarray) -> tuple[float, float]:
    """Edges of chroma that no edge of lightness explains.

    Lab is smoothed (sigma 1). An edge of chroma is a pixel where the length of the gradient of a and b together is
    at least `CHROMA_EDGE`; it is explained where within `REACH` pixels the gradient of L* is `LIGHTNESS_EDGE`.

    Args:
        rgb: (H, W, 3) uint8.

    Returns:
        strength: the gradients of unexplained edges, summed, over the number of all pixels (units of ab a pixel);
        share: their sum over that of all edges of chroma, 0 where there is none.
    """
    lab = cv2.GaussianBlur(rgb_to_lab(np.ascontiguousarray(rgb)), (0, 0), _SMOOTH)
    across, down = (cv2.Sobel(lab, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1)))
    squares = across**2 + down**2  # (H, W, 3)
    chroma = np.sqrt(squares[..., 1] + squares[..., 2])
    chroma[chroma < CHROMA_EDGE] = 0
    explained = cv2.dilate(np.sqrt(squares[..., 0]), _disc(REACH)) >= LIGHTNESS_EDGE
    total, free = float(chroma.sum()), float(chroma[~explained].sum())
    return free / chroma.size, free / total if total else 0.0


def edge_figures(pictures: np.ndarray) -> dict[str, Any]:
    """`strength` and `share` of `unexplained_edges` over pictures (N, H, W, 3) uint8, with intervals."""
    strength, share = np.array([unexplained_edges(p) for p in pictures]).T
    return {"strength": interval(strength), "share": interval(share)}


def bleeding_figures(
    coloured: dict[str, np.ndarray], before: dict[str, np.ndarray] | None, region: np.ndarray, flowers: np.ndarray
) -> dict[str, Any]:
    """Mean chroma change outside and inside the flower, with intervals; no sentence changes a true or a gray photo.

    Args:
        coloured: colour to the pictures of all photos under its sentence, (N, H, W, 3) uint8.
        before: likewise by earlier weights, or None.
        region: (N, H, W) bool, the main flower.
        flowers: (N, H, W) bool, it and all others of its kind.
    """
    *beyond, within = bleeding(list(coloured.values()), region, flowers)
    earlier = bleeding(list(before.values()), region, flowers) if before is not None else None
    figures: dict[str, Any] = {"inside": interval(within)}
    for row, key in enumerate(("outside", "outside_all")):
        there = ~np.isnan(beyond[row])
        figures[f"{key}_photos"] = int(there.sum())
        if not there.any():
            continue
        change = beyond[row][there]
        figures[key] = interval(change)
        if within[there].any():  # else no sentence changes anything
            figures[f"{key}_over_inside"] = interval(change, within[there])
        if earlier is not None:
            old = earlier[row][there]
            figures[f"{key}_before"] = interval(old)
            if old.any():
                figures[f"{key}_over_before"] = interval(change, old)
    return figures


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)

"""Where the flowers of a photo are, and the heart of the main one, from the colours of the photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lbie.colour.lab import rgb_to_lab

HEART_RADIUS = 0.26
"""Radius of the disc that always belongs to the heart, in units of the radius of the disc as large as the flower."""
_HEART_REACH, _PETALS_FROM = 0.6, 0.45  # in the same units: how far a heart goes, and what is surely petals
_HEART_SHARE = (0.01, 0.3)  # of the flower
_OTHER_SHARE = 0.01  # of the photo: the smallest further flower
_WEIGHTS = np.array([0.6, 1, 1], np.float32)  # of L, a and b when colours of petals and heart are compared
_PALE, _BRIGHT = 12.0, 65.0  # chroma below which, and L* from which on, a flower is white
_MOST_APART = 22.0  # in ab, from the main flower's colour, of another flower of its kind


@dataclass(frozen=True)
class FlowerParts:
    """Masks of one photo."""

    flowers: np.ndarray
    """(H, W) bool: the main flower and others of its kind."""
    heart: np.ndarray
    """(H, W) bool: the heart of the main one."""

    @classmethod
    def find(cls, rgb: np.ndarray, region: np.ndarray) -> FlowerParts:
        """Find the parts.

        Args:
            rgb: (H, W, 3) uint8.
            region: (H, W) bool, the main flower, not empty.
        """
        lab = rgb_to_lab(np.ascontiguousarray(rgb))
        return cls(region | further_flowers(lab, region), heart(lab, region))


def all_flowers(rgb: np.ndarray, region: np.ndarray) -> np.ndarray:
    """The main flower and others of its kind: (H, W, 3) uint8 and (H, W) bool to (H, W) bool."""
    return region | further_flowers(rgb_to_lab(np.ascontiguousarray(rgb)), region)


def further_flowers(lab: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Patches outside the main flower that have its colour and lightness.

    Args:
        lab: (H, W, 3) float32.
        region: (H, W) bool, the main flower.

    Returns:
        (H, W) bool, disjoint from the region.
    """
    own = lab[region]
    middle = np.median(own, 0)
    spread = 1.48 * np.median(np.abs(own - middle), 0)
    apart = np.linalg.norm(lab[..., 1:] - middle[1:], axis=-1)
    if np.hypot(middle[1], middle[2]) < _PALE and middle[0] < _BRIGHT:
        return np.zeros_like(region)  # gray: much of a photo is
    reach = min(_MOST_APART, max(10.0, 2 * float(np.hypot(spread[1], spread[2]))))
    alike = (apart < reach) & (np.abs(lab[..., 0] - middle[0]) < max(15.0, 2.2 * float(spread[0]))) & ~region
    alike = cv2.morphologyEx(alike.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(alike)
    large = stats[:, cv2.CC_STAT_AREA] > _OTHER_SHARE * region.size
    large[0] = False
    found = large[labels] & ~region
    return found if found.sum() < region.sum() else np.zeros_like(region)  # so much is background


def distance_to_centre(region: np.ndarray) -> np.ndarray:
    """Distance of each pixel to the region's centroid, (H, W), in units of the radius of the disc as large as it."""
    y, x = np.nonzero(region)
    rows, columns = np.indices(region.shape)
    return np.hypot(rows - y.mean(), columns - x.mean()) / np.sqrt(len(y) / np.pi)


def heart(lab: np.ndarray, region: np.ndarray) -> np.ndarray:
    """The heart of a flower: the disc about its centroid, and the patch there that differs from the petals.

    Args:
        lab: (H, W, 3) float32.
        region: (H, W) bool, the flower.

    Returns:
        (H, W) bool.
    """
    distance = distance_to_centre(region)
    disc = distance <= max(HEART_RADIUS, float(distance.min()))
    outer = region & (distance > _PETALS_FROM)
    petals = lab[outer if outer.any() else region]
    middle = np.median(petals, 0)
    usual = float(np.median(np.linalg.norm((petals - middle) * _WEIGHTS, axis=-1)))
    differs = np.linalg.norm((lab - middle) * _WEIGHTS, axis=-1) > max(16.0, 2.2 * usual)
    patch = (differs & (distance < _HEART_REACH) & region).astype(np.uint8)
    patch = cv2.morphologyEx(patch, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(patch)
    best, most = 0, 0
    for i in range(1, count):
        area, (x, y) = stats[i, cv2.CC_STAT_AREA], centres[i]
        central = distance[min(round(y), len(region) - 1), min(round(x), region.shape[1] - 1)] < 0.3
        if central and most < area and _HEART_SHARE[0] < area / region.sum() < _HEART_SHARE[1]:
            best, most = i, area
    return disc | (labels == best) if best else disc


def tips(region: np.ndarray) -> np.ndarray:
    """The outer ends of the petals: (H, W) bool of a flower's region (H, W) bool."""
    inward = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, 3)
    distance = distance_to_centre(region)
    own = inward / np.sqrt(region.sum() / np.pi)
    return region & (distance > 0.55) & (own / np.maximum(own + distance, 1e-6) < 0.22)

"""The outlines of the nine kinds, turned no further than that each can still be told from the others."""

from __future__ import annotations

from math import cos, radians, sin

import cv2
import numpy as np

from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.shapes import HIGHEST, LOWEST

POINTS = 48
"""Points of a curved outline."""
_CORNERS = {0: 4, 5: 3, 6: 3, 7: 4}
_OVALS = {1: (2.0, 1.0), 2: (1.0, 2.0), 3: (2.0, 1.0), 4: (1.0, 2.0), 8: (1.0, 1.0)}  # width to height, as in CoSaL
_HALVES = (3, 4)
_TURNS = {0: 12.0, 1: 20.0, 2: 20.0, 3: 30.0, 4: 30.0, 5: 18.0, 6: 18.0, 7: 12.0, 8: 180.0}
"""Degrees that each kind is turned at most: more, and a fat ellipse is a thin one and a square a diamond."""
_LONG, _LONG_TURN = 1.5, 80.0
"""A rectangle as long as this is no diamond however it is turned."""


def draw_outline(kind: int, turned: bool, chance: Chance) -> np.ndarray:
    """An outline of any proportions that the kind has in CoSaL.

    Args:
        kind: index into `KINDS`.
        turned: whether it may be turned.
        chance: of every choice.

    Returns:
        (P, 2) float64 points x, y in order, y down; the centroid at 0 and the root of width times height 1.
    """
    points = _corners(kind, chance) if kind in _CORNERS else _oval(kind, chance)
    if turned:
        width, height = np.ptp(points, axis=0)
        free = kind == 0 and max(width, height) >= _LONG * min(width, height)
        points = _turn(points, chance.between(-1, 1) * (_LONG_TURN if free else _TURNS[kind]))
    width, height = np.ptp(points, axis=0)
    return (points - centroid(points)) / np.sqrt(width * height)


def has_corners(kind: int) -> bool:
    """Whether the outline is of straight sides."""
    return kind in _CORNERS


def centroid(points: np.ndarray) -> np.ndarray:
    """(2,) centroid x, y of the area inside of (P, 2) points."""
    area, moment = _moments(points)
    return moment / (3 * area)


def area(points: np.ndarray) -> float:
    """Area inside of (P, 2) points."""
    return float(abs(_moments(points)[0]) / 2)


def span(points: np.ndarray) -> float:
    """Largest diameter of (P, 2) points, as the longer side of the smallest box around them."""
    return float(max(cv2.minAreaRect(points.astype(np.float32))[1]))


def _moments(points: np.ndarray) -> tuple[float, np.ndarray]:
    after = np.roll(points, -1, 0)
    cross = points[:, 0] * after[:, 1] - after[:, 0] * points[:, 1]
    return float(cross.sum()), ((points + after) * cross[:, None]).sum(0)


def _corners(kind: int, chance: Chance) -> np.ndarray:
    p = LOWEST[kind] + chance.numbers(LOWEST.shape[1]) * (HIGHEST[kind] - LOWEST[kind])
    if kind == 0:
        return np.array([(p[0], p[1]), (p[2], p[1]), (p[2], p[3]), (p[0], p[3])])
    return p[: 2 * _CORNERS[kind]].reshape(-1, 2)


def _oval(kind: int, chance: Chance) -> np.ndarray:
    width, height = _OVALS[kind]
    stretch = 1.0 if kind == 8 else chance.between(0.88, 1.2)
    half = kind in _HALVES
    angles = np.linspace(0, np.pi, POINTS // 2 + 1) if half else np.arange(POINTS) * (2 * np.pi / POINTS)
    longer, shorter = (width * stretch, height) if width > height else (width, height * stretch)
    return np.stack([np.cos(angles) * longer, np.sin(angles) * shorter], 1)


def _turn(points: np.ndarray, degrees: float) -> np.ndarray:
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return points @ np.array([[c, s], [-s, c]])

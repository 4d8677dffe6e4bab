"""CoSaL worlds as another hand would draw them: soft edges, other sizes and places in the cell, gray paper, noise."""

from __future__ import annotations

import cv2
import numpy as np

from lbie.data.cosal.shapes import CELL, GRID, NO_SHAPE, draw_shape

_FINE = 3 * CELL


def draw_by_hand(
    arrangement: np.ndarray, geometry: np.ndarray, mirror: bool, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a world anew.

    Args:
        arrangement: (9,) kind in each cell.
        geometry: (9, 8), of the shape in each cell.
        mirror: flip the picture from left to right.
        rng: of every choice.

    Returns:
        gray levels (48, 48) float32 in [0, 1], and the shape map (48, 48) uint8.
    """
    ink = np.zeros((GRID, GRID, CELL, CELL), np.float32)
    scale = rng.uniform(0.75, 1.1)
    for place, kind in enumerate(arrangement.tolist()):
        stamp = draw_shape(kind, geometry[place], _FINE).astype(np.float32)
        x, y, width, height = cv2.boundingRect(stamp.astype(np.uint8))
        wide, high = scale * rng.uniform(0.93, 1.07, 2)
        angle = np.deg2rad(rng.uniform(-4, 4))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * (wide, high)
        room = np.maximum(0, (_FINE - np.array([width * wide, height * high])) / 2 - 3)
        centre = _FINE / 2 + rng.uniform(-1, 1, 2) * room
        shift = centre - turn @ (x + width / 2, y + height / 2)
        drawn = cv2.warpAffine(stamp, np.column_stack([turn, shift]), (_FINE, _FINE))
        ink[divmod(place, GRID)] = cv2.resize(drawn, (CELL, CELL), interpolation=cv2.INTER_AREA)
    whole = np.ascontiguousarray(ink.swapaxes(1, 2).reshape(GRID * CELL, GRID * CELL))
    kinds = np.repeat(np.repeat(arrangement.reshape(GRID, GRID), CELL, 0), CELL, 1)
    if mirror:
        whole, kinds = np.ascontiguousarray(whole[:, ::-1]), kinds[:, ::-1]
    shapes = np.where(whole > 0.5, kinds, NO_SHAPE).astype(np.uint8)
    if rng.random() < 0.3:
        whole = cv2.GaussianBlur(whole, (0, 0), rng.uniform(0.3, 0.6))
    paper, dark = rng.uniform(0.85, 1), rng.uniform(0, 0.2)
    gray = paper + (dark - paper) * whole + rng.normal(0, rng.uniform(0, 0.04), whole.shape)
    return gray.clip(0, 1).astype(np.float32), shapes

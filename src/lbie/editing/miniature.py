"""A drawing in the size and proportions of those that the network was trained on."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lbie.data.cosal.shapes import CELL, GRID, SIZE

LARGEST = 0.72
"""Longer side of a drawing's largest shape in the miniature, in cells: as the generator draws."""
_AS_DRAWN = (0.4, 0.95)  # the same of a picture of the network's own size that is taken as it is


def draw_miniature(
    shares: Sequence[np.ndarray],
    corners: Sequence[tuple[int, int]],
    boxes: np.ndarray,
    cells: Sequence[int],
    size: tuple[int, int],
) -> np.ndarray:
    """Draw shapes small, all at one scale and each in the middle of its cell.

    A picture of the network's own size, drawn as the generator draws, is not changed.

    Args:
        shares: of each of K shapes the share of ink in [0, 1], (h, w) float32.
        corners: top and left of each share in the drawing.
        boxes: (K, 4) top, left, bottom, right of each shape in the drawing.
        cells: where each lies, 0 to 8, all different.
        size: height and width of the drawing.

    Returns:
        (48, 48) float32 in [0, 1], share of ink; each shape within its cell of 16 x 16.
    """
    picture = np.zeros((SIZE, SIZE), np.float32)
    places = np.array([divmod(cell, GRID) for cell in cells]) * CELL  # (K, 2)
    largest = int((boxes[:, 2:] - boxes[:, :2]).max())
    inside = (boxes[:, :2] >= places).all() and (boxes[:, 2:] <= places + CELL).all()
    if size == picture.shape and inside and _AS_DRAWN[0] <= largest / CELL <= _AS_DRAWN[1]:
        for share, (top, left) in zip(shares, corners, strict=True):
            picture[top : top + share.shape[0], left : left + share.shape[1]] += share
        return picture
    side = max(1, round(largest / LARGEST))
    for share, corner, box, (row, column) in zip(shares, corners, boxes, places, strict=True):
        window = np.zeros((side, side), np.float32)
        top, left = np.rint((box[:2] + box[2:] - side) / 2).astype(int) - corner  # of the window within the share
        seen = share[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
        down, right = max(0, -top), max(0, -left)
        window[down : down + seen.shape[0], right : right + seen.shape[1]] = seen
        picture[row : row + CELL, column : column + CELL] = cv2.resize(
            window, (CELL, CELL), interpolation=cv2.INTER_AREA
        )
    return picture.clip(0, 1)  # resampling rounds

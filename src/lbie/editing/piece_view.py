"""The pieces of a drawing as the sketch model sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np

from lbie.model.piece_batch import CROP, CROP_CHANNELS, PLACES

_MARGIN = 1.25
"""Side of a crop, of the longer side of its piece."""


class AnyPiece(Protocol):
    """An area that can be coloured; see `Piece`."""

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        ...

    @property
    def share(self) -> np.ndarray:
        """(h, w) uint8 share of each pixel that is the piece's."""
        ...

    @property
    def filled(self) -> bool:
        """Whether it is of ink."""
        ...


def view_pieces(pieces: Sequence[AnyPiece], ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the model sees of each of K pieces.

    Args:
        pieces: of a drawing.
        ink: (H, W) uint8 share of ink of each pixel.

    Returns:
        Crops (K, 2, 24, 24) uint8 and places (K, 10) float32, see `PieceBatch`.
    """
    crops = np.zeros((len(pieces), CROP_CHANNELS, CROP, CROP), np.uint8)
    places = np.zeros((len(pieces), PLACES), np.float32)
    longer = max(ink.shape)
    for crop, place, piece in zip(crops, places, pieces, strict=True):
        rows, columns = piece.box
        share = piece.share
        moments = cv2.moments(share)
        area = max(moments["m00"] / 255, 1e-3)
        x, y = moments["m10"] / 255 / area + columns.start + 0.5, moments["m01"] / 255 / area + rows.start + 0.5
        side = max(rows.stop - rows.start, columns.stop - columns.start) * _MARGIN
        corner = (columns.start + columns.stop - side) / 2, (rows.start + rows.stop - side) / 2
        crop[0] = _cut(share, corner[0] - columns.start, corner[1] - rows.start, side)
        crop[1] = _cut(ink, *corner, side)
        place[:4] = columns.start / longer, rows.start / longer, columns.stop / longer, rows.stop / longer
        place[4:] = x / longer, y / longer, np.log(area / longer**2), np.log(side / 100), piece.filled, 1
    return crops, places


def pad_views(views: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """What `view_pieces` gives of several drawings as crops (B, K, 2, 24, 24) and places (B, K, 10), see `PieceBatch`.

    K is that of the drawing with the most pieces, at least 1.
    """
    most = max(1, *(len(places) for _, places in views))
    crops = np.zeros((len(views), most, CROP_CHANNELS, CROP, CROP), np.float32)
    every = np.zeros((len(views), most, PLACES), np.float32)
    for i, (own, places) in enumerate(views):
        crops[i, : len(own)], every[i, : len(own)] = own / np.float32(255), places
    return crops, every


def _cut(picture: np.ndarray, left: float, top: float, side: float) -> np.ndarray:
    """A square of a picture (H, W) uint8, its outside 0, as (24, 24)."""
    x0, y0 = int(np.floor(left)), int(np.floor(top))
    whole = max(int(np.ceil(side)), 1)
    square = np.zeros((whole, whole), np.uint8)
    a, b = max(y0, 0), max(x0, 0)
    c, d = min(y0 + whole, picture.shape[0]), min(x0 + whole, picture.shape[1])
    if c > a and d > b:
        square[a - y0 : c - y0, b - x0 : d - x0] = picture[a:c, b:d]
    larger = whole > CROP
    return cv2.resize(square, (CROP, CROP), interpolation=cv2.INTER_AREA if larger else cv2.INTER_LINEAR)

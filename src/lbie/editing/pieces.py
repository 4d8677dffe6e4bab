"""The areas of a drawing that can be coloured, at its own size: fills, and paper that a stroke encloses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lbie.colour.areas import recolouring
from lbie.colour.bands import bands, counted
from lbie.editing.fills import Fill, away, find_fills
from lbie.editing.gaps import close_gaps
from lbie.editing.light import Sheet, read_sheet

_MARK = 40  # levels from the paper, from which on a pixel is stroke or fill
_PALE = 12  # the same of a fill in even light
_LEAST, _SHARE = 10, 0.0002
"""Pixels of a piece, and its share of the picture."""
_REACH = 2.0  # pixels: how far the soft edge of an area goes
_BESIDE_FILL = 1.5  # the same from a fill towards paper
_BESIDE = 9  # pixels across which the colour beyond an edge is looked for
_ALIKE = 6  # levels that differ by less are one colour


@dataclass(frozen=True)
class Piece:
    """An area that can be coloured."""

    box: tuple[slice, slice]
    """Rows and columns of the picture."""
    share: np.ndarray
    """(h, w) uint8, share of each pixel that gets the colour; 255 is all of it."""
    filled: bool
    """An area of ink or colour, or else paper within a stroke."""
    base: tuple[float, float, float]
    """RGB of the area in the source, before the light falls on it."""


@dataclass(frozen=True)
class Pieces:
    """A drawing taken apart."""

    source: np.ndarray
    """(H, W, 3) uint8 RGB."""
    ink: np.ndarray
    """(H, W) uint8, share of each pixel that is stroke or fill."""
    light: np.ndarray | None
    """(H, W) float32 light on the paper, or None where it is even."""
    paper: tuple[float, float, float]
    """RGB of the paper in full light."""
    pieces: tuple[Piece, ...]
    """From top to bottom; no two share a pixel."""

    def paint(self, colours: Sequence[Sequence[int] | None]) -> np.ndarray:
        """The picture with other colours in some pieces.

        Args:
            colours: RGB of each piece, or None for one that stays as it is.

        Returns:
            (H, W, 3) uint8 RGB. Where no coloured piece has a share it is the source, byte for byte.
        """
        if len(colours) != len(self.pieces):
            raise ValueError(f"{len(colours)} colours for {len(self.pieces)} pieces: give one, or None, for each")
        out = self.source.copy()
        for piece, colour in zip(self.pieces, colours, strict=True):
            if colour is None:
                continue
            part, light = out[piece.box], None if self.light is None else self.light[piece.box]
            for rows in bands(*piece.share.shape):
                change = recolouring(piece.share[rows], piece.base, None if light is None else light[rows], colour)
                part[rows] = np.rint(part[rows] + change).clip(0, 255)
        return out


def find_pieces(rgb: np.ndarray) -> Pieces:
    """Find what can be coloured in a drawing of any size, with fills or strokes, also broken and unevenly lit ones.

    Args:
        rgb: (H, W, 3) uint8 RGB.

    Returns:
        The pieces; none where there are none.

    Raises:
        ValueError: not such a picture.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"a picture is (H, W, 3) uint8 with a pixel at least, not {rgb.shape} {rgb.dtype}")
    sheet = read_sheet(rgb)
    paper = np.array(sheet.paper, np.float32)
    dark = away(sheet.flat, paper)
    least = max(_LEAST, _SHARE * dark.size)
    fills = find_fills(sheet.flat, paper, _PALE if sheet.light is None else _MARK, sheet.noise, least)
    owner, areas = _areas(sheet, dark, fills)
    sizes = counted(owner, len(areas) + 2)[2:]
    chosen = np.flatnonzero(sizes >= least)
    if not len(chosen) and sizes.size and sizes.max() > 0:
        chosen = np.flatnonzero(sizes >= 0.5 * sizes.max())
    pieces = _cut_out(sheet, owner, areas, chosen.tolist())
    return Pieces(rgb, _ink(dark, pieces), sheet.light, sheet.paper, pieces)


@dataclass(frozen=True, slots=True)
class _Area:
    """An area before its soft edge is measured."""

    box: tuple[slice, slice]
    base: np.ndarray
    """(3,) RGB."""
    filled: bool


def _areas(sheet: Sheet, dark: np.ndarray, fills: list[Fill]) -> tuple[np.ndarray, list[_Area]]:
    """(H, W) int: 0 on strokes and edges, 1 on paper that nothing encloses, i + 2 in area i; and the areas."""
    paper = dark <= max(_MARK, 5 * sheet.noise)
    covered = np.zeros(dark.shape, np.uint8)
    for fill in fills:
        covered[fill.box][fill.mask] = 1
    paper &= covered == 0
    filled = cv2.dilate(covered, np.ones((7, 7), np.uint8)) > 0
    strokes = int((~paper & ~filled).sum())
    open_paper = paper & ~close_gaps(paper, filled) if strokes >= _LEAST else paper
    count, labels, stats, _ = cv2.connectedComponentsWithStats(open_paper.astype(np.uint8), connectivity=4)
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    places = np.arange(len(fills) + 1, len(fills) + 1 + count)
    places[np.unique(frame)] = 1
    places[0] = 0
    owner = _mapped(labels, places.astype(np.min_scalar_type(len(fills) + count + 1)))
    for number, fill in enumerate(fills, 2):
        owner[fill.box][fill.mask] = number
    areas = [_Area(fill.box, fill.colour, True) for fill in fills]
    base = np.array(sheet.paper, np.float32)
    for left, top, width, height, _ in stats[1:].tolist():
        areas.append(_Area((slice(top, top + height), slice(left, left + width)), base, False))
    return owner, areas


def _cut_out(sheet: Sheet, owner: np.ndarray, areas: list[_Area], chosen: list[int]) -> tuple[Piece, ...]:
    """Some of the areas, with their soft edges."""
    if not chosen:
        return ()
    distance, whole = _nearest(owner, owner > 0)
    whole[distance > _REACH] = 0
    del distance
    _favour_fills(whole, owner, [area.filled for area in areas])
    alike = max(_ALIKE, 4 * sheet.noise)
    pieces = []
    for number in chosen:
        area, more = areas[number], int(_REACH) + 1
        rows, columns = (slice(max(0, side.start - more), side.stop + more) for side in area.box)
        mask = (whole[rows, columns] == number + 2).astype(np.uint8)
        left, top, width, height = cv2.boundingRect(mask)
        box = np.s_[rows.start + top : rows.start + top + height, columns.start + left : columns.start + left + width]
        share = _share(sheet.flat, box, area.base, alike)
        share[mask[top : top + height, left : left + width] == 0] = 0
        if not (share >= 128).any():
            continue
        red, green, blue = area.base.tolist()
        pieces.append(Piece(box, share, area.filled, (red, green, blue)))
    return tuple(sorted(pieces, key=lambda p: (p.box[0].start, p.box[1].start)))


def _share(flat: np.ndarray, box: tuple[slice, slice], base: np.ndarray, alike: float) -> np.ndarray:
    """(h, w) uint8, how much of each pixel of a box has a colour (3,) and not that beyond the edge."""
    rows, columns = box
    top, left = max(0, rows.start - _BESIDE), max(0, columns.start - _BESIDE)
    off = away(flat[top : rows.stop + _BESIDE, left : columns.stop + _BESIDE], base)
    beyond = cv2.dilate(off, np.ones((_BESIDE, _BESIDE), np.uint8))
    here = np.s_[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    off, beyond = off[here], beyond[here]
    share = np.empty(off.shape, np.uint8)
    for band in bands(*off.shape):
        share[band] = np.rint(255 * (1 - off[band].astype(np.float32) / np.maximum(beyond[band], 1)))
    share[off <= alike] = 255
    return share


def _favour_fills(whole: np.ndarray, owner: np.ndarray, filled: list[bool]) -> None:
    """Give the edge between a fill and paper to the fill, which has no stroke that it could belong to."""
    if not any(filled):
        return
    of_fill = np.append([False, False], filled)
    distance, nearest = _nearest(owner, of_fill[owner])
    edge = (owner == 0) & (distance <= _BESIDE_FILL) & ~of_fill[whole]
    whole[edge] = nearest[edge]


def _nearest(owner: np.ndarray, core: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) how far each pixel is from those of a mask, and the owner of the nearest one."""
    distance, nearest = cv2.distanceTransformWithLabels(
        (~core).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of = np.zeros(int(nearest.max()) + 1, owner.dtype)
    for rows in bands(*core.shape):
        of[nearest[rows][core[rows]]] = owner[rows][core[rows]]
    return distance, _mapped(nearest, of)


def _mapped(labels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(H, W) the value of each label, in the values' type."""
    out = np.empty(labels.shape, values.dtype)
    for rows in bands(*labels.shape):
        np.take(values, labels[rows], out=out[rows])
    return out


def _ink(dark: np.ndarray, pieces: tuple[Piece, ...]) -> np.ndarray:
    """(H, W) uint8 share of stroke or fill."""
    marked = dark[dark > _MARK]
    full = float(np.percentile(marked[:: max(1, len(marked) // 50_000)], 95)) if len(marked) else 255.0
    levels = np.arange(256, dtype=np.uint8)
    ink: np.ndarray = cv2.LUT(dark, (levels * np.float32(255 / full)).clip(0, 255).astype(np.uint8)).reshape(dark.shape)
    for piece in pieces:
        if piece.filled:
            np.maximum(ink[piece.box], piece.share, out=ink[piece.box])
    return ink

"""Areas of a drawing that have one colour of their own, and are no strokes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from lbie.colour.bands import counted

_AROUND = np.ones((3, 3), np.uint8)
_EVEN = 10  # levels by which neighbours differ at most inside an area
_WITHIN = 20  # levels that an area's pixels differ from its colour at most
_MODES = 24
_SAMPLE = 5_000  # pixels of which a colour is the median
_LEAST = 4  # flat pixels of a colour
_LONG = 30.0  # area of a stroke, of the square of half its width
_THIN, _LONG_THIN = 2.5, 16.0  # the same where half the width is less
_TAIL = 10.0  # the same of what hangs on to an area, from which on it is a stroke
_OPEN = 0.5  # what is thinner, of an area's half width, may be a stroke that hangs on to it
_THICK = 2.2  # half width of an area on which strokes end, of theirs: less is where they cross
_DEPTH = 5
_GROW = 3  # pixels that pointed corners go on past what is three pixels wide
_FRAGMENT = (0.6, 1.6)  # half width of a piece of broken stroke, of the stroke's
_APART = 6.0  # half widths of the stroke: how far its pieces lie apart


@dataclass(frozen=True)
class Fill:
    """An area of one colour."""

    corner: tuple[int, int]
    """Top and left of `mask`."""
    mask: np.ndarray
    """(h, w) bool."""
    colour: np.ndarray
    """(3,) float32 RGB."""
    half: float
    """Half its greatest width; of a stroke, half its usual one."""

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns."""
        (top, left), (height, width) = self.corner, self.mask.shape
        return slice(top, top + height), slice(left, left + width)


def spread(flat: np.ndarray) -> np.ndarray:
    """(H, W) uint8: how far apart the levels of the pixels about each one of (H, W, 3) are, in any channel."""
    difference = cv2.subtract(cv2.dilate(flat, _AROUND), cv2.erode(flat, _AROUND))
    return most(difference)


def most(levels: np.ndarray) -> np.ndarray:
    """(H, W) the largest channel of (H, W, 3) uint8."""
    red, green, blue = cv2.split(levels)
    out: np.ndarray = cv2.max(cv2.max(red, green), blue)
    return out


def away(flat: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """(H, W) uint8: how far each pixel of (H, W, 3) is from a colour (3,), in the channel where it is farthest."""
    return most(cv2.absdiff(flat, (*np.rint(colour).tolist(), 0.0)))


def find_fills(flat: np.ndarray, paper: np.ndarray, pale: float, noise: float, least: float) -> list[Fill]:
    """Areas of one colour other than the paper's that are too thick for strokes.

    Args:
        flat: (H, W, 3) uint8 RGB in even light.
        paper: (3,) RGB.
        pale: levels that an area differs from the paper at least.
        noise: standard deviation of the levels.
        least: pixels of an area.
    """
    even = spread(flat) <= max(_EVEN, 4 * noise + 6)
    even &= away(flat, paper) > max(pale, 5 * noise)
    fills: list[Fill] = []
    for colour in _colours(flat[even], max(_WITHIN, 4 * noise)):
        fills += _of_colour(flat, even, colour, max(_WITHIN, 4 * noise), least)
    return fills


def _colours(colours: np.ndarray, within: float) -> Iterator[np.ndarray]:
    """(3,) each colour that is common among (N, 3) uint8, the commonest first."""
    left = colours[:: max(1, len(colours) // 200_000)].astype(np.int16)
    for _ in range(_MODES):
        if len(left) < _LEAST:
            return
        codes = (left >> 4) @ np.array([256, 16, 1], np.int16)
        counts = np.bincount(codes)
        middle = left[codes == counts.argmax()].mean(0)
        near = np.abs(left - middle).max(1) <= within
        middle = left[near].mean(0)
        near |= np.abs(left - middle).max(1) <= within
        if near.sum() >= _LEAST:
            yield middle.astype(np.float32)
        left = left[~near]


def _of_colour(flat: np.ndarray, even: np.ndarray, colour: np.ndarray, within: float, least: float) -> list[Fill]:
    mask = away(flat, colour) <= within
    count, labels, stats = _parts(mask, 8)
    seeds = counted(labels, count, even & mask)
    found: list[Fill] = []
    strokes: list[Fill] = []
    for number in (1 + np.flatnonzero(seeds[1:] >= _LEAST // 2)).tolist():
        left, top, width, height, area = stats[number].tolist()
        if area < max(2 * _LEAST, least / 2):
            continue
        part = labels[top : top + height, left : left + width] == number
        for corner, core, half, thick in _split(part, (top, left), _DEPTH):
            (found if thick else strokes).append(Fill(corner, core, colour, half))
    found = _without_fragments(found, strokes, flat.shape[:2])
    for stroke in strokes:
        mask[stroke.box][stroke.mask] = False
    return [_grown(fill, mask, flat) for fill in found]


def _grown(fill: Fill, mask: np.ndarray, flat: np.ndarray) -> Fill:
    """A fill with its own colour, and its pointed corners as far as they are in a mask (H, W) of its colour."""
    rows, columns = fill.box
    inside = flat[fill.box][fill.mask]
    colour = np.median(inside[:: max(1, len(inside) // _SAMPLE)], axis=0).astype(np.float32)
    top, left = max(0, rows.start - _GROW), max(0, columns.start - _GROW)
    box = np.s_[top : rows.stop + _GROW, left : columns.stop + _GROW]
    own = np.zeros(mask[box].shape, np.uint8)
    row, column = rows.start - top, columns.start - left
    own[row : row + fill.mask.shape[0], column : column + fill.mask.shape[1]] = fill.mask
    allowed = mask[box].astype(np.uint8) | own
    for _ in range(_GROW):
        own = cv2.dilate(own, _AROUND) & allowed
    return Fill((top, left), own > 0, colour, fill.half)


def _parts(mask: np.ndarray, connectivity: int) -> tuple[int, np.ndarray, np.ndarray]:
    """As `cv2.connectedComponentsWithStats` of (H, W) bool: how many, labels in the smallest type, and stats."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=connectivity)
    return count, labels.astype(np.min_scalar_type(count), copy=False), stats


def _depth(mask: np.ndarray) -> np.ndarray:
    """(h, w) float32 distance of each pixel of a mask from what is outside."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    out: np.ndarray = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    out -= np.float32(0.5)
    return out


Part = tuple[tuple[int, int], np.ndarray, float, bool]
"""Top and left, mask, half its width, and whether it is too thick for a stroke."""


def _split(mask: np.ndarray, corner: tuple[int, int], depth: int) -> Iterator[Part]:
    """Cut strokes off areas of the same colour."""
    inner = _depth(mask)
    half, area = float(inner.max()), int(mask.sum())
    if area <= 6 or depth == 0:
        return
    if half <= _THIN and not _compact(area, half):
        yield corner, mask, 2 * float(inner[mask].mean()), False
        return
    core = _opened(mask, inner, _OPEN * half)
    rest = mask & ~core
    count, labels, stats = _parts(rest, 8)
    tails: list[tuple[tuple[int, int], np.ndarray]] = []
    tail_half = 0.0
    for number in range(1, count):
        left, top, width, height, size = stats[number].tolist()
        place = np.s_[top : top + height, left : left + width]
        part = labels[place] == number
        if size <= _TAIL * float(inner[place][part].max()) ** 2:
            core[place] |= part
        elif size > 2 * _LEAST:
            tails.append(((top, left), part))
            tail_half = max(tail_half, 2 * float(inner[place][part].mean()))
    if not tails or half < _THICK * tail_half:
        thick = _compact(area, half)
        yield corner, mask, half if thick else 2 * float(inner[mask].mean()), thick
        return
    count, labels, stats = _parts(core, 4)
    for number in range(1, count):
        left, top, width, height, size = stats[number].tolist()
        part = labels[top : top + height, left : left + width] == number
        deepest = float(inner[top : top + height, left : left + width][part].max())
        yield (corner[0] + top, corner[1] + left), part, deepest, _compact(size, deepest)
    del inner, core, rest, labels  # of a large picture each is large
    for (top, left), part in tails:
        yield from _split(part, (corner[0] + top, corner[1] + left), depth - 1)


def _compact(area: int, half: float) -> bool:
    """Whether so many pixels of some half width are no stroke."""
    return area <= (_LONG if half > _THIN else _LONG_THIN) * half**2


def _opened(mask: np.ndarray, inner: np.ndarray, reach: float) -> np.ndarray:
    """(h, w) bool: what discs of radius `reach` cover that lie within a mask."""
    centres = inner > reach
    if not centres.any():
        return mask.copy()
    distance = cv2.distanceTransform((~centres).astype(np.uint8), cv2.DIST_L2, 5)
    out: np.ndarray = mask & (distance <= reach + 0.5)
    return out


def _without_fragments(found: list[Fill], strokes: list[Fill], size: tuple[int, int]) -> list[Fill]:
    """Leave out what is as wide as a stroke close by: it is a part of it, broken off."""
    kept = []
    for fill in found:
        like = [s for s in strokes if _FRAGMENT[0] * s.half <= fill.half <= _FRAGMENT[1] * s.half]
        if not any(_close(fill, stroke, size) for stroke in like):
            kept.append(fill)
    return kept


def _close(fill: Fill, stroke: Fill, size: tuple[int, int]) -> bool:
    reach = int(_APART * stroke.half) + 1
    rows, columns = fill.box
    top, left = max(0, rows.start - reach), max(0, columns.start - reach)
    bottom, right = min(size[0], rows.stop + reach), min(size[1], columns.stop + reach)
    row, column = stroke.corner
    window = stroke.mask[max(0, top - row) : max(0, bottom - row), max(0, left - column) : max(0, right - column)]
    return bool(window.any())

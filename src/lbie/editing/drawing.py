"""A drawing of shapes in dark ink on lighter paper, and where its shapes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lbie.data.cosal.shapes import GRID
from lbie.editing.grid import find_cells, name_cell
from lbie.editing.miniature import draw_miniature
from lbie.editing.tones import LEAST_CONTRAST, Tones
from lbie.errors import InputError
from lbie.image_io import SourceImage

_LIMITS = "this model reads drawings of up to nine filled shapes in three rows of three"
_WORK = 1536  # longer side at which shapes are looked for
_STRIP = 1_000_000  # pixels
_SPECK = 0.02  # of the largest shape's area
_MOST_STRAY, _CLEAN_STRAY = 0.1, 0.005
_CLEAN_SPECKS = 5
_SOLID, _TINY = 0.8, 0.25
_BESIDE = 1.5  # pixels
_REACH = 0.1  # of the longest side of a shape: how far its soft edge may go


@dataclass(frozen=True)
class Shape:
    """A connected piece of ink. Pixels are those of the size at which shapes are looked for."""

    cell: int
    """Where it lies, 0 to 8, row by row from the upper left."""
    box: np.ndarray
    """(4,) top, left, bottom, right of what is more ink than paper."""
    corner: tuple[int, int]
    """Top and left of `least`."""
    least: np.ndarray
    """(h, w) float32: share of ink from which on a pixel there is the shape's; infinite where none is."""
    ink: float
    """Its own gray level."""
    solidity: float
    """Share of its convex hull that is ink: near 1 for every filled shape that the model knows."""

    @property
    def side(self) -> int:
        """The longer side of its box."""
        return int((self.box[2:] - self.box[:2]).max())


@dataclass(frozen=True)
class Drawing:
    """A drawing that has been read."""

    source: SourceImage
    """The picture."""
    gray: np.ndarray
    """(H, W) uint8, on white where the picture is transparent."""
    paper: float
    """Gray level of the paper."""
    size: tuple[int, int]
    """Height and width at which shapes were looked for."""
    shapes: tuple[Shape, ...]
    """1 to 9 shapes, each in another cell."""
    miniature: np.ndarray
    """(48, 48) float32 in [0, 1], share of ink: the drawing as the network sees it."""
    clean: bool
    """Whether it is plainly a drawing of such shapes."""
    notices: tuple[str, ...]
    """What a person should know, one line each."""

    def strips(self, shape: Shape) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
        """A shape and its soft edge in strips, so that no large array is made.

        Yields:
            Rows and columns of the source, and the share of ink of each of these pixels: (h, w) float32 in [0, 1], 0
            outside the shape.
        """
        rows, columns = (self._span(shape, axis) for axis in range(2))
        height = max(1, _STRIP // (columns.stop - columns.start))
        across = self._inside(shape, 1, columns)
        for top in range(rows.start, rows.stop, height):
            place = slice(top, min(rows.stop, top + height)), columns
            least = shape.least[np.ix_(self._inside(shape, 0, place[0]), across)]
            yield place, _share(self.gray[place], least, self.paper, shape.ink)

    def _span(self, shape: Shape, axis: int) -> slice:
        """Rows (axis 0) or columns of the source that hold a shape."""
        start, stop = shape.corner[axis], shape.corner[axis] + shape.least.shape[axis]
        full, small = self.gray.shape[axis], self.size[axis]
        return slice(start * full // small, -(-stop * full // small))

    def _inside(self, shape: Shape, axis: int, span: slice) -> np.ndarray:
        """Of each row or column of the source, that of `shape.least` in which it lies."""
        there = (np.arange(span.start, span.stop) + 0.5) * self.size[axis] / self.gray.shape[axis]
        return (there.astype(int) - shape.corner[axis]).clip(0, shape.least.shape[axis] - 1)


def read_drawing(source: SourceImage) -> Drawing:
    """Find the shapes of a drawing: of any size, on white or gray paper, with soft edges and noise.

    Raises:
        InputError: no drawing in two tones, no shapes, more than nine, or not in three rows of three.
    """
    rgb = on_white(source)
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, _WORK / max(gray.shape))
    size = max(1, round(gray.shape[0] * scale)), max(1, round(gray.shape[1] * scale))
    small = gray if scale == 1 else cv2.resize(gray, size[::-1], interpolation=cv2.INTER_AREA)
    tones = Tones.of(small)
    if tones.contrast < LEAST_CONTRAST:
        raise InputError(f"found no shapes in dark ink on lighter paper: {_LIMITS}")
    dark = tones.dark(small)
    if np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]]).mean() > 0.5:
        raise InputError(f"the edge of the picture is dark, but shapes must be darker than their paper: {_LIMITS}")
    stray = tones.stray(rgb)
    if stray > _MOST_STRAY:
        raise InputError(f"this is no drawing in two tones, {stray:.0%} of it is neither paper nor ink: {_LIMITS}")
    count, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    numbers = 1 + np.flatnonzero(areas >= _SPECK * areas.max())
    specks = count - 1 - len(numbers)
    if len(numbers) > GRID * GRID:
        raise InputError(f"found {len(numbers):,} shapes: {_LIMITS}")
    corners = stats[numbers][:, [cv2.CC_STAT_TOP, cv2.CC_STAT_LEFT]]
    boxes = np.hstack([corners, corners + stats[numbers][:, [cv2.CC_STAT_HEIGHT, cv2.CC_STAT_WIDTH]]])
    cells = find_cells(boxes, size)
    noise = min(0.3, max(1.5, 3 * tones.noise(gray)) / tones.contrast)
    shapes = _describe_shapes(small, labels, numbers, boxes, cells, noise)
    shares = []
    for shape in shapes:
        (top, left), (height, width) = shape.corner, shape.least.shape
        levels = small[top : top + height, left : left + width]
        shares.append(_share(levels, shape.least, tones.paper, shape.ink))
    miniature = draw_miniature(shares, [shape.corner for shape in shapes], boxes, cells, size)
    apart = (boxes[:, :2] > 0).all() and (boxes[:, 2:] < size).all()
    solid = all(shape.solidity >= _SOLID for shape in shapes)
    clean = bool(stray <= _CLEAN_STRAY and specks <= _CLEAN_SPECKS and solid and apart)
    notices = tuple(_notices(shapes, specks, stray))
    return Drawing(source, gray, tones.paper, size, shapes, miniature, clean, notices)


def refuse_panorama(panorama: bool) -> None:
    """Say that drawings are none.

    Raises:
        InputError: the drawing is said to be a panorama.
    """
    if panorama:
        raise InputError("a drawing is no panorama: its sides do not touch; photos are edited so")


def on_white(source: SourceImage) -> np.ndarray:
    """The picture on white paper where it is transparent, (H, W, 3) uint8."""
    if source.alpha is None:
        return source.rgb
    alpha = cv2.merge([source.alpha] * 3)
    return cv2.add(cv2.multiply(source.rgb, alpha, scale=1 / 255), 255 - alpha)


def _describe_shapes(
    gray: np.ndarray, labels: np.ndarray, numbers: np.ndarray, boxes: np.ndarray, cells: Sequence[int], noise: float
) -> tuple[Shape, ...]:
    """The pieces of ink `numbers` of `labels` (h, w).

    A pixel of an edge belongs to the nearest piece, and away from it only where it has more ink than the noise (a
    share).
    """
    distance, nearest = cv2.distanceTransformWithLabels((labels == 0).astype(np.uint8), cv2.DIST_L2, 5)
    owner = np.zeros(int(nearest.max()) + 1, labels.dtype)
    owner[nearest[labels > 0]] = labels[labels > 0]
    reach = max(2, int(_REACH * (boxes[:, 2:] - boxes[:, :2]).max()))
    found = []
    for number, box, cell in zip(numbers, boxes, cells, strict=True):
        top, left = (int(x) for x in np.maximum(box[:2] - reach, 0))
        around = np.s_[top : box[2] + reach, left : box[3] + reach]
        least = np.where(distance[around] < _BESIDE, np.float32(0), np.float32(noise))
        least[(owner[nearest[around]] != number) | (distance[around] > reach)] = np.inf
        core = (labels[around] == number).astype(np.uint8)
        inner = cv2.erode(core, np.ones((3, 3), np.uint8), borderValue=0)
        ink = float(np.median(gray[around][(inner if inner.any() else core) > 0]))
        hull = cv2.fillConvexPoly(np.zeros_like(core), cv2.convexHull(cv2.findNonZero(core)), 1)
        found.append(Shape(cell, box, (top, left), least, ink, float(core.sum() / hull.sum())))
    return tuple(found)


def _share(gray: np.ndarray, least: np.ndarray, paper: float, ink: float) -> np.ndarray:
    share = ((paper - gray.astype(np.float32)) / (paper - ink)).clip(0, 1)
    return np.where(share < least, np.float32(0), share)


def _notices(shapes: Sequence[Shape], specks: int, stray: float) -> list[str]:
    lines = []
    if stray > _CLEAN_STRAY:
        lines.append(f"{stray:.1%} of the picture is neither paper nor ink and may be overlooked")
    if specks:
        lines.append(f"{specks:,} {'specks were' if specks > 1 else 'speck was'} left out as too small for a shape")
    hollow = "; ".join(name_cell(shape.cell) for shape in shapes if shape.solidity < _SOLID)
    if hollow:
        lines.append(
            f"not filled, or not one shape alone ({hollow}): the model was made for filled shapes that lie apart "
            "from each other, and may misread it"
        )
    most = max(shape.side for shape in shapes)
    tiny = "; ".join(name_cell(shape.cell) for shape in shapes if shape.side < _TINY * most)
    if tiny:
        lines.append(f"much smaller than the largest shape, and perhaps misread: {tiny}")
    return lines

"""Shapes of a drawing filled as its picture was painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lbie.vector.areas import MAX_OUTLINES, Areas, find_areas
from lbie.vector.assign import Colour, assign_fills
from lbie.vector.names import local_name
from lbie.vector.patch import write_fills
from lbie.vector.raster import draw, on_white, working_size
from lbie.vector.read import Svg
from lbie.vector.scene import Scene, lay_out

Paint = Callable[[np.ndarray], np.ndarray]
"""(H, W, 3) uint8 sRGB to what it becomes, of the same shape."""
_SAME = 3  # levels up to which a colour counts as unchanged
_FEWEST = 4  # pixels of a shape that tell its colour
_STEP = 8  # levels that are one when the commonest colour is looked for


@dataclass(frozen=True)
class Change:
    """An element that was filled."""

    line: int
    """Its line in the file."""
    tag: str
    """Such as `rect`."""
    id: str | None
    """Its id, if it has one."""
    fill: str
    """Its new fill."""


@dataclass(frozen=True)
class Recoloured:
    """A drawing with other fills."""

    data: bytes
    """The file's bytes: those of the source, but for the fills."""
    changes: tuple[Change, ...]
    """What was filled, in the order of the file."""
    warnings: tuple[str, ...]
    """What a person should know, one line each."""


def rasterise(svg: Svg, size: tuple[int, int] | None = None) -> np.ndarray:
    """Draw a drawing.

    Args:
        svg: the drawing.
        size: height and width in pixels (None: as a model is shown it, see `raster.working_size`).

    Returns:
        (H, W, 4) uint8 RGBA, not premultiplied.

    Raises:
        InputError: it cannot be drawn.
    """
    scene = lay_out(svg)
    return draw(scene.root, size or working_size(svg.size), fonts=scene.lettered)


def recolour(svg: Svg, paint: Paint) -> Recoloured:
    """Give each shape the colour that most of its visible inside got, where it got another.

    Shapes are what is filled, and outlines that are closed; a shape that is copied by `use` is one at each place. Only
    fills change. Gradients and patterns give way to a plain colour where most of their area changed.

    Args:
        svg: the drawing.
        paint: edits its picture, of about a megapixel at most, on white paper.

    Raises:
        InputError: it cannot be drawn.
        ValueError: `paint` returns a picture of another shape.
    """
    scene = lay_out(svg)
    size = working_size(svg.size)
    before = on_white(draw(scene.root, size, fonts=scene.lettered))
    after = np.asarray(paint(before.copy()))
    if after.shape != before.shape or after.dtype != np.uint8:
        raise ValueError(f"paint must return uint8 {before.shape}, got {after.dtype} {after.shape}")
    if (after == before).all():
        return Recoloured(svg.data, (), ())
    areas = find_areas(scene, size)
    colours, pixels, warnings = _read_colours(scene, areas, before, after)
    fills, more = assign_fills(svg, scene.instances, colours, pixels)
    elements = list(svg.root.iter("*"))
    changes = tuple(Change(*_name(elements[n]), fills[n].value) for n in sorted(fills))
    return Recoloured(write_fills(svg.data, fills), changes, (*warnings, *more))


def _read_colours(
    scene: Scene, areas: Areas, before: np.ndarray, after: np.ndarray
) -> tuple[dict[int, Colour], dict[int, int], list[str]]:
    """New colours of shapes, visible pixels of shapes, and warnings."""
    places = _group(areas.labels, len(scene.instances))
    source, target = before.reshape(-1, 3).copy(), after.reshape(-1, 3)
    beneath, labels = areas.filled.ravel(), areas.labels.ravel()
    told = np.zeros(len(source), bool)  # pixels of outlines on which a shape beneath has a new colour
    colours: dict[int, Colour] = {}
    hidden = 0
    outlines = set(areas.outlines)
    for i in (*(i for i in places if i not in outlines), *areas.outlines):
        if i not in places:
            continue
        place = places[i]
        place = place[~(told[place] & (_distance(source[place], target[place]) <= _SAME))]  # these say nothing of it
        colour = _new_colour(source[place], target[place])
        if colour is None:
            continue
        if i in areas.covering:
            hidden += 1
            continue
        colours[i] = colour
        if i not in outlines:  # what an outline without a fill now shows of it
            shown = (beneath == i) & (labels != i)
            source[shown], told[shown] = colour, True
    warnings = []
    if hidden:
        warnings.append(f"{hidden} outlines lie over other shapes, which a fill would hide: they were left unfilled")
    total = sum(s.fillable and not s.filled for s in scene.instances)
    if total > MAX_OUTLINES:
        warnings.append(f"only the first {MAX_OUTLINES} of {total:,} unfilled outlines were looked at")
    return colours, {i: len(place) for i, place in places.items()}, warnings


def _group(labels: np.ndarray, count: int) -> dict[int, np.ndarray]:
    """Pixels (N,) of each shape, without those at its edge where others are left."""
    values = labels.astype(np.float32)
    kernel = np.ones((3, 3), np.uint8)
    inner = (cv2.erode(values, kernel) == values) & (cv2.dilate(values, kernel) == values)
    found: dict[int, np.ndarray] = {}
    for mask in (labels >= 0, inner):
        flat = np.flatnonzero(mask & (labels >= 0))
        owners = labels.ravel()[flat]
        order = np.argsort(owners, kind="stable")
        ends = np.cumsum(np.bincount(owners, minlength=count))
        for i, place in enumerate(np.split(flat[order], ends[:-1])):
            if len(place) >= _FEWEST:
                found[i] = place
    return found


def _new_colour(before: np.ndarray, after: np.ndarray) -> Colour | None:
    """The commonest new colour of pixels (N, 3), or None where most of them are as they were."""
    changed = _distance(before, after) > _SAME
    if len(changed) < _FEWEST or changed.mean() <= 0.5:
        return None
    new = after[changed]
    for step in (_STEP, 1):
        _, index, counts = np.unique(_pack(new // step), return_inverse=True, return_counts=True)
        new = new[index.ravel() == counts.argmax()]
    red, green, blue = (int(value) for value in new[0])
    return red, green, blue


def _distance(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(N,) largest difference of a channel."""
    return np.abs(before.astype(np.int16) - after).max(1)


def _pack(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(np.int32) @ np.array([65536, 256, 1], np.int32)


def _name(element: Any) -> tuple[int, str, str | None]:
    return element.sourceline, local_name(element), element.get("id")

"""Which shape each pixel of a drawing is of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from lxml import etree

from lbie.vector.names import CONTAINERS, DRAWN, SHAPES, local_name
from lbie.vector.raster import draw
from lbie.vector.scene import Instance, Scene
from lbie.vector.style import declared, own_value

NOTHING, OTHER = -1, -2
"""Pixels on which nothing is drawn, and those of strokes, text, pictures and mixtures."""
MAX_OUTLINES = 400
"""Limit on the unfilled outlines that are looked at."""
_SMALL = 192  # shorter side at which outlines are compared
_INSIDE = 0.6  # share of a shape that lies within an outline, from which on it counts as inside
_EVEN = {"opacity": "1", "filter": "none", "mix-blend-mode": "normal", "shape-rendering": "crispEdges"}


@dataclass(frozen=True)
class Areas:
    """Where each shape shows. Shapes are numbered as `Scene.instances`."""

    labels: np.ndarray
    """(H, W) int32: the shape whose inside each pixel is, or `NOTHING` or `OTHER`."""
    filled: np.ndarray
    """(H, W) int32: the same, of shapes with a fill alone."""
    outlines: tuple[int, ...]
    """Unfilled outlines, the largest first."""
    covering: frozenset[int]
    """Those that lie over shapes which a fill would hide."""


def find_areas(scene: Scene, size: tuple[int, int]) -> Areas:
    """Draw every shape in a colour that is its number, with sharp edges; what lies over another hides it.

    An outline without a fill has what is inside of it, without shapes and smaller outlines that lie inside.
    """
    shapes = {i: s for i, s in enumerate(scene.instances) if s.fillable and s.filled}
    filled = _read(draw(_mark_all(scene, shapes), size, crisp=True), shapes)
    found = [i for i, s in enumerate(scene.instances) if s.fillable and not s.filled][:MAX_OUTLINES]
    if not found:
        return Areas(filled, filled, (), frozenset())
    scale = min(1.0, _SMALL / min(size))
    small = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    masks = {i: _read(draw(_mark_alone(scene, [i]), small, crisp=True), [i]) == i for i in found}
    outlines = tuple(sorted(found, key=lambda i: -int(masks[i].sum())))
    inner = _read(draw(_mark_alone(scene, outlines), size, crisp=True), outlines)
    rows, columns = ((np.arange(n) + 0.5) * full / n for n, full in zip(small, size, strict=True))
    glance = filled[np.ix_(rows.astype(int), columns.astype(int))]
    count = len(scene.instances)
    total = np.bincount(glance[glance >= 0], minlength=count)
    labels, covering = filled.copy(), set()
    for place, i in enumerate(outlines):
        within = np.bincount(glance[masks[i] & (glance >= 0)], minlength=count) >= _INSIDE * np.maximum(total, 1)
        own = (inner == i) & ((filled == NOTHING) | ((filled >= 0) & ~within[filled.clip(0)]))
        labels[own] = i
        lesser = [j for j in outlines[place + 1 :] if j < i]
        if within[:i].any() or any((masks[j] & masks[i]).sum() >= _INSIDE * max(1, masks[j].sum()) for j in lesser):
            covering.add(i)
    return Areas(labels, filled, outlines, frozenset(covering))


def _code(number: int) -> int:
    """A colour far from those of other numbers, so that mixtures of colours are no number's; never 0, black."""
    return ((number + 1) * 0x9E3779B1) & 0xFFFFFF


def _read(rgba: np.ndarray, numbers: Iterable[int]) -> np.ndarray:
    """(H, W, 4) uint8 to (H, W) int32 numbers."""
    order = sorted(numbers, key=_code)
    codes = np.array([_code(i) for i in order] + [1 << 24])
    values = rgba[..., :3].astype(np.int64) @ (65536, 256, 1)
    place = np.searchsorted(codes, values)
    known = (codes[place] == values) & (rgba[..., 3] == 255)
    labels = np.array([*order, OTHER], np.int32)[np.where(known, place, len(order))]
    labels[rgba[..., 3] == 0] = NOTHING
    return labels


def _mark_all(scene: Scene, shapes: Iterable[int]) -> Any:
    """The drawing with shapes in the colours of their numbers, strokes black, and nothing see-through."""
    marked = deepcopy(scene.root)
    twin = dict(zip(scene.root.iter("*"), marked.iter("*"), strict=True))
    numbers = set(shapes)
    for i, shape in enumerate(scene.instances):
        _mark(twin[shape.node], shape, i if i in numbers else None)
    stack = [marked]
    while stack:
        node = stack.pop()
        if local_name(node) in DRAWN - SHAPES:
            _restyle(node, {})
            stack.extend(node.iterchildren("*"))
    return marked


def _mark_alone(scene: Scene, numbers: Sequence[int]) -> Any:
    """Some shapes alone, in that order, each in the groups that it is in."""
    root = etree.Element(scene.root.tag, scene.root.attrib, nsmap=scene.root.nsmap)
    stack = [scene.root]
    while stack:
        for child in stack.pop().iterchildren("*"):
            if local_name(child) in CONTAINERS:
                stack.append(child)
            elif local_name(child) not in DRAWN:
                root.append(deepcopy(child))
    for i in numbers:
        shape, parent = scene.instances[i], root
        for group in reversed([*shape.node.iterancestors()][:-1]):
            parent = etree.SubElement(parent, group.tag, {k: v for k, v in group.attrib.items() if k != "id"})
            _restyle(parent, {})
        node = deepcopy(shape.node)
        node.tail = None
        parent.append(node)
        _mark(node, shape, i)
    return root


def _mark(node: Any, shape: Instance, number: int | None) -> None:
    fill = "none" if number is None else f"#{_code(number):06x}"
    stroke = "#000000" if shape.stroked else "none"
    _restyle(node, {"fill": fill, "fill-opacity": "1", "stroke": stroke, "stroke-opacity": "1"})


def _restyle(node: Any, values: dict[str, str]) -> None:
    """Set style of an element, and take away what lets others shine through."""
    style = declared(node) | _EVEN | values
    if (own_value(node, "opacity") or "1").rstrip("%").strip(" 0.") == "":
        style["opacity"] = "0"  # what is not seen stays so
    node.set("style", "; ".join(f"{name}: {value}" for name, value in style.items()))

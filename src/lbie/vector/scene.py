"""A drawing without style sheets and copies: every element is drawn where it stands, with its own style."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree

from lbie.vector.expansion import index_ids
from lbie.vector.names import CONTAINERS, DRAWN, SHAPES, SVG, XLINK, local_name, target_id
from lbie.vector.path_data import path_is_closed, points_are_closed
from lbie.vector.read import Svg
from lbie.vector.style import is_clear, value_of
from lbie.vector.units import to_pixels

_PLACE = frozenset({"x", "y", "width", "height", "href", XLINK, "id"})
_NO_CLASS = frozenset({"class"})


@dataclass(frozen=True)
class Instance:
    """A shape as it is drawn at one place."""

    node: Any
    """Its element in the scene."""
    origin: int
    """Number of its element in the drawing, in the order of `root.iter("*")`."""
    uses: tuple[int, ...]
    """Numbers of the `use` elements that copied it, the outermost first."""

    @cached_property
    def filled(self) -> bool:
        """Whether it has a fill that shows."""
        return local_name(self.node) != "line" and not is_clear(value_of(self.node, "fill", "black"))

    @cached_property
    def stroked(self) -> bool:
        """Whether it has a stroke that shows."""
        width = to_pixels(value_of(self.node, "stroke-width", "1"))
        return not (is_clear(value_of(self.node, "stroke", "none")) or width == 0 or self._faint("stroke-opacity"))

    @cached_property
    def fillable(self) -> bool:
        """Whether a fill would show, as it does or might in an outline that is closed."""
        if self._faint("fill-opacity"):
            return False
        return self.filled or (self.stroked and self._closed())

    def _closed(self) -> bool:
        tag = local_name(self.node)
        if tag == "path":
            return path_is_closed(self.node.get("d", ""))
        if tag == "polyline":
            return points_are_closed(self.node.get("points", ""))
        return tag != "line"

    def _faint(self, name: str) -> bool:
        text = value_of(self.node, name, "1")
        try:
            return float(text.rstrip("%")) <= 0
        except ValueError:
            return False


@dataclass(frozen=True)
class Scene:
    """A drawing laid out for drawing it."""

    root: Any
    """lxml element `svg` with a view box and no size."""
    instances: tuple[Instance, ...]
    """Its shapes in the order in which they are drawn."""

    @cached_property
    def lettered(self) -> bool:
        """Whether it has text."""
        return next(self.root.iter(f"{{{SVG}}}text"), None) is not None


def lay_out(svg: Svg) -> Scene:
    """Replace style sheets by `style`, and each `use` by what it copies."""
    plain = deepcopy(svg.root)
    number = {}
    for i, (node, style) in enumerate(zip(plain.iter("*"), svg.styles, strict=True)):
        number[node] = i
        if style.values:  # own properties (--name) are not known to what draws
            known = [f"{name}: {value}" for name, value in style.values.items() if not name.startswith("--")]
            node.set("style", "; ".join(known))
    builder = _Builder(number, index_ids(plain), svg.box)
    root = builder.build(plain, (), None)
    for name in ("x", "y", "width", "height"):
        root.attrib.pop(name, None)
    root.set("viewBox", " ".join(f"{value:.9g}" for value in svg.box))
    return Scene(root, tuple(builder.instances))


class _Builder:
    """Builds the tree of a scene; `number` is that of each element of the drawing."""

    def __init__(self, number: dict[Any, int], ids: dict[str, Any], box: tuple[float, float, float, float]) -> None:
        self.number, self.ids, self.box = number, ids, box
        self.instances: list[Instance] = []

    def build(self, node: Any, uses: tuple[int, ...], parent: Any) -> Any:
        """Add what an element draws to `parent`."""
        tag = local_name(node)
        if tag == "use":
            return self._copy(node, uses, parent)
        if tag not in DRAWN:
            if tag not in ("", "style", "title", "desc", "metadata") and not uses:
                parent.append(deepcopy(node))
            return None
        if tag in ("text", "image"):
            new = deepcopy(node)
            new.tail = None
            parent.append(new)
        else:
            new = _element(parent, tag, {k: v for k, v in node.attrib.items() if k not in _NO_CLASS})
        if uses:
            for copied in new.iter("*"):
                copied.attrib.pop("id", None)
        if tag in SHAPES:
            self.instances.append(Instance(new, self.number[node], uses))
            for inner in node.iterchildren("*"):  # animations do not move, gradients may be referred to
                if local_name(inner) not in ("", "title", "desc") and not uses:
                    new.append(deepcopy(inner))
        elif tag in CONTAINERS:
            for child in node.iterchildren("*"):
                self.build(child, uses, new)
        return new

    def _copy(self, node: Any, uses: tuple[int, ...], parent: Any) -> Any:
        target = self.ids.get(target_id(node) or "")
        if target is None or local_name(target) not in (DRAWN | {"symbol"}):
            return None
        outer = _element(parent, "g", {k: v for k, v in node.attrib.items() if k not in _PLACE | _NO_CLASS})
        x, y = (self._length(node.get(side, "0"), axis) for axis, side in enumerate("xy"))
        inner = _element(outer, "g", {"transform": f"translate({x:.9g} {y:.9g})"})
        chain = (*uses, self.number[node])
        if local_name(target) not in ("symbol", "svg"):
            self.build(target, chain, inner)
            return outer
        kept = {k: v for k, v in target.attrib.items() if k not in _NO_CLASS | {"id"}}
        port = _element(inner, "svg", kept | {k: node.get(k) for k in ("width", "height") if node.get(k)})
        for child in target.iterchildren("*"):
            self.build(child, chain, port)
        return outer

    def _length(self, text: str, axis: int) -> float:
        if text.strip().endswith("%"):
            return (to_pixels(text.strip()[:-1]) or 0.0) / 100 * self.box[2 + axis]
        return to_pixels(text) or 0.0


def _element(parent: Any, tag: str, attributes: dict[str, str]) -> Any:
    name = f"{{{SVG}}}{tag}"
    if parent is None:
        return etree.Element(name, attributes, nsmap={None: SVG})
    return etree.SubElement(parent, name, attributes)

"""Names of SVG."""

from __future__ import annotations

from typing import Any

SVG = "http://www.w3.org/2000/svg"
"""Namespace of SVG."""
XLINK = "{http://www.w3.org/1999/xlink}href"
"""The older name of `href`."""
CONTAINERS = frozenset({"g", "a", "switch", "svg"})
"""Elements whose children are drawn where they stand."""
SHAPES = frozenset({"rect", "circle", "ellipse", "polygon", "polyline", "path", "line"})
"""Elements with a geometry of their own."""
DRAWN = CONTAINERS | SHAPES | {"text", "image", "use"}
"""Elements that are drawn where they stand; all others define something, or say something about the drawing."""


def local_name(element: Any) -> str:
    """`rect` of `{http://www.w3.org/2000/svg}rect`; empty for comments and for elements that are not SVG's."""
    tag = element.tag
    return tag.removeprefix(f"{{{SVG}}}") if isinstance(tag, str) and tag.startswith(f"{{{SVG}}}") else ""


def reference(element: Any) -> str | None:
    """What an element refers to by `href`, or None."""
    value = element.get("href", element.get(XLINK))
    return None if value is None else value.strip()


def target_id(element: Any) -> str | None:
    """The id that an element refers to by `href="#id"`, or None."""
    value = reference(element)
    return value[1:] if value and value.startswith("#") and len(value) > 1 else None

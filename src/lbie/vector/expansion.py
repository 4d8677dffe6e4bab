"""How much a drawing becomes when all that it refers to is drawn: a limit on copies of copies."""

from __future__ import annotations

import re
from typing import Any

from lbie.errors import InputError
from lbie.vector.names import local_name, target_id
from lbie.vector.style import Style

MAX_DRAWN = 100_000
"""Limit on the elements that are drawn, with all copies."""
MAX_CHAIN = 200
"""Limit on how deep elements and what they refer to lie in each other."""
_URL = re.compile(r"url\(\s*['\"]?\s*#([^'\")]+?)\s*['\"]?\s*\)", re.IGNORECASE)
_FLAT = frozenset({"linearGradient", "radialGradient"})  # drawn at once, whatever is in them
_FILTER = 50  # elements that take about as long


def check_expansion(root: Any, styles: list[Style], name: str) -> None:
    """Refuse a drawing that grows out of bounds when its references are followed.

    Raises:
        InputError: something refers to itself, or too much is to be drawn.
    """
    styled = dict(zip(root.iter("*"), styles, strict=True))
    ids = index_ids(root)
    known: dict[Any, tuple[int, int]] = {}
    active: set[Any] = set()

    def measure(node: Any) -> tuple[int, int]:
        """Elements, and how deep they lie in each other."""
        if node in known:
            return known[node]
        if node in active:
            raise InputError(f"{name}, line {node.sourceline}: '{_tag(node)}' refers to itself: break the circle")
        if len(active) > MAX_CHAIN:
            raise InputError(f"{name}, line {node.sourceline}: references lead more than {MAX_CHAIN} deep")
        active.add(node)
        count, depth = (_FILTER if _tag(node) == "filter" else 1), 0
        links = [] if _tag(node) in _FLAT else [*node.iterchildren("*"), *_targets(node, styled[node], ids)]
        for other in links:
            more, deeper = measure(other)
            times = _corners(node) if _tag(other) == "marker" else 1
            count, depth = count + more * times, max(depth, deeper)
        if count > MAX_DRAWN:
            raise InputError(
                f"{name}, line {node.sourceline}: with its copies, '{_tag(node)}' draws more than the limit of "
                f"{MAX_DRAWN:,} elements"
            )
        if depth + 1 > MAX_CHAIN:
            raise InputError(f"{name}, line {node.sourceline}: references lead more than {MAX_CHAIN} deep")
        active.remove(node)
        known[node] = count, depth + 1
        return known[node]

    measure(root)


def index_ids(root: Any) -> dict[str, Any]:
    """Id to the first element that has it."""
    ids: dict[str, Any] = {}
    for node in root.iter("*"):
        if node.get("id"):
            ids.setdefault(node.get("id"), node)
    return ids


def _targets(node: Any, style: Style, ids: dict[str, Any]) -> list[Any]:
    names = [target_id(node) or ""]
    for text in (*(value for key, value in node.attrib.items() if key != "style"), *style.values.values()):
        if "(" in text:
            names += _URL.findall(text)
    return [ids[name] for name in names if name in ids]


def _corners(node: Any) -> int:
    """At how many places a marker may be drawn."""
    text = node.get("d") or node.get("points") or ""
    return 2 + len(re.findall(r"[\s,a-zA-Z-]+", text)) // 2


def _tag(node: Any) -> str:
    return local_name(node) or str(node.tag).rpartition("}")[2]

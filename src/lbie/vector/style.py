"""The style of each element: what attributes, style sheets and `style` say, the strongest of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cssselect2
import tinycss2
from tinycss2.color3 import RGBA, parse_color

from lbie.errors import InputError
from lbie.vector.names import local_name

MAX_WORK = 5_000_000
"""Limit on rules times elements."""
INHERITED = frozenset({"fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity"})
"""Properties read here that children have from their parents."""


@dataclass(frozen=True)
class Style:
    """What is declared for one element."""

    values: Mapping[str, str] = field(default_factory=dict)
    """Property to value, of style sheets and `style`; presentation attributes, which are weaker, are not in it."""
    by_rule: frozenset[str] = frozenset()
    """Properties that a rule of a style sheet declares."""
    important: frozenset[str] = frozenset()
    """Properties that are declared `!important`."""


def read_styles(root: Any, name: str) -> list[Style]:
    """The style of each element, in the order of `root.iter("*")`. Rules inside @media and the like do not count.

    Raises:
        InputError: too many rules.
    """
    matcher, rules = cssselect2.Matcher(), 0
    for sheet in root.iter("*"):
        if local_name(sheet) != "style" or sheet.get("type", "text/css").strip().lower() not in ("", "text/css"):
            continue
        for rule in tinycss2.parse_stylesheet("".join(sheet.itertext()), skip_comments=True, skip_whitespace=True):
            if rule.type != "qualified-rule":
                continue
            try:
                selectors = cssselect2.compile_selector_list(rule.prelude)
            except cssselect2.SelectorError:  # as browsers do
                continue
            declared = _declarations(rule.content)
            for selector in selectors:
                rules += 1
                if selector.pseudo_element is None and not selector.never_matches:
                    matcher.add_selector(selector, declared)
    wrapped = cssselect2.ElementWrapper.from_xml_root(root)
    elements = list(wrapped.iter_subtree())
    if rules * len(elements) > MAX_WORK:
        raise InputError(f"{name} has {rules:,} style rules for {len(elements):,} elements: too many to follow")
    return [_style(matcher.match(e) if rules else [], e.etree_element.get("style", "")) for e in elements]


def declared(element: Any) -> dict[str, str]:
    """Property to value of an element's `style`."""
    return {name: value for name, (value, _) in _inline(element.get("style", "")).items()}


def own_value(element: Any, name: str) -> str | None:
    """What an element itself says of a property, in `style` or as an attribute; None where it does not."""
    value = declared(element).get(name, element.get(name))
    return None if value is None else value.strip()


def value_of(element: Any, name: str, initial: str) -> str:
    """The value that holds for an element whose tree has no style sheets, inherited where the property is."""
    node = element
    while node is not None:
        value = own_value(node, name)
        if value is not None and value.lower() not in ("inherit", "unset", "") and not value.startswith("var("):
            return initial if value.lower() == "initial" else value
        if name not in INHERITED and (value is None or value.lower() != "inherit"):
            return initial
        node = node.getparent()
    return initial


def is_clear(paint: str) -> bool:
    """Whether a paint shows nothing: `none`, `transparent`, or a colour of no opacity."""
    text = paint.lower()
    if text in ("none", "transparent") or text.startswith("url("):
        return text in ("none", "transparent")
    colour = parse_color(text)
    return isinstance(colour, RGBA) and colour.alpha == 0


def _style(matches: list[Any], text: str) -> Style:
    values: dict[str, str] = {}
    by_rule: set[str] = set()
    important: set[str] = set()
    layers = [declared for *_, declared in matches]  # weakest first
    for layer in layers:
        by_rule.update(layer)
    layers.append(_inline(text))
    for strong in (False, True):
        for layer in layers:
            for name, (value, mark) in layer.items():
                if mark == strong:
                    values[name] = value
                    if mark:
                        important.add(name)
    return Style(values, frozenset(by_rule), frozenset(important))


@lru_cache(maxsize=4096)
def _inline(text: str) -> Mapping[str, tuple[str, bool]]:
    return _declarations(text)


def _declarations(source: Any) -> dict[str, tuple[str, bool]]:
    """Property to value and whether it is important, of a text or of tokens."""
    found: dict[str, tuple[str, bool]] = {}
    parse = tinycss2.parse_blocks_contents
    for item in parse(source, skip_comments=True, skip_whitespace=True):
        if item.type != "declaration" or (found.get(item.lower_name, ("", False))[1] and not item.important):
            continue
        found[item.lower_name] = (tinycss2.serialize(item.value).strip(), bool(item.important))
    return found

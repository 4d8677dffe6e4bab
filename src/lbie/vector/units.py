"""Lengths of SVG in pixels."""

from __future__ import annotations

import math
import re

_PIXELS = {"": 1.0, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_PIXELS |= {"pt": 96 / 72, "pc": 16.0, "em": 16.0, "ex": 8.0, "rem": 16.0}
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Z]*)\s*")
_MOST = 1e7


def to_pixels(text: str) -> float | None:
    """A length in pixels, 96 to the inch, such as 96 of `1in`; None of what is no length, or beyond ten million."""
    match = _LENGTH.fullmatch(text[:100])
    if match is None or match[2].lower() not in _PIXELS:
        return None
    value = float(match[1]) * _PIXELS[match[2].lower()]
    return value if math.isfinite(value) and abs(value) <= _MOST else None

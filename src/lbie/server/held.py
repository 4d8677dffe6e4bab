"""How many bytes encodings and results take."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from lbie.colour.compose import LightnessSource
from lbie.image_io import SourceImage

_FILTER = 6
"""Times the lightness that it is made from: what OpenCV's guided filter takes, out of sight."""


def held_bytes(value: Any) -> int:
    """Bytes of the arrays and tensors in dataclasses, containers and partial calls, but for source images."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if hasattr(value, "element_size"):
        return value.element_size() * value.nelement()
    if isinstance(value, LightnessSource):
        return value.lightness.nbytes * (1 if value.fit is None else 1 + _FILTER)
    return sum(held_bytes(part) for part in _parts(value))


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, SourceImage):
        return ()
    if isinstance(value, partial):
        return value.args
    if dataclasses.is_dataclass(value):
        return (getattr(value, field.name) for field in dataclasses.fields(value))
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()

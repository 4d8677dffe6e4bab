"""Whether what was made again is what was committed: figures within a tolerance, pictures within levels."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lbie.errors import InputError

LEVELS = 2.0
"""How far a picture may differ, in levels of 255, on average over its pixels."""
_WHENCE = ("provenance", "machine", "date", "commit", "uncommitted_changes", "hardware", "python", "torch", "opencv")
"""Keys that say where and when figures were measured, wherever they stand."""
_NAMED = ("model", "version")
"""Keys whose text, if it is one, names what was measured."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison found."""

    compared: int
    """Figures, or pictures, that were compared."""
    off: tuple[str, ...] = ()
    """What lies outside the tolerance, a line each."""
    absent: tuple[str, ...] = ()
    """Keys that were committed and not measured now."""

    @property
    def same(self) -> bool:
        """Whether something was compared, and all within the tolerance."""
        return self.compared > 0 and not self.off


def sum_up(found: Sequence[Comparison]) -> Comparison:
    """Several comparisons as one."""
    off, absent = ([line for one in found for line in getattr(one, name)] for name in ("off", "absent"))
    return Comparison(sum(one.compared for one in found), tuple(off), tuple(absent))


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The plain values of JSON, each with its path of keys, but for those that say whence it is."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in _WHENCE and not (name in _NAMED and isinstance(inner, str)):
                yield from leaves(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{key}.{number}")
    else:
        yield key, value


def near(new: Any, old: Any, tolerance: float) -> bool:
    """Whether a figure lies near another: absolute, or as a share of it where that is above 1; all else is equal."""
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (new, old))
    if not numbers:
        return bool(new == old)
    if not (math.isfinite(new) and math.isfinite(old)):
        return str(new) == str(old)
    return abs(new - old) <= tolerance * max(1.0, abs(old))


def compare_figures(new: Any, old: Any, tolerance: float, apart: Sequence[str] = ()) -> Comparison:
    """Compare two trees of figures.

    Args:
        new: what was measured now.
        old: what was committed.
        tolerance: see `near`.
        apart: patterns of keys that are not compared.
    """
    measured, off, absent, compared = dict(leaves(new)), [], [], 0
    for key, value in leaves(old):
        if any(fnmatchcase(key, pattern) for pattern in apart):
            continue
        if key not in measured:
            absent.append(key)
            continue
        compared += 1
        if not near(measured[key], value, tolerance):
            off.append(f"{key}: {measured[key]}, committed {value}")
    return Comparison(compared, tuple(off), tuple(absent))


def compare_pictures(new: Path, old: Path) -> Comparison:
    """Compare two pictures of one size by their mean difference."""
    pixels = [np.asarray(Image.open(path).convert("RGB"), np.int16) for path in (new, old)]
    if pixels[0].shape != pixels[1].shape:
        return Comparison(1, (f"size {pixels[0].shape[:2]}, committed {pixels[1].shape[:2]}",))
    apart = float(np.abs(pixels[0] - pixels[1]).mean())
    return Comparison(1, () if apart <= LEVELS else (f"{apart:.1f} levels apart on average, more than {LEVELS:g}",))


def compare_files(new: Path, old: Path, tolerance: float, apart: Sequence[str] = (), part: str = "") -> Comparison:
    """Compare a file that was made with the committed one: JSON or a picture; text beside them is not compared.

    Raises:
        InputError: JSON that was made lacks the part.
    """
    if old.suffix == ".json":
        trees = [json.loads(path.read_text("utf-8")) for path in (new, old)]
        if part:
            if part not in trees[0]:
                raise InputError(f"'{new}' has no part '{part}'")
            trees = [tree.get(part, {}) for tree in trees]
        return compare_figures(trees[0], trees[1], tolerance, apart)
    if old.suffix in (".png", ".jpg"):
        return compare_pictures(new, old)
    if old.suffix == ".svg":
        return Comparison(1, () if new.read_bytes() == old.read_bytes() else ("its bytes differ",))
    return Comparison(0)

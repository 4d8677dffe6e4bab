"""Names of results, and names as people are shown them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from lbie.editing.vector_file import VECTOR
from lbie.image_io import SUFFIXES


def result_name(path: str, suffix: str | None) -> str:
    """Where the result of a file goes, relative to the folder of results: its own place and name.

    Args:
        path: of the file, relative to its folder, with `/`.
        suffix: that the result must have (None: the file's own, or `.png` of a format that is only read, and `.svg`
            of DXF).
    """
    place = PurePosixPath(path)
    own = place.suffix.lower()
    if suffix is None:
        suffix = own if own in SUFFIXES else {".dxf": ".svg"}.get(own, own if own in VECTOR else ".png")
    same = suffix == own or (own in SUFFIXES and SUFFIXES[own] == SUFFIXES.get(suffix))
    return path if same else str(place.with_suffix(suffix))


def other_names(path: str, name: str) -> Iterator[str]:
    """Names for the result of a file where another has its own: `a.jpg.png`, then `a.jpg-2.png` and on."""
    suffix = os.path.splitext(name)[1]
    yield f"{path}{suffix}"
    number = 2
    while True:
        yield f"{path}-{number}{suffix}"
        number += 1

"""The files of a folder, in order."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lbie.editing.vector_file import VECTOR
from lbie.image_io import SUFFIXES
from lbie.scale.journal import FILE_NAME

IMAGES = (*SUFFIXES, ".gif")
"""Suffixes of pictures that are read."""


@dataclass(frozen=True)
class Found:
    """A file that is not hidden."""

    path: str
    """Relative to the folder, with `/`."""
    size: int = -1
    """In bytes."""
    changed: int = 0
    """When it was changed, in nanoseconds."""
    skipped: str | None = None
    """Why it is not an image to work on; None where it is one."""


def walk(root: Path, leave_out: Path, no_drawings: str | None) -> Iterator[Found]:
    """Find all files of a folder and the folders in it, one at a time and by name.

    Hidden files and folders are passed over, and so is one folder that is named. Links to folders are not followed,
    nor are links to files outside.

    Args:
        root: the folder, absolute and without links.
        leave_out: the folder of the results, likewise, which may lie inside.
        no_drawings: why vector drawings are skipped (None: they are not).
    """
    folders = [""]
    while folders:
        inside = folders.pop()
        try:
            with os.scandir(root / inside) as entries:
                names = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: e.name)
        except OSError as error:
            yield Found(inside, skipped=f"the folder cannot be read: {error.strerror}")
            continue
        deeper = []
        for entry in names:
            path = f"{inside}/{entry.name}" if inside else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield _look(root, path, no_drawings)
            elif (root / path) != leave_out:
                if os.path.exists(os.path.join(entry.path, FILE_NAME)):
                    yield Found(path, skipped="a folder of results of lbie batch")
                else:
                    deeper.append(path)
        folders.extend(reversed(deeper))


def _look(root: Path, path: str, no_drawings: str | None) -> Found:
    place = root / path
    try:
        status = os.stat(place)
        outside = place.is_symlink() and not Path(os.path.realpath(place)).is_relative_to(root)
    except OSError as error:
        return Found(path, skipped=f"it cannot be read: {error.strerror}")
    reason = None
    suffix = place.suffix.lower()
    if stat.S_ISDIR(status.st_mode):
        reason = "a link to a folder"
    elif outside:
        reason = "a link that leads out of the folder"
    elif suffix in VECTOR and no_drawings:
        reason = no_drawings
    elif suffix not in (*IMAGES, *VECTOR):
        reason = f"no image by its name ({suffix or 'no suffix'})"
    elif not stat.S_ISREG(status.st_mode):
        reason = "not a regular file"
    return Found(path, status.st_size, status.st_mtime_ns, reason)

"""The files of a folder, in order."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lbie.editing.vector_file import VECTOR
from lbie.image_io import READ_SUFFIXES
from lbie.remote import Place, Remote
from lbie.scale.journal import FILE_NAME


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


def walk(root: Place, leave_out: Place, no_drawings: str | None) -> Iterator[Found]:
    """Find all files of a folder and the folders in it, one at a time and by name.

    Hidden files and folders are passed over, and so is one folder that is named. Links to folders are not followed,
    nor are links to files outside.

    Args:
        root: the folder, absolute and without links.
        leave_out: the folder of the results, likewise, which may lie inside.
        no_drawings: why vector drawings are skipped (None: they are not).
    """
    yield from _walk_store(root, leave_out) if isinstance(root, Remote) else _walk(root, leave_out, no_drawings)


def _walk_store(root: Remote, leave_out: Place) -> Iterator[Found]:
    files = list(root.files())
    results = {path.removesuffix(FILE_NAME) for path, _, _ in files if path.endswith(f"/{FILE_NAME}")}
    beneath = str(leave_out).removeprefix(f"{root}/") + "/"
    for folder in sorted(results - {beneath}):
        yield Found(folder.rstrip("/"), skipped="a folder of results of lbie batch")
    left_out = (".", beneath, *results)
    for path, size, changed in files:
        if path.startswith(left_out) or "/." in path:
            continue
        yield Found(path, size, changed, _by_name(path, "a vector drawing: in a store, pictures alone are read"))


def _walk(root: Path, leave_out: Place, no_drawings: str | None) -> Iterator[Found]:
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
    if stat.S_ISDIR(status.st_mode):
        reason = "a link to a folder"
    elif outside:
        reason = "a link that leads out of the folder"
    elif by_name := _by_name(path, no_drawings):
        reason = by_name
    elif not stat.S_ISREG(status.st_mode):
        reason = "not a regular file"
    return Found(path, status.st_size, status.st_mtime_ns, reason)


def _by_name(path: str, no_drawings: str | None) -> str | None:
    """Why a file of this name is not worked on; None where it is."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in VECTOR and no_drawings:
        return no_drawings
    return None if suffix in (*READ_SUFFIXES, *VECTOR) else f"no image by its name ({suffix or 'no suffix'})"

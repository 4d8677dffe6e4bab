"""Where results go: into a folder or a store, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lbie.errors import InputError, ResourceError, is_full_disk
from lbie.image_io import SUFFIXES, check_output, write_bytes
from lbie.remote import Place, Remote
from lbie.scale.journal import Item


def is_there(results: Place, path: str) -> bool:
    """Whether something lies where a result goes."""
    return results.exists(path) if isinstance(results, Remote) else os.path.lexists(results / path)


def write_result(
    results: Place, source: Place, item: Item, data: bytes, about_to: Callable[[], object] = lambda: None
) -> None:
    """Write the result of a file in its place; `about_to` is called before, once nothing is known to hinder it.

    Raises:
        InputError: it cannot be written.
        ResourceError: the disk is full.
    """
    if isinstance(results, Remote):
        about_to()
        results.write(item.output, data)
    else:
        target = _make_way(results, source, item)
        about_to()
        write_bytes(target, data)


def _make_way(results: Path, source: Place, item: Item) -> Path:
    """Where the result of a file goes in a folder, which is made; checks that it can.

    Raises:
        InputError: it cannot be written there.
        ResourceError: the disk is full.
    """
    target = results / item.output
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        kind = ResourceError if is_full_disk(error) else InputError
        raise kind(f"cannot write '{target}': {error.strerror}") from error
    own = None if isinstance(source, Remote) else source / item.path
    check_output(target, own, suffixes=(*SUFFIXES, ".svg", ".svgz"))
    return target

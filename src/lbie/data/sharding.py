"""What of a folder goes into shards: its photos with their sentences, or its images without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lbie.data.folder import METADATA, metadata_files, name_faults, read_listing
from lbie.data.listing import SPLIT_NAMES
from lbie.data.shards import Photo
from lbie.errors import InputError
from lbie.image_io import READ_SUFFIXES
from lbie.remote import Place


def photos_of(folder: Path, leave_out: Place) -> Iterator[Photo]:
    """The photos of a folder.

    Args:
        folder: with `metadata.jsonl`, which says which and with what sentences; without, all images by name are taken.
        leave_out: a folder whose files are passed over.

    Raises:
        InputError: there is no such folder, no image, or the metadata has a fault.
    """
    if not folder.is_dir():
        raise InputError(f"no folder '{folder}'")
    try:
        listed = bool(metadata_files(folder))
    except InputError:
        listed = any((folder / name / METADATA).exists() for name in ("", *SPLIT_NAMES))
    if listed:
        listing = read_listing(folder)
        if listing.faults:
            raise InputError(name_faults(listing.faults))
        for record in listing.records:
            yield Photo(record.file_name, 0, None if listing.by_name else record.split, record.captions)
        return
    found = False
    for place in sorted(folder.rglob("*")):
        path = place.relative_to(folder)
        hidden = any(part.startswith(".") for part in path.parts)
        within = isinstance(leave_out, Path) and place.resolve().is_relative_to(leave_out.resolve())
        if place.suffix.lower() in READ_SUFFIXES and place.is_file() and not hidden and not within:
            found = True
            yield Photo(path.as_posix(), 0, None, ())
    if not found:
        raise InputError(f"no image in '{folder}'")

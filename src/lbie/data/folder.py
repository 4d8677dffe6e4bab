"""One's own photos: an image folder with `metadata.jsonl`, one line a photo.

Two layouts. `DIR/metadata.jsonl`, its lines with a `split` or none with one, when the file name decides. Or
`DIR/train/metadata.jsonl`, `DIR/val/…` (also `validation`) and `DIR/test/…`. A line is
`{"file_name": "roses/1.jpg", "text": "a red rose"}`; `text` (or `captions`, or `sentences`) is one sentence or a list.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from tqdm import tqdm

from lbie.data.listing import SPLIT_NAMES, inside, numbered_lines, parse_object, parse_split
from lbie.data.photos import SPLITS, PhotoArrays, PhotoRecord, decode_photos, worded
from lbie.data.shards import SUFFIX, Shards, as_shards
from lbie.data.storage import cache_root, centre_square
from lbie.errors import InputError
from lbie.image_io import SourceImage, read_image
from lbie.language.vocabulary import MAX_CHARACTERS

METADATA = "metadata.jsonl"
MOST_LEFT_OUT = 0.2
"""Share of a split's photos that may be unreadable or without colour; more is refused."""
_TEXT_KEYS = ("text", "captions", "sentences")
_SHARES = (("train", 0.8), ("val", 0.9), ("test", 1.0))


@dataclass(frozen=True)
class Listing:
    """What the metadata of a folder lists."""

    records: tuple[PhotoRecord, ...]
    """Photos without a fault, in file order; their files exist."""
    faults: tuple[str, ...]
    """What is wrong, a line each, with file and line number."""
    by_name: bool
    """Whether the file name decides the split."""

    def of_split(self, split: str) -> list[PhotoRecord]:
        """Photos of a split."""
        return [r for r in self.records if r.split == split]


def metadata_files(folder: Path) -> dict[str | None, Path]:
    """The metadata files of a folder by split; None for the one file of all splits.

    Raises:
        InputError: there is none, or the layout says the same thing twice.
    """
    if not folder.is_dir():
        raise InputError(f"no folder '{folder}'")
    nested = {name: folder / name / METADATA for name in SPLIT_NAMES if (folder / name / METADATA).is_file()}
    if (folder / METADATA).is_file():
        if nested:
            raise InputError(f"both '{folder / METADATA}' and '{next(iter(nested.values()))}' list photos: keep one")
        return {None: folder / METADATA}
    if not nested:
        raise InputError(f"no {METADATA} in '{folder}', nor in its folders train, val and test")
    if {"val", "validation"} <= nested.keys():
        raise InputError(f"'{folder}' has both val and validation: keep one")
    return {SPLIT_NAMES[name]: path for name, path in nested.items()}


def split_by_name(file_name: str) -> str:
    """80 % train, 10 % val, 10 % test, by a hash of the name: a photo stays in its split as others are added."""
    digest = hashlib.sha256(os.fsencode(file_name)).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    return next(split for split, end in _SHARES if place < end)


def parse_line(line: str) -> tuple[str, str | None, tuple[str, ...]]:
    """File name (normalised, inside the folder), split (None where not given) and sentences of a line.

    Raises:
        ValueError: it is not such a line; the message says why in a few words.
    """
    row = parse_object(line, '{"file_name": "1.jpg", "text": "a red rose"}')
    name, split = inside(row.get("file_name")), parse_split(row)
    keys = [key for key in _TEXT_KEYS if key in row]
    if len(keys) != 1:
        raise ValueError(f"has {' and '.join(keys)}: keep one" if keys else "no text")
    text = row[keys[0]]
    captions = worded([text] if isinstance(text, str) else text)
    longest = max(map(len, captions))
    if longest > MAX_CHARACTERS:
        raise ValueError(f"a sentence has {longest:,} characters; at most {MAX_CHARACTERS:,} are read")
    return name, split, captions


def read_listing(folder: Path) -> Listing:
    """Read the metadata of a folder; faults of lines are collected, not raised.

    Raises:
        InputError: no metadata, or a file that is not UTF-8 text.
    """
    files = metadata_files(folder)
    found: list[tuple[str, str, str | None, tuple[str, ...]]] = []
    faults, seen = [], dict[str, str]()
    for split, path in files.items():
        for number, line in numbered_lines(path):
            place = f"{path}:{number}"
            try:
                name, own, captions = parse_line(line)
                if split and own not in (None, split):
                    raise ValueError(f"the split is '{own}' in the folder of {split}")
                if not os.path.isfile(path.parent / name):
                    raise ValueError(f"no such file: '{name}'")
            except ValueError as error:
                faults.append(f"{place}: {error}")
                continue
            name = str(PurePosixPath(path.parent.relative_to(folder).as_posix(), name))
            if name in seen:
                faults.append(f"{place}: '{name}' is listed already ({seen[name]})")
                continue
            seen[name] = place
            found.append((place, name, split or own, captions))
    by_name = not any(split for _, _, split, _ in found)
    records = []
    for place, name, given, captions in found:
        if given or by_name:
            records.append(PhotoRecord(name, given or split_by_name(name), captions))
        else:
            faults.append(f"{place}: '{name}' has no split, though other lines have")
    return Listing(tuple(records), tuple(faults), by_name)


def name_faults(faults: tuple[str, ...] | list[str], most: int = 5) -> str:
    """The first faults in a line."""
    more = len(faults) - most
    return "; ".join(faults[:most]) + (f"; and {more:,} more" if more > 0 else "")


def read_records(folder: Path, split: str) -> list[PhotoRecord]:
    """Photos of a split, in file order.

    Raises:
        InputError: the metadata has a fault, or no photo of the split.
    """
    listing = read_listing(folder)
    if listing.faults:
        raise InputError(name_faults(listing.faults, 1))
    records = listing.of_split(split)
    if not records:
        counts = ", ".join(f"{s} {len(listing.of_split(s))}" for s in SPLITS)
        hint = ': with few photos, give each line a "split"' if listing.by_name and listing.records else ""
        raise InputError(f"no photo of the split '{split}' in '{folder}' ({counts}){hint}")
    return records


def _sharded_records(shards: Shards, split: str) -> list[PhotoRecord]:
    """Photos of a split in shards, by shard; where no row has a split, the name decides.

    Raises:
        InputError: there is none with a sentence.
    """
    photos = [photo for photo in shards.photos() if photo.sentences]
    by_name = not any(photo.split for photo in photos)
    records = [
        PhotoRecord(photo.path, split, photo.sentences)
        for photo in photos
        if split == (split_by_name(photo.path.partition("/")[2]) if by_name else photo.split)
    ]
    if not records:
        raise InputError(f"no photo of the split '{split}' with a sentence in the shards of '{shards}'")
    return records


def read_square(path: Path, size: int) -> np.ndarray:
    """Centre square of a photo, upright and in sRGB, (size, size, 3) uint8.

    Raises:
        InputError: `read_image` cannot read it, or it has no colour to learn from.
    """
    return _coloured_square(read_image(path), str(path), size)


def _coloured_square(source: SourceImage, name: str, size: int) -> np.ndarray:
    square = centre_square(source.rgb, size)
    if (square[..., 0] == square[..., 1]).all() and (square[..., 0] == square[..., 2]).all():
        raise InputError(f"'{name}' has no colour")
    return square


def load_arrays(folder: Path, split: str, size: int) -> PhotoArrays:
    """Decode a split into arrays of side `size`, kept under the cache folder until a photo changes.

    Photos that are unreadable or without colour are left out, with a notice.

    Raises:
        InputError: as `read_records`, or more than `MOST_LEFT_OUT` of the photos are left out.
    """
    shards = as_shards(folder)
    records = _sharded_records(shards, split) if shards else read_records(folder, split)
    version = hashlib.sha256(os.fsencode(folder.resolve()))
    for record in records:
        place = folder / (f"{record.file_name.partition('/')[0]}{SUFFIX}" if shards else record.file_name)
        status = os.stat(place)
        version.update(os.fsencode(f"\n{record.file_name}\0{status.st_size}\0{status.st_mtime_ns}"))

    def read(name: str) -> np.ndarray | None:
        try:
            return _coloured_square(shards.read_image(name) if shards else read_image(folder / name), name, size)
        except InputError:
            return None

    base = cache_root() / f"folder-{version.hexdigest()[:16]}-{split}-{size}"
    arrays = decode_photos(records, base, read, f"decode {split}")
    left_out = len(records) - len(arrays.records)
    if left_out:
        what = f"{left_out:,} of {len(records):,} photos of the split '{split}' are unreadable or without colour"
        advice = f"'lbie data folder {folder}' names them"
        if left_out > MOST_LEFT_OUT * len(records):
            raise InputError(f"{what}: {advice}")
        tqdm.write(f"{what} and left out: {advice}", file=sys.stderr)
    return arrays

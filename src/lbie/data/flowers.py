"""Oxford-102 Flowers with captions: the layout of `metadata.jsonl`, decoded once into arrays."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from lbie.data.photos import SPLITS, PhotoArrays, PhotoRecord, decode_photos, worded
from lbie.data.storage import cache_root, load_square
from lbie.errors import InputError


@dataclass(frozen=True)
class FlowerRecord(PhotoRecord):
    """One photo of the data set: its splits share no class, and it has ten captions, but for the few that are empty."""

    class_id: int
    """1 to 102."""
    class_name: str


def read_records(folder: Path, split: str | None = None) -> list[FlowerRecord]:
    """Records of `folder/metadata.jsonl`, in file order.

    Raises:
        InputError: no such file, a line that is not such a record, or no record of the split.
    """
    path = folder / "metadata.jsonl"
    if not path.is_file():
        raise InputError(f"no metadata.jsonl in '{folder}': see `lbie data flowers --help` for how to import it")
    try:
        lines = path.read_text("utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not UTF-8 text ({error})") from error
    records = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            record = FlowerRecord(
                str(row["file_name"]),
                str(row["split"]),
                worded(row["captions"]),
                int(row["class_id"]),
                str(row["class_name"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number} is not a flower record ({error!r})") from error
        if split is None or record.split == split:
            records.append(record)
    if not records:
        raise InputError(f"'{path}' has no record of the split '{split}'; splits are {', '.join(SPLITS)}")
    return records


def load_arrays(folder: Path, split: str, size: int) -> PhotoArrays:
    """Decode a split into arrays of side `size`; kept under the cache folder, so the second call is instant."""
    records = read_records(folder, split)
    version = hashlib.sha256((folder / "metadata.jsonl").read_bytes()).hexdigest()[:12]
    base = cache_root() / f"flowers-{version}-{split}-{size}"
    return decode_photos(records, base, lambda name: load_square(folder / name, size), f"decode {split}")

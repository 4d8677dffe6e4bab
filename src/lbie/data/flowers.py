"""Oxford-102 Flowers with captions: the layout of `metadata.jsonl`, decoded once into arrays."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lbie.data.regions import centre_region
from lbie.data.storage import cache_root, cached_array, load_square
from lbie.errors import InputError
from lbie.language.colour_names import agreed_colour

SPLITS = ("train", "val", "test")
CACHE_SIZE = 144
"""Side in pixels at which the training split is decoded: a little more than the model looks at, for crops."""


@dataclass(frozen=True)
class FlowerRecord:
    """One photo of the data set."""

    file_name: str
    """Path relative to the data set's folder."""
    split: str
    """`train`, `val` or `test`; the three share no class."""
    class_id: int
    """1 to 102."""
    class_name: str
    captions: tuple[str, ...]
    """English sentences: ten, but for the few that are empty in the published files."""

    @property
    def colour(self) -> str | None:
        """Colour family that the captions agree on, or None."""
        return agreed_colour(self.captions)


def _worded(captions: list[str]) -> tuple[str, ...]:
    """The captions that hold a word: the published files have a few that are only `{}`."""
    worded = tuple(c for c in captions if any(x.isalpha() for x in c)) if isinstance(captions, list) else ()
    if not worded:
        raise ValueError("captions should be a list of sentences, at least one with a word")
    return worded


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
                int(row["class_id"]),
                str(row["class_name"]),
                _worded(row["captions"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number} is not a flower record ({error!r})") from error
        if split is None or record.split == split:
            records.append(record)
    if not records:
        raise InputError(f"'{path}' has no record of the split '{split}'; splits are {', '.join(SPLITS)}")
    return records


def _square_and_region(job: tuple[Path, int]) -> tuple[np.ndarray, np.ndarray]:
    rgb = load_square(*job)
    return rgb, centre_region(rgb)


@dataclass(frozen=True)
class FlowerArrays:
    """A split, decoded."""

    records: list[FlowerRecord]
    rgb: np.ndarray
    """(N, size, size, 3) uint8, centre squares."""
    region: np.ndarray
    """(N, size, size) bool, the flower by GrabCut from the centre."""


def load_arrays(folder: Path, split: str, size: int) -> FlowerArrays:
    """Decode a split into arrays; kept under the cache folder, so the second call is instant."""
    records = read_records(folder, split)
    version = hashlib.sha256((folder / "metadata.jsonl").read_bytes()).hexdigest()[:12]
    base = cache_root() / f"flowers-{version}-{split}-{size}"
    if not (base / "region.npy").exists():
        jobs = [(folder / r.file_name, size) for r in records]
        # Threads, for OpenCV works outside the interpreter's lock; forked processes hang once OpenCV has had threads.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            done = list(tqdm(pool.map(_square_and_region, jobs), total=len(jobs), desc=f"decode {split}"))
        cached_array(base / "rgb.npy", lambda: np.stack([rgb for rgb, _ in done]))
        cached_array(base / "region.npy", lambda: np.stack([region for _, region in done]))
    return FlowerArrays(records, *(np.load(base / name, mmap_mode="r") for name in ("rgb.npy", "region.npy")))

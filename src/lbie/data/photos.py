"""Photos with sentences, of whatever data set: records, and their pixels decoded once into arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from lbie.data.regions import centre_region
from lbie.data.storage import cached_array
from lbie.errors import LbieError
from lbie.language.colour_names import agreed_colour
from lbie.language.vocabulary import STOP_MARKS, Vocabulary, tokenize

SPLITS = ("train", "val", "test")
CACHE_SIZE = 144
"""Side in pixels at which the training split is decoded: a little more than the model looks at, for crops."""


@dataclass(frozen=True)
class PhotoRecord:
    """One photo and what is said of it."""

    file_name: str
    """Path relative to the data set's folder."""
    split: str
    """`train`, `val` or `test`."""
    captions: tuple[str, ...]
    """Sentences, at least one."""

    @property
    def colour(self) -> str | None:
        """Colour family that the captions agree on, or None."""
        return agreed_colour(self.captions)


@dataclass(frozen=True)
class PhotoArrays:
    """A split, decoded."""

    records: Sequence[PhotoRecord]
    """N records."""
    rgb: np.ndarray
    """(N, size, size, 3) uint8, centre squares."""
    region: np.ndarray
    """(N, size, size) bool, the main object by GrabCut from the centre."""

    def rows(self, chosen: Sequence[int] | np.ndarray) -> PhotoArrays:
        """The chosen photos, in that order."""
        return PhotoArrays([self.records[i] for i in chosen], self.rgb[chosen], self.region[chosen])

    def readable(self, vocabulary: Vocabulary, max_words: int) -> PhotoArrays:
        """The photos that have a sentence with a known word, each with those sentences only."""

        def known(text: str) -> bool:
            try:
                return bool(vocabulary.encode(text, max_words).ids)
            except LbieError:
                return False

        records = [replace(r, captions=tuple(c for c in r.captions if known(c))) for r in self.records]
        chosen = [i for i, record in enumerate(records) if record.captions]
        kept = self if len(chosen) == len(records) else self.rows(chosen)
        return PhotoArrays([records[i] for i in chosen], kept.rgb, kept.region)


def worded(captions: object) -> tuple[str, ...]:
    """The captions that hold a word.

    Raises:
        ValueError: not a list of texts, or none has a word.
    """
    if not isinstance(captions, list) or not all(isinstance(c, str) for c in captions):
        raise ValueError("captions should be a list of sentences")
    kept = tuple(c for c in captions if set(tokenize(c)) - STOP_MARKS)
    if not kept:
        raise ValueError("no sentence with a word")
    return kept


def decode_photos(
    records: Sequence[PhotoRecord], base: Path, read: Callable[[str], np.ndarray | None], label: str
) -> PhotoArrays:
    """Decode photos into arrays that are kept in a folder, so that the second call is instant.

    Args:
        records: N photos.
        base: folder of the arrays; its name stands for all that decides what is in them.
        read: `file_name` to the photo's centre square, (size, size, 3) uint8; None where it cannot be used.
        label: of the progress bar.

    Returns:
        The photos that can be used. On disk the others are black and have no region.
    """
    if not (base / "region.npy").exists():

        def square_and_region(record: PhotoRecord) -> tuple[np.ndarray, np.ndarray] | None:
            rgb = read(record.file_name)
            return None if rgb is None else (rgb, centre_region(rgb))

        # Threads, for OpenCV works outside the interpreter's lock; forked processes hang once OpenCV has had threads.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            done = list(tqdm(pool.map(square_and_region, records), total=len(records), desc=label))
        some = next((pair for pair in done if pair), (np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), bool)))
        nothing = tuple(np.zeros_like(a) for a in some)
        cached_array(base / "rgb.npy", lambda: np.stack([(pair or nothing)[0] for pair in done]))
        cached_array(base / "region.npy", lambda: np.stack([(pair or nothing)[1] for pair in done]))
    arrays = PhotoArrays(records, *(np.load(base / name, mmap_mode="r") for name in ("rgb.npy", "region.npy")))
    usable = arrays.region.any((1, 2))
    return arrays if usable.all() else arrays.rows(np.flatnonzero(usable))

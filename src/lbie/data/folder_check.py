"""What a folder of photos holds, and what is wrong with it."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from lbie.data.folder import Listing, read_listing, read_square
from lbie.data.photos import CACHE_SIZE, SPLITS
from lbie.errors import InputError
from lbie.language.vocabulary import STOP_MARKS, Vocabulary, tokenize

_SHOWN = 20


@dataclass(frozen=True)
class FolderReport:
    """What `check_folder` found."""

    listing: Listing
    faults: tuple[str, ...]
    """Those of the listing, then of the photos and of the splits."""
    words: Counter[str]
    """How often each word occurs in the sentences."""

    def lines(self, vocabulary: Vocabulary, model: str) -> list[str]:
        """The report for a person; `vocabulary` is that of `model`."""
        records = self.listing.records
        sentences = sum(len(r.captions) for r in records)
        counts = ", ".join(f"{split} {len(self.listing.of_split(split)):,}" for split in SPLITS)
        how = "split by file name" if self.listing.by_name else "splits as given"
        unknown = [w for w, _ in self.words.most_common() if not vocabulary.knows_some(w)]
        return [
            f"{len(records):,} photos: {counts} ({how})",
            f"{sentences:,} sentences of {len(self.words):,} different words",
            f"commonest words: {_counted(list(self.words), self.words)}",
            f"words that '{model}' does not know: {_counted(unknown, self.words) or 'none'}",
            f"faults: {len(self.faults):,}",
        ]


def _counted(words: list[str], counts: Counter[str]) -> str:
    """`red 12, rose 9`: the most frequent ones."""
    first = sorted(words, key=lambda w: (-counts[w], w))[:_SHOWN]
    more = len(words) - len(first)
    return ", ".join(f"{w} {counts[w]:,}" for w in first) + (f" and {more:,} more" if more else "")


def check_folder(folder: Path) -> FolderReport:
    """Read the metadata and decode every photo.

    Raises:
        InputError: as `read_listing`.
    """
    listing = read_listing(folder)
    faults = list(listing.faults)

    def fault(name: str) -> str | None:
        try:
            read_square(folder / name, CACHE_SIZE)
        except InputError as error:
            return str(error)
        return None

    names = [r.file_name for r in listing.records]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults += filter(None, tqdm(pool.map(fault, names), total=len(names), desc="read photos", unit="photo"))
    if not names:
        faults.append(f"'{folder}' lists no photo that can be used")
    elif listing.of_split("train") and not listing.of_split("val"):
        faults.append("training needs photos of the split 'val' too")
    words = Counter(w for r in listing.records for c in r.captions for w in tokenize(c) if w not in STOP_MARKS)
    return FolderReport(listing, tuple(faults), words)

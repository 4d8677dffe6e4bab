"""A phrase, the photo it is said of and the mask of what it names: what every importer of such data gives."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lbie.data.masks import decode_segmentation
from lbie.data.scene import Instance, Phrase, Scene
from lbie.errors import InputError
from lbie.image_io import read_image


class MaskSource(Protocol):
    """Where the mask of a thing is."""

    def read(self, size: tuple[int, int], name: str) -> NDArray[np.bool_]:
        """Decode it.

        Args:
            size: (H, W) of the photo, upright.
            name: what error messages call it.

        Returns:
            (H, W) bool.

        Raises:
            InputError: missing, damaged or of another size.
        """


@dataclass(frozen=True)
class CocoMask:
    """A mask as COCO writes it."""

    segmentation: object
    """Polygons or RLE."""

    def read(self, size: tuple[int, int], name: str) -> NDArray[np.bool_]:
        """As `MaskSource.read`."""
        return decode_segmentation(self.segmentation, size, name)


@dataclass(frozen=True)
class Referred:
    """One phrase. Nothing is decoded before it is asked for."""

    photo: Path
    """The image file."""
    photo_id: str
    """Name of the photo, such as `refcoco/581857`; unique in a data set."""
    phrase: str
    """The words."""
    split: str
    """As the data set calls it: train, val, test, testA, …"""
    target_id: str | None
    """Name of the thing in its photo: phrases of one thing share it. None where the phrase names nothing there."""
    source: MaskSource | None = None
    """Its mask; None where the phrase names nothing there."""
    category: str = ""
    """Kind of the thing, where the data set says."""
    size: tuple[int, int] | None = None
    """(H, W) of the photo as the data set says; None where it does not."""

    @property
    def name(self) -> str:
        """What error messages call its mask."""
        return f"the mask of '{self.target_id}' in '{self.photo_id}'"

    def image(self) -> NDArray[np.uint8]:
        """The photo, (H, W, 3) uint8 sRGB, turned upright as its EXIF says.

        Raises:
            InputError: it cannot be read, or its size is not the one that the data set says.
        """
        rgb = read_image(self.photo).rgb
        if self.size not in (None, rgb.shape[:2]):
            told, found = (" x ".join(map(str, size)) for size in (self.size or (), rgb.shape[:2]))
            raise InputError(f"'{self.photo}' is {found} (height x width), the data set says {told}: not the original?")
        return rgb

    def mask(self, size: tuple[int, int] | None = None) -> NDArray[np.bool_] | None:
        """What the phrase names, (H, W) bool; None where it names nothing in the photo.

        Args:
            size: (H, W) of the photo, where it is known already; otherwise the photo may be decoded for it.

        Raises:
            InputError: the mask is missing, damaged or of another size than the photo.
        """
        if self.source is None:
            return None
        return self.source.read(size or self.size or self.image().shape[:2], self.name)

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
        """`image()` and `mask()`, of the same size."""
        image = self.image()
        return image, self.mask(image.shape[:2])


@dataclass(frozen=True)
class Count:
    """How many there are of something, and how many were published."""

    what: str
    """`phrases of train`."""
    found: int
    published: int | None = None
    """None where nothing was published for these files."""
    note: str = ""

    @property
    def differs(self) -> bool:
        """Whether it is not the published number."""
        return self.published not in (None, self.found)

    def line(self) -> str:
        """For a person."""
        published = "" if self.published is None else f", published {self.published:,}"
        differs = f" (differs by {self.found - (self.published or 0):+,})" if self.differs else ""
        return f"{self.what}: {self.found:,}{published}{differs}" + (f"; {self.note}" if self.note else "")


@dataclass(frozen=True)
class ReferredSet:
    """What an importer found. The phrases are there even where photos or masks are missing."""

    name: str
    """`refcoco (unc)`."""
    items: tuple[Referred, ...]
    counts: tuple[Count, ...]
    missing: tuple[str, ...] = ()
    """What is missing and where it belongs, a line each."""

    def of_split(self, split: str) -> tuple[Referred, ...]:
        """Phrases of a split.

        Raises:
            InputError: there is none.
        """
        chosen = tuple(item for item in self.items if item.split == split)
        if not chosen:
            splits = ", ".join(dict.fromkeys(item.split for item in self.items)) or "none"
            raise InputError(f"{self.name} has no phrase of the split '{split}'; its splits: {splits}")
        return chosen

    def require_complete(self) -> ReferredSet:
        """Itself.

        Raises:
            InputError: something is missing; the message names all of it.
        """
        if self.missing:
            raise InputError(f"{self.name} is not complete: " + "; ".join(self.missing))
        return self

    def lines(self) -> list[str]:
        """The report for a person."""
        return [f"{self.name}:", *(f"  {count.line()}" for count in self.counts), *(f"  {m}" for m in self.missing)]


def require_files(paths: Iterable[Path], what: str) -> None:
    """Refuse to go on without files.

    Raises:
        InputError: one or more are missing; the message names them all, with the paths where they belong.
    """
    absent = [path for path in paths if not path.is_file()]
    if absent:
        raise InputError(f"{what}: {len(absent)} missing: " + ", ".join(f"'{path}'" for path in absent))


def missing_files(paths: Iterable[Path], what: str) -> tuple[str, ...]:
    """A line for each folder in which some of many files are missing; folders are listed once, not asked file by file.

    Args:
        paths: of the files that should be there.
        what: `photos`.
    """
    wanted: dict[Path, set[str]] = {}
    for path in paths:
        wanted.setdefault(path.parent, set()).add(path.name)
    lines = []
    for folder, names in wanted.items():
        try:
            absent = sorted(names.difference(os.listdir(folder)))
        except OSError:
            absent = sorted(names)
        if absent:
            share = f"{len(absent):,} of {len(names):,} {what} are missing"
            lines.append(f"{share}; they belong in '{folder}', the first as '{absent[0]}'")
    return tuple(lines)


def scenes(items: Iterable[Referred]) -> Iterator[tuple[Scene, tuple[Phrase, ...]]]:
    """Photos with the things that are named in them, each decoded as it is asked for.

    Raises:
        InputError: as `Referred.read`.
    """
    by_photo: dict[str, list[Referred]] = {}
    for item in items:
        by_photo.setdefault(item.photo_id, []).append(item)
    for photo_id, group in by_photo.items():
        image = group[0].image()
        things: dict[str, Instance] = {}
        places: dict[str, int] = {}
        phrases = []
        for item in group:
            if item.target_id is not None and item.target_id not in things:
                mask = item.mask(image.shape[:2])
                if mask is not None:
                    places[item.target_id] = len(things)
                    things[item.target_id] = Instance(item.category, mask)
            phrases.append(Phrase(item.phrase, places.get(item.target_id or "")))
        yield Scene(photo_id, image, tuple(things.values())), tuple(phrases)

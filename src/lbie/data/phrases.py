"""One's own photos with phrases and masks.

```
DIR/
  phrases.jsonl
  instances.json      (only where annotation_id is used; COCO's format)
  photos/1.jpg  masks/1-cup.png  …
```

A line of `phrases.jsonl` is one thing in a photo:

- `file_name`: the photo, a path below DIR;
- `phrase`: what it is called, or `phrases`: a list of that;
- its mask, one of: `mask`, a PNG below DIR of the photo's size, white (or 1) on black; `segmentation`, as COCO has it:
  a list of polygons, or RLE with `size` and `counts`; `annotation_id`, of a thing in `instances.json`.
  None of them: the phrase names nothing in the photo;
- `split`: train, val or test, on all lines or on none; on none, the file name decides, as in `lbie.data.folder`.

    {"file_name": "photos/1.jpg", "phrases": ["the blue cup", "cup on the left"], "mask": "masks/1-cup.png"}
    {"file_name": "photos/1.jpg", "phrase": "dog"}
"""

from __future__ import annotations

import os
import reprlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbie.data.coco import CocoInstances, read_instances
from lbie.data.folder import name_faults, split_by_name
from lbie.data.listing import inside, numbered_lines, parse_object, parse_split
from lbie.data.photos import SPLITS, worded
from lbie.data.referred import CocoMask, Count, MaskSource, Referred, ReferredSet, require_files
from lbie.errors import InputError
from lbie.image_io import read_image
from lbie.language.vocabulary import MAX_CHARACTERS

PHRASES, INSTANCES = "phrases.jsonl", "instances.json"
_MASKS = ("mask", "segmentation", "annotation_id")


@dataclass(frozen=True)
class PngMask:
    """A mask that is an image, white or 1 on black."""

    path: Path

    def read(self, size: tuple[int, int], name: str) -> NDArray[np.bool_]:
        """As `MaskSource.read`: what is at least half as bright as the brightest."""
        picture = read_image(self.path)
        if picture.format == "JPEG":
            raise InputError(f"'{self.path}' is a JPEG, which blurs edges: give the mask as PNG")
        values = picture.rgb.max(-1)
        if values.shape != tuple(size):
            told, found = (" x ".join(map(str, s)) for s in (size, values.shape))
            raise InputError(f"{name} is {found} (height x width), the photo, upright, {told}: '{self.path}'")
        top = int(values.max())
        if 1 < top < 128:
            raise InputError(f"'{self.path}' has values up to {top}: a mask is white (or 1) on black, one thing a file")
        return np.asarray(values >= max(top, 1) / 2)


@dataclass(frozen=True)
class _Line:
    """What a line says."""

    file_name: str
    phrases: tuple[str, ...]
    split: str | None
    key: str | None
    """Which of `_MASKS` it has."""
    value: Any


def parse_line(line: str) -> _Line:
    """Read a line of `phrases.jsonl`; whether files and annotations exist is not asked.

    Raises:
        ValueError: it is not such a line; the message says why in a few words.
    """
    row = parse_object(line, '{"file_name": "1.jpg", "phrase": "the blue cup"}')
    name = inside(row.get("file_name"))
    texts = [key for key in ("phrase", "phrases") if key in row]
    if len(texts) != 1:
        raise ValueError("has phrase and phrases: keep one" if texts else "no phrase")
    text = row[texts[0]]
    try:
        phrases = worded([text] if isinstance(text, str) else text)
    except ValueError as error:
        raise ValueError(f"'{texts[0]}' holds no phrase with a word, or is no text ({error})") from error
    longest = max(map(len, phrases))
    if longest > MAX_CHARACTERS:
        raise ValueError(f"a phrase has {longest:,} characters; at most {MAX_CHARACTERS:,} are read")
    split = parse_split(row)
    keys = [key for key in _MASKS if row.get(key) is not None]
    if len(keys) > 1:
        raise ValueError(f"has {' and '.join(keys)}: keep one")
    value = row[keys[0]] if keys else None
    if keys == ["mask"]:
        value = inside(value)
    elif keys == ["annotation_id"] and type(value) is not int:
        raise ValueError(f"the annotation_id is {reprlib.repr(value)}, not a whole number")
    elif keys == ["segmentation"] and not isinstance(value, list | dict):
        raise ValueError("the segmentation is neither a list of polygons nor RLE")
    return _Line(name, phrases, split, keys[0] if keys else None, value)


def open_phrases(folder: Path) -> ReferredSet:
    """The phrases of a folder, in file order; see above for its layout.

    Raises:
        InputError: no phrases.jsonl, no phrase in it, or lines with faults, named with their numbers.
    """
    path = folder / PHRASES
    require_files([path], "the phrases")
    found: list[tuple[int, _Line]] = []
    faults = []
    for number, text in numbered_lines(path):
        try:
            found.append((number, parse_line(text)))
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    instances = None
    if any(line.key == "annotation_id" for _, line in found):
        require_files([folder / INSTANCES], "annotation_id is used, but files of annotations")
        instances = read_instances(folder / INSTANCES)
    by_name = not any(line.split for _, line in found)
    items: list[Referred] = []
    for number, line in found:
        try:
            items += _referred(folder, number, line, instances, by_name)
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
    if faults:
        raise InputError(name_faults(faults))
    if not items:
        raise InputError(f"'{path}' has no phrase")
    present = sum(item.source is not None for item in items)
    counts = [Count(f"phrases of {split}", sum(i.split == split for i in items)) for split in SPLITS]
    counts += [
        Count("phrases that name a thing", present),
        Count("phrases that name nothing in their photo", len(items) - present),
        Count("photos", len({item.photo_id for item in items})),
    ]
    return ReferredSet(f"phrases in '{folder}'", tuple(items), tuple(counts))


def check_masks(found: ReferredSet) -> list[str]:
    """Decode every photo and mask; what is wrong with them, a line each."""
    faults: dict[str, None] = {}
    for item in found.items:
        try:
            item.read()
        except InputError as error:
            faults[str(error)] = None
    return list(faults)


def _referred(folder: Path, number: int, line: _Line, instances: CocoInstances | None, by_name: bool) -> list[Referred]:
    """The phrases of a line.

    Raises:
        ValueError: a file or annotation that it names is not there, or it has no split though others have.
    """
    if not os.path.isfile(folder / line.file_name):  # False, too, for a name that no file can have
        raise ValueError(f"no such file: '{line.file_name}'")
    if not by_name and line.split is None:
        raise ValueError("no split, though other lines have one")
    source: MaskSource | None = None
    target, category = None, ""
    if line.key == "mask":
        if not os.path.isfile(folder / line.value):
            raise ValueError(f"no such file: '{line.value}'")
        source, target = PngMask(folder / line.value), line.value
    elif line.key == "segmentation":
        source, target = CocoMask(line.value), f"line {number}"
    elif line.key == "annotation_id" and instances is not None:
        annotation = instances.annotations.get(line.value)
        if annotation is None:
            raise ValueError(f"{INSTANCES} has no annotation {line.value}")
        listed = instances.images[annotation.image_id].file_name
        if Path(listed).name != Path(line.file_name).name:
            raise ValueError(f"annotation {line.value} is of '{listed}', not of '{line.file_name}'")
        source, target, category = CocoMask(annotation.segmentation), str(line.value), annotation.category
    split = line.split or split_by_name(line.file_name)
    photo = folder / line.file_name
    return [Referred(photo, line.file_name, text, split, target, source, category) for text in line.phrases]

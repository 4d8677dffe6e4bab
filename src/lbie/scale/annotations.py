"""What was found in all pictures, as one file in the format of COCO."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import lbie
from lbie.editing.overlay import Match
from lbie.image_io import whole_file
from lbie.scale.journal import Journal

FILE_NAME = "annotations.json"


def annotate(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """What phrases matched in one picture: each with the number of its phrase, from 1, RLE, area, box and score."""
    from pycocotools import mask

    from lbie.data.masks import encode_rle

    annotations = []
    for number, match in enumerate(matches, 1):
        if match.found:
            rle = encode_rle(match.inside)
            place = {"area": int(mask.area(rle)), "bbox": [float(value) for value in mask.toBbox(rle)]}
            found = {"category_id": number, "segmentation": rle, **place, "iscrowd": 0}
            annotations.append(found | {"score": round(match.confidence, 4)})
    return annotations


def write_annotations(path: Path, journal: Journal) -> None:
    """Write the file: every picture that was looked at, also those in which nothing was found.

    Categories are the things looked for as they were read: "the cat and the dog" are two.

    Raises:
        InputError: it cannot be written.
        ResourceError: the disk is full.
    """
    info = {"description": "found by lbie batch --segment", "version": lbie.__version__}
    first = next(journal.rows("done", "unmatched"), None)
    phrases = first.details["phrases"] if first else []
    categories = [{"id": number, "name": phrase} for number, phrase in enumerate(phrases, 1)]
    with whole_file(path) as file:
        file.write(f'{{"info": {json.dumps(info)}, "licenses": [],\n"categories": {json.dumps(categories)},\n'.encode())
        for name, entries in (("images", _images(journal)), ("annotations", _annotations(journal))):
            file.write(f'"{name}": ['.encode())
            for number, entry in enumerate(entries):
                file.write(f"{',' if number else ''}\n{json.dumps(entry)}".encode())
            file.write(b"]" + (b",\n" if name == "images" else b"}\n"))


def _images(journal: Journal) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(journal.rows("done", "unmatched"), 1):
        size = {"width": row.details["width"], "height": row.details["height"]}
        yield {"id": number, "file_name": row.path, **size} | ({"mask": row.output} if row.state == "done" else {})


def _annotations(journal: Journal) -> Iterator[dict[str, Any]]:
    count = 0
    for image, row in enumerate(journal.rows("done", "unmatched"), 1):
        for annotation in row.details.get("annotations", ()):
            count += 1
            yield {"id": count, "image_id": image, **annotation}

"""Instances in COCO's format: `instances.json` with images, annotations and categories."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lbie.data.json_file import read_json
from lbie.data.listing import inside
from lbie.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True)
class CocoImage:
    """An image that is listed."""

    file_name: str
    """Path relative to the folder of the images; it stays inside."""
    size: tuple[int, int]
    """(H, W)."""


@dataclass(frozen=True)
class CocoAnnotation:
    """A thing in an image."""

    image_id: int
    category: str
    """Name of its kind; empty where the file has no categories."""
    segmentation: object
    """Polygons or RLE, not checked yet."""


@dataclass(frozen=True)
class CocoInstances:
    """What the file lists, by id."""

    path: Path
    images: dict[int, CocoImage]
    annotations: dict[int, CocoAnnotation]


def read_instances(path: Path) -> CocoInstances:
    """Read an `instances.json`.

    Raises:
        InputError: missing, not JSON, or an entry is not as COCO has it; the message says which.
    """
    whole = read_json(path)
    parts = {key: whole.get(key, []) for key in ("images", "annotations", "categories")}
    for key, part in parts.items():
        if not isinstance(part, list):
            raise InputError(f"'{path}': '{key}' is not a list")
    kinds = _by_id(path, "categories", parts["categories"], _name)
    images = _by_id(path, "images", parts["images"], _image)

    def annotation(row: Any) -> CocoAnnotation:
        image_id = _whole(row["image_id"])
        if image_id not in images:
            raise ValueError(f"no image has the id {image_id}")
        return CocoAnnotation(image_id, kinds.get(row.get("category_id"), ""), row.get("segmentation"))

    return CocoInstances(path, images, _by_id(path, "annotations", parts["annotations"], annotation))


def _name(row: Any) -> str:
    if not isinstance(row["name"], str):
        raise ValueError("its name is no text")
    return row["name"]


def _image(row: Any) -> CocoImage:
    size = _whole(row["height"]), _whole(row["width"])
    return CocoImage(inside(row["file_name"]), size)


def _by_id(path: Path, key: str, rows: list[Any], parse: Callable[[Any], T]) -> dict[int, T]:
    found: dict[int, T] = {}
    for number, row in enumerate(rows):
        try:
            found[_whole(row["id"])] = parse(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else error
            raise InputError(f"'{path}': number {number} of '{key}' is not as COCO has it ({reason})") from error
    return found


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError(f"{reprlib.repr(value)} is not a whole number")
    return value

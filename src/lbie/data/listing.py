"""What all listings of photos have in common: lines of JSON, names that stay in their folder, splits."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from lbie.data.photos import SPLITS
from lbie.errors import InputError

SPLIT_NAMES = {**{name: name for name in SPLITS}, "validation": "val"}
"""What a listing may call a split, to its own name."""


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file that hold something, with their numbers from 1.

    Raises:
        InputError: it is not UTF-8 text.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not UTF-8 text ({error})") from error
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def parse_object(line: str, example: str) -> dict[str, Any]:
    """The JSON object that a line is.

    Args:
        line: the line.
        example: such an object, for the message.

    Raises:
        ValueError: it is none; the message says why in a few words.
    """
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(row, dict):
        raise ValueError(f"not a JSON object like {example}")
    return row


def parse_split(row: dict[str, Any]) -> str | None:
    """The split that a line names, None where it names none.

    Raises:
        ValueError: there is no such split.
    """
    split = row.get("split")
    if split is None:
        return None
    if split not in list(SPLIT_NAMES):
        raise ValueError(f"the split is {reprlib.repr(split)}, not one of {', '.join(SPLITS)}")
    return SPLIT_NAMES[split]


def inside(name: object) -> str:
    """A file name of a listing, normalised, that stays in its folder.

    Raises:
        ValueError: no name, or it leaves the folder.
    """
    if not isinstance(name, str) or not name or "\0" in name:
        raise ValueError("no file_name")
    if PurePosixPath(name).is_absolute() or PurePath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ValueError(f"the file name '{name[:80]}' leaves the folder")
    return str(PurePosixPath(name))

"""A table that says what is to be done with each file: `sentences.csv`."""

from __future__ import annotations

import csv
import io
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lbie.data.folder import name_faults
from lbie.errors import InputError, LbieError, shown
from lbie.image_io import read_file
from lbie.registry import resolve_model

TABLES = {".csv": ",", ".tsv": "\t"}
"""Suffix of a table to what stands between its columns."""
_COLUMNS = ("file", "sentence", "model")
_MAX_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Ask:
    """What a line of the table asks."""

    sentence: str
    model: str | None
    """None: the one of the whole batch."""
    line: int
    """Its number in the file, from 1."""


def read_table(path: Path) -> dict[str, Ask]:
    """Read a table with a head line: `file` (relative to the folder of images), `sentence`, and maybe `model`.

    Raises:
        InputError: it cannot be read, is empty, lacks a column or has one too many, or lines of it are broken; these
            are named with their numbers.
    """
    name = f"'{path}'"
    try:
        text = read_file(path, name, _MAX_BYTES, "a table of sentences").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text (byte {error.start:,}): save it as CSV UTF-8") from error
    asks: dict[str, Ask] = {}
    faults: list[str] = []
    models: dict[str, str | None] = {}
    for line, values in _lines(text, TABLES[path.suffix.lower()], name):
        fault = _fault(values, asks, models)
        if fault:
            faults.append(f"line {line} of {name}: {fault}")
        else:
            file = posixpath.normpath(values["file"])
            asks[file] = Ask(values["sentence"].strip(), values.get("model", "").strip() or None, line)
    if faults:
        raise InputError(name_faults(faults))
    if not asks:
        raise InputError(f"{name} has no line but its head: give lines with a file and a sentence")
    return asks


def _lines(text: str, between: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and values of each line below the head; a line that is too long has its rest under ''."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    head: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if head is None:
                head = [cell.strip().lower() for cell in cells]
                if not {"file", "sentence"} <= set(head) <= set(_COLUMNS) or len(set(head)) < len(head):
                    raise InputError(
                        f"the first line of {name} must name the columns file, sentence and maybe model, got "
                        f"'{shown(between.join(cells))[:120]}'"
                    )
                continue
            values = dict(zip(head, cells, strict=False))
            yield reader.line_num, values | ({"": "too many"} if len(cells) > len(head) else {})
    except csv.Error as error:
        raise InputError(f"line {reader.line_num} of {name}: {error}") from error


def _fault(values: dict[str, str], asks: dict[str, Ask], models: dict[str, str | None]) -> str | None:
    """What is wrong with a line; `models` holds what was found wrong with those that were asked for."""
    if "" in values:
        return "it has more columns than the first line: a sentence with a comma stands in quotes"
    file = values.get("file", "")
    if not file.strip():
        return "it names no file"
    if not values.get("sentence", "").strip():
        return f"no sentence for '{shown(file)}'"
    path = posixpath.normpath(file)
    if path.startswith(("/", "../")) or path in (".", "..") or "\0" in path:
        return f"'{shown(file)}' is no file of the folder: give its path relative to it"
    if path in asks:
        return f"'{shown(file)}' stands in line {asks[path].line} already"
    model = values.get("model", "").strip()
    if model and model not in models:
        models[model] = None
        try:
            resolve_model(model)
        except LbieError as error:
            models[model] = str(error)
    return models[model] if model else None

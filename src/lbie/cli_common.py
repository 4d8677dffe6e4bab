"""What several verbs of `lbie` share."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from lbie.errors import InputError

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of the data sets [LBIE_DATA, ../shared/data].")]
PhotosOption = Annotated[Path, typer.Option("--data", help="Folder of your photos, with metadata.jsonl.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]


def say(text: str) -> None:
    """One line to standard error."""
    print(f"lbie: {text}", file=sys.stderr)


def need_extra(extra: str, package: str) -> None:
    """Refuse to go on without a package of an extra.

    Raises:
        InputError: the package is not installed.
    """
    if find_spec(package) is None:
        raise InputError(f"this needs the package '{package}': pip install 'lbie[{extra}]'")

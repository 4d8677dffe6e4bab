"""What several verbs of `lbie` share."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbie.errors import InputError, NoMatchError, shown

if TYPE_CHECKING:
    from PIL import Image

    from lbie.edit import Edit

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of the data sets [LBIE_DATA, ../shared/data].")]
PhotosOption = Annotated[Path, typer.Option("--data", help="Folder of your photos, with metadata.jsonl.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda or mps.")]
RuntimeOption = Annotated[
    str,
    typer.Option("--runtime", help="onnx, torch, or auto: onnx where the model has graphs and the device is no other."),
]


def say(text: str) -> None:
    """One line to standard error."""
    print(f"lbie: {shown(text)}", file=sys.stderr)


@contextmanager
def busy(text: str) -> Iterator[None]:
    """A spinner on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def check_apart(outputs: Mapping[str, str | None], as_json: bool = False) -> None:
    """Refuse two outputs in one place.

    Raises:
        InputError: two options name one file, or more than one thing would go to standard output.
    """
    places: dict[Path, str] = {}
    given = {option: place for option, place in outputs.items() if place is not None}
    to_stdout = [option for option, place in given.items() if place == "-"]
    if len(to_stdout) + as_json > 1:
        raise InputError(f"only one thing can go to standard output: give {to_stdout[-1]} a file name")
    for option, place in given.items():
        if place == "-":
            continue
        path = Path(place).resolve()
        if path in places:
            raise InputError(f"{option} and {places[path]} both name '{place}'")
        places[path] = option


def draw_matches(result: Edit) -> Image.Image:
    """The photo with what each phrase matched on it."""
    from lbie.editing.overlay import draw_overlay

    return draw_overlay(result.source.rgb, result.matches)


def need_match(result: Edit) -> None:
    """Refuse to go on where nothing of what was named is in the photo.

    Raises:
        NoMatchError: there is none of it.
    """
    if not result.found:
        raise NoMatchError("; ".join(result.warnings))


def need_extra(extra: str, package: str) -> None:
    """Load a package of an extra.

    Raises:
        InputError: the package is not installed, or does not go with others that are.
    """
    if find_spec(package) is None:
        raise InputError(f"this needs the package '{package}': pip install 'lbie[{extra}]'")
    try:
        import_module(package)
    except ImportError as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"'{package}' cannot be loaded ({reason}): pip install --upgrade 'lbie[{extra}]'") from error

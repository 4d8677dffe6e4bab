"""The verb `lbie edit`."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbie.cli_common import DeviceOption, say
from lbie.errors import InputError

if TYPE_CHECKING:
    from lbie.image_io import SourceImage


class Metadata(StrEnum):
    """What becomes of the source's metadata."""

    KEEP = "keep"
    STRIP = "strip"


@contextmanager
def _busy(text: str) -> Iterator[None]:
    """A spinner on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def edit(
    image: Annotated[str, typer.Argument(help="Image file, '-' for standard input, or sample:NAME.")],
    sentence: Annotated[
        str,
        typer.Argument(
            help="What the result looks like: 'The flower is blue in color.', or of a drawing 'The circle is red. The "
            "shape above the circle is blue.'"
        ),
    ],
    output: Annotated[str, typer.Option("-o", "--output", help="Image file to write, or '-' for standard output.")],
    model: Annotated[
        str | None,
        typer.Option(help="Bundled name, model folder, or owner/name on the hub [by what image and sentence show]."),
    ] = None,
    explain: Annotated[str | None, typer.Option(help="Also draw what each step read, to this image file.")] = None,
    device: DeviceOption = "auto",
    strength: Annotated[float, typer.Option(help="How far a photo's colours change: above 0, at most 2.")] = 1.0,
    keep_background: Annotated[
        bool, typer.Option("--keep-background", help="Colour only what the sentence speaks of.")
    ] = False,
    mask: Annotated[
        str | None, typer.Option(help="Image of the photo's size: only where it is white, colours change.")
    ] = None,
    hint: Annotated[
        list[str] | None,
        typer.Option(help="Colour of a point: X,Y,COLOUR in pixels or percent, as 50%,25%,crimson. Repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(help="0: the model's best; 1, 2, ...: other shades of the colours named.")] = 0,
    metadata: Annotated[Metadata, typer.Option(help="The source's EXIF and colour profile.")] = Metadata.KEEP,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Refuse larger images.")] = 50,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Allow the output to be the source itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Edit an image as the sentence says: colour a grayscale photo of a flower, or the shapes of a drawing."""
    from lbie.image_io import SUFFIXES, check_output, encode_image, read_image, write_bytes
    from lbie.registry import resolve_model
    from lbie.samples import resolve_input

    began = time.perf_counter()
    _check_options(sentence, output, explain, as_json, max_megapixels)
    place = resolve_input(image)
    check_output(output, place, overwrite)
    if mask:
        check_output(output, resolve_input(mask), overwrite)
    if explain:
        check_output(explain, place, overwrite)
        if explain != "-" and output != "-" and Path(explain).resolve() == Path(output).resolve():
            raise InputError(f"--explain and -o both name '{output}'")
    if model is not None:
        resolve_model(model)
    source = read_image(place, round(max_megapixels * 1e6))
    if model is None:
        model = _choose(source, sentence)
    with _busy(f"loading the model '{model}'"):
        from lbie.editor import Editor

        editor = Editor.from_pretrained(model, device)
    with _busy("editing"):
        result = editor.set_image(source).edit(
            sentence, strength=strength, keep_background=keep_background, mask=mask, hints=hint or (), seed=seed
        )
    suffix = (
        next((s for s, f in SUFFIXES.items() if f == source.format), ".png") if output == "-" else Path(output).suffix
    )
    data, notices = encode_image(result.rgb, suffix, source=source, record=result.record, metadata=metadata.value)
    drawn = b""
    if explain:
        import numpy as np

        from lbie.explain import explain as draw

        drawn, _ = encode_image(np.asarray(draw(result)), ".png" if explain == "-" else Path(explain).suffix)
    write_bytes(output, data)
    if explain:
        write_bytes(explain, drawn)
    warnings = [*result.warnings, *notices]
    for line in warnings:
        say(line)
    seconds = time.perf_counter() - began
    if as_json:
        height, width = result.rgb.shape[:2]
        mean_steps = round(float(result.steps.mean()), 3)
        values = {"output": output, "width": width, "height": height, "device": editor.runtime.device, **result.record}
        values |= {"confidence": round(result.confidence, 4), "mean_steps": mean_steps}
        values |= {"unknown_words": list(result.unknown_words), "warnings": warnings, "seconds": round(seconds, 3)}
        print(json.dumps(values))
    elif output != "-":
        say(f"wrote {output} with the model '{model}' on {editor.runtime.device} in {seconds:.1f} s")


def _check_options(sentence: str, output: str, explain: str | None, as_json: bool, max_megapixels: float) -> None:
    if not sentence.strip():
        raise InputError("the sentence is empty: describe the result, e.g. 'The flower is red.'")
    if output == "-" and as_json:
        raise InputError("--json and the image cannot both go to standard output: give -o a file name")
    if explain == "-" and (output == "-" or as_json):
        raise InputError("only one thing can go to standard output: give --explain a file name")
    if not math.isfinite(max_megapixels):
        raise InputError(f"--max-megapixels must be a finite number, got {max_megapixels}")


def _choose(source: SourceImage, sentence: str) -> str:
    from lbie.editing.choose import choose_model

    choice = choose_model(source, sentence)
    say(f"using the model '{choice.model}': {choice.reason} (say otherwise with --model)")
    return choice.model

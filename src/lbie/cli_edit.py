"""The verb `lbie edit`."""

from __future__ import annotations

import json
import math
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lbie.cli_common import DeviceOption, RuntimeOption, busy, check_apart, draw_matches, need_match, say
from lbie.cli_vector import edit_vector
from lbie.completion import complete_image, complete_model
from lbie.editing.vector_file import holds_svg, is_vector
from lbie.errors import InputError

if TYPE_CHECKING:
    from PIL import Image

    from lbie.edit import Edit
    from lbie.image_io import SourceImage


class Metadata(StrEnum):
    """What becomes of the source's metadata."""

    KEEP = "keep"
    STRIP = "strip"


def edit(
    image: Annotated[
        str,
        typer.Argument(
            help="Image or SVG or DXF file, '-' for standard input, or sample:NAME.", autocompletion=complete_image
        ),
    ],
    sentence: Annotated[
        str,
        typer.Argument(
            help="What the result looks like: 'The flower is blue in color.', or of a drawing 'The circle is red. The "
            "shape above the circle is blue.'; or what to change in a photo: 'make the car on the left red'"
        ),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", help="Image or SVG file to write, or '-' for standard output.")
    ],
    model: Annotated[
        str | None,
        typer.Option(
            help="Bundled name, model folder, or owner/name on the hub [by what image and sentence show].",
            autocompletion=complete_model,
        ),
    ] = None,
    explain: Annotated[str | None, typer.Option(help="Also draw what each step read, to this image file.")] = None,
    overlay: Annotated[
        str | None,
        typer.Option("--overlay", "--show-match", help="Also show what a phrase matched in a photo, in this file."),
    ] = None,
    device: DeviceOption = "auto",
    runtime: RuntimeOption = "auto",
    strength: Annotated[float, typer.Option(help="How far a photo changes: above 0, at most 2.")] = 1.0,
    keep_background: Annotated[
        bool, typer.Option("--keep-background", help="Colour only what the sentence speaks of.")
    ] = False,
    mask: Annotated[
        str | None, typer.Option(help="Image of the photo's size: only where it is white, the photo changes.")
    ] = None,
    hint: Annotated[
        list[str] | None,
        typer.Option(help="Colour of a point: X,Y,COLOUR in pixels or percent, as 50%,25%,crimson. Repeatable."),
    ] = None,
    then: Annotated[
        list[str] | None,
        typer.Option(help="Of a drawing, what to change after that: 'now make the left circle green'. Repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(help="0: the model's best; 1, 2, ...: other shades of the colours named.")] = 0,
    panorama: Annotated[
        bool, typer.Option("--panorama", help="The photo is equirectangular: its left and right side touch, no seam.")
    ] = False,
    metadata: Annotated[Metadata, typer.Option(help="The source's EXIF, XMP and colour profile.")] = Metadata.KEEP,
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Refuse larger images.")] = 52,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Allow the output to be the source itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Edit an image as the sentence says: colour a grayscale photo of a flower or the shapes of a drawing, or change
    what a phrase names in a photo. Where nothing in the photo matches, the exit code is 3.
    """  # fmt: skip
    import numpy as np

    from lbie.image_io import (
        STANDARD_INPUT,
        check_output,
        decode_image,
        encode_image,
        read_image,
        read_standard_input,
        write_bytes,
    )
    from lbie.registry import resolve_model
    from lbie.samples import resolve_input

    began = time.perf_counter()
    _check_options(sentence, output, {"--explain": explain, "--overlay": overlay}, as_json, max_megapixels)
    place = resolve_input(image)
    data = read_standard_input() if str(place) == "-" else None
    if is_vector(place) or (data is not None and holds_svg(data)):
        return edit_vector(
            place, data, sentence, output, model, device, runtime, max_pixels=round(max_megapixels * 1e6),
            overwrite=overwrite, as_json=as_json, shown=explain or overlay, strength=strength,
            keep_background=keep_background, mask=mask, hints=hint or (), seed=seed, then=then or (), panorama=panorama,
        )  # fmt: skip
    check_output(output, place, overwrite)
    if mask:
        check_output(output, resolve_input(mask), overwrite)
    for extra in (explain, overlay):
        if extra:
            check_output(extra, place, overwrite)
    if model is not None:
        resolve_model(model)
    limit = round(max_megapixels * 1e6)
    source = read_image(place, limit) if data is None else decode_image(data, STANDARD_INPUT, limit)
    if model is None:
        model = _choose(source, sentence)
    with busy(f"loading the model '{model}'"):
        from lbie.editor import Editor

        editor = Editor.from_pretrained(model, device, runtime)
    if overlay and editor.runtime.config.task != "segment":
        raise InputError(f"the model '{model}' looks for no phrase that --overlay could show: use --explain")
    with busy("editing"):
        result = editor.set_image(source, panorama=panorama).edit(
            sentence,
            strength=strength,
            keep_background=keep_background,
            mask=mask,
            hints=hint or (),
            seed=seed,
            then=then or (),
            panorama=panorama,
        )
    need_match(result)
    if understood := result.record.get("understood"):
        say(f"understood: {understood}; matched with confidence {result.confidence:.2f}")
    suffix = _own_suffix(result) if output == "-" else Path(output).suffix
    picture, notices = result.encode(suffix, metadata.value)
    drawn: dict[str, bytes] = {}
    for extra, draw in ((explain, _draw_steps), (overlay, draw_matches)):
        if extra:
            drawn[extra] = encode_image(np.asarray(draw(result)), ".png" if extra == "-" else Path(extra).suffix)[0]
    write_bytes(output, picture)
    for extra, content in drawn.items():
        write_bytes(extra, content)
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


def _check_options(
    sentence: str, output: str, extras: dict[str, str | None], as_json: bool, max_megapixels: float
) -> None:
    if not sentence.strip():
        raise InputError("the sentence is empty: describe the result, e.g. 'The flower is red.'")
    if output == "-" and as_json:
        raise InputError("--json and the image cannot both go to standard output: give -o a file name")
    check_apart({"-o": output} | extras, as_json)
    if not math.isfinite(max_megapixels):
        raise InputError(f"--max-megapixels must be a finite number, got {max_megapixels}")


def _own_suffix(result: Edit) -> str:
    """That of the source's format, where it holds what there is."""
    from lbie.image_io import SUFFIXES

    own = next((s for s, f in SUFFIXES.items() if f == result.source.format), ".png")
    return ".png" if result.alpha is not None and own in (".jpg", ".bmp") else own


def _draw_steps(result: Edit) -> Image.Image:
    from lbie.explain import explain

    return explain(result)


def _choose(source: SourceImage, sentence: str) -> str:
    from lbie.editing.choose import choose_model

    choice = choose_model(source, sentence)
    say(f"using the model '{choice.model}': {choice.reason} (say otherwise with --model)")
    return choice.model

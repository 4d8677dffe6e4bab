"""The verb `lbie segment`."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lbie.cli_common import DeviceOption, RuntimeOption, busy, check_apart, draw_matches, need_extra, need_match, say
from lbie.completion import complete_image, complete_model
from lbie.errors import InputError

if TYPE_CHECKING:
    from lbie.edit import Edit


def segment(
    image: Annotated[
        str, typer.Argument(help="Photo, '-' for standard input, or sample:NAME.", autocompletion=complete_image)
    ],
    phrases: Annotated[
        list[str],
        typer.Argument(
            metavar="PHRASE...",
            help="What to find: 'the dog on the left', 'the cat and the dog', 'everything except the dog'; of several, "
            "the union.",
        ),
    ],
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Mask to write: a PNG, white where it is; or '-'.")
    ] = None,
    soft: Annotated[bool, typer.Option("--soft", help="Gray at the edges, instead of black and white alone.")] = False,
    overlay: Annotated[str | None, typer.Option(help="Also show each match on the photo, in this image file.")] = None,
    rle: Annotated[str | None, typer.Option(help="Also write the mask as COCO's RLE, as JSON; or '-'.")] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="Confidence, from 0 to 1, from which on a thing is there [the model's own, mostly .5]."),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Bundled name, model folder, or owner/name on the hub.", autocompletion=complete_model)
    ] = "photos",
    device: DeviceOption = "auto",
    runtime: RuntimeOption = "auto",
    max_megapixels: Annotated[float, typer.Option(min=0.001, help="Refuse larger images.")] = 52,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Allow an output to be the photo itself.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Find what phrases name in a photo. Where nothing matches, the exit code is 3 and no file is written."""
    from lbie.image_io import check_output, encode_image, read_image, write_bytes
    from lbie.registry import resolve_model
    from lbie.samples import resolve_input

    began = time.perf_counter()
    _check_options(phrases, output, overlay, rle, threshold, as_json, max_megapixels)
    place = resolve_input(image)
    for path in filter(None, (output, overlay)):
        check_output(path, place, overwrite)
    if output and output != "-" and Path(output).suffix.lower() != ".png":
        raise InputError(f"a mask is written as PNG: give -o a name that ends with .png, got '{output}'")
    if rle:
        need_extra("refer", "pycocotools")
        check_output(rle, suffixes=(".json",))
    resolve_model(model)
    source = read_image(place, round(max_megapixels * 1e6))
    with busy(f"loading the model '{model}'"):
        from lbie.editor import Editor

        editor = Editor.from_pretrained(model, device, runtime)
    with busy("looking"):
        result = editor.set_image(source).segment(phrases, threshold=threshold)
    used = editor.runtime.device
    seconds = time.perf_counter() - began
    if as_json:
        print(json.dumps({**result.record, **_found(result), "device": used, "seconds": round(seconds, 3)}))
    need_match(result)
    import numpy as np

    from lbie.editing.shade import shades

    contents: dict[str, bytes] = {}
    inside = result.mask > 0.5
    if output:
        levels = shades(result.mask) if soft else inside.astype(np.uint8) * 255
        contents[output] = encode_image(levels, ".png", record=result.record)[0]
    if overlay:
        picture = np.asarray(draw_matches(result))
        contents[overlay] = encode_image(picture, ".png" if overlay == "-" else Path(overlay).suffix)[0]
    if rle:
        from lbie.data.masks import encode_rle

        contents[rle] = (json.dumps(encode_rle(inside)) + "\n").encode()
    for path, content in contents.items():
        write_bytes(path, content)
    for line in result.warnings:
        say(line)
    written = [path for path in contents if path != "-"]
    if written and not as_json:
        share = f"{inside.mean():.1%} of the photo, confidence {result.confidence:.2f}"
        say(f"wrote {', '.join(written)} ({share}) with the model '{model}' on {used} in {seconds:.1f} s")


def _check_options(
    phrases: list[str],
    output: str | None,
    overlay: str | None,
    rle: str | None,
    threshold: float | None,
    as_json: bool,
    max_megapixels: float,
) -> None:
    if not all(phrase.strip() for phrase in phrases):
        raise InputError("a phrase is empty: name a thing, such as 'the dog on the left'")
    if threshold is not None and not 0 <= threshold <= 1:
        raise InputError(f"--threshold is a confidence from 0 to 1, got {threshold}")
    if not (output or overlay or rle or as_json):
        raise InputError("nothing to write: give -o mask.png, --overlay FILE, --rle FILE or --json")
    if not math.isfinite(max_megapixels):
        raise InputError(f"--max-megapixels must be a finite number, got {max_megapixels}")
    check_apart({"-o": output, "--overlay": overlay, "--rle": rle}, as_json)


def _found(result: Edit) -> dict[str, Any]:
    """What was found, for JSON: boxes are [x, y, width, height] in pixels."""
    height, width = result.mask.shape
    matches = [
        {"phrase": m.phrase, "found": m.found, "confidence": round(m.confidence, 4), **_place(m.inside)}
        for m in result.matches
    ]
    values: dict[str, Any] = {"width": width, "height": height, "found": result.found}
    values |= {"confidence": round(result.confidence, 4), **_place(result.mask > 0.5), "matches": matches}
    return values | {"unknown_words": list(result.unknown_words), "warnings": list(result.warnings)}


def _place(inside: Any) -> dict[str, Any]:
    """How many pixels a mask (H, W) bool has, and the smallest box around them."""
    import numpy as np

    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows):
        return {"pixels": 0, "box": None}
    box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    return {"pixels": int(inside.sum()), "box": [int(value) for value in box]}

"""`lbie edit` of vector drawings."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lbie.cli_common import busy, need_extra, need_match, say
from lbie.editing.vector_file import VECTOR_PACKAGES, fill_vector, read_vector
from lbie.errors import InputError


def edit_vector(
    place: str | Path,
    data: bytes | None,
    sentence: str,
    output: str,
    model: str | None,
    device: str,
    runtime: str,
    *,
    max_pixels: int,
    overwrite: bool,
    as_json: bool,
    shown: str | None,
    **controls: Any,
) -> None:
    """Fill the shapes of a drawing as the sentence says, and write it as SVG, or as a picture of its own size.

    Args:
        place: the drawing.
        data: its bytes, where they have been read.
        sentence: what the result looks like.
        output: file to write, or `-`.
        model: what edits (None: the bundled model of drawings).
        device: of the model.
        runtime: of the model.
        max_pixels: limit on those of a picture that is written.
        overwrite: the output may be the source.
        as_json: print what was done.
        shown: a file that should show how the edit came about; there is none for a drawing.
        controls: those of `Editor.edit`.
    """
    if shown:
        raise InputError(f"--explain and --overlay show pictures: a vector drawing has none for '{shown}'")
    began = time.perf_counter()
    suffix = ".svg" if output == "-" else Path(output).suffix.lower()
    for package in VECTOR_PACKAGES:
        need_extra("vector", package)
    from lbie.editing.choose import SKETCH
    from lbie.image_io import STANDARD_INPUT, SUFFIXES, check_output, write_bytes
    from lbie.registry import resolve_model
    from lbie.vector import read_svg

    check_output(output, place, overwrite, (".svg", ".svgz", *SUFFIXES))
    if model is None:
        model = SKETCH
        say(f"using the model '{model}': a vector drawing (say otherwise with --model)")
    resolve_model(model)
    drawing = read_vector(place) if data is None else read_svg(data, STANDARD_INPUT)
    with busy(f"loading the model '{model}'"):
        from lbie.editor import Editor

        editor = Editor.from_pretrained(model, device, runtime)
    with busy("editing"):
        result = fill_vector(editor, drawing, sentence, suffix, max_pixels, **controls)
    need_match(result.edit)
    write_bytes(output, result.data)
    for line in result.warnings:
        say(line)
    seconds = time.perf_counter() - began
    if as_json:
        values = {"output": output, "device": editor.runtime.device, **result.edit.record}
        values |= {
            "changes": [asdict(change) for change in result.changes],
            "unknown_words": list(result.edit.unknown_words),
        }
        print(json.dumps(values | {"warnings": list(result.warnings), "seconds": round(seconds, 3)}))
    elif output != "-":
        filled = f"{len(result.changes)} fill{'' if len(result.changes) == 1 else 's'} changed"
        say(f"wrote {output} ({filled}) with the model '{model}' on {editor.runtime.device} in {seconds:.1f} s")

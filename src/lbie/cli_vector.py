"""`lbie edit` of vector drawings."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbie.cli_common import busy, need_extra, need_match, say
from lbie.errors import InputError

if TYPE_CHECKING:
    import numpy as np

VECTOR = (".svg", ".svgz", ".dxf")
"""Suffixes of drawings that are edited as such."""


def is_vector(place: str | Path) -> bool:
    """Whether an input is a vector drawing, by its name."""
    return Path(place).suffix.lower() in VECTOR


def holds_svg(data: bytes) -> bool:
    """Whether bytes are those of an SVG drawing, plain or gzipped."""
    return data.startswith(b"\x1f\x8b") or data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def edit_vector(
    place: str | Path,
    data: bytes | None,
    sentence: str,
    output: str,
    model: str | None,
    device: str,
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
    for package in ("resvg_py", "lxml", "tinycss2", "cssselect2", "ezdxf"):
        need_extra("vector", package)
    from lbie.editing.choose import SKETCH
    from lbie.image_io import STANDARD_INPUT, SUFFIXES, check_output, write_bytes
    from lbie.registry import resolve_model
    from lbie.vector import read_svg, recolour

    check_output(output, place, overwrite, (".svg", ".svgz", *SUFFIXES))
    if model is None:
        model = SKETCH
        say(f"using the model '{model}': a vector drawing (say otherwise with --model)")
    resolve_model(model)
    if data is not None:
        drawing = read_svg(data, STANDARD_INPUT)
    elif Path(place).suffix.lower() == ".dxf":
        from lbie.vector.dxf import read_dxf

        drawing = read_dxf(place)
    else:
        drawing = read_svg(place)
    with busy(f"loading the model '{model}'"):
        from lbie.editor import Editor

        editor = Editor.from_pretrained(model, device)
    said: dict[str, Any] = {}

    def paint(rgb: np.ndarray) -> np.ndarray:
        result = editor.set_image(rgb).edit(sentence, **controls)
        need_match(result)
        said.update(warnings=list(result.warnings), record=result.record, unknown_words=list(result.unknown_words))
        return result.rgb

    with busy("editing"):
        result = recolour(drawing, paint)
    warnings = [*said["warnings"], *result.warnings]
    if suffix in (".svg", ".svgz"):
        data = gzip.compress(result.data, mtime=0) if suffix == ".svgz" else result.data
    else:
        data, notices = _picture(result.data, drawing.name, suffix, said["record"], max_pixels)
        warnings += notices
    write_bytes(output, data)
    for line in warnings:
        say(line)
    seconds = time.perf_counter() - began
    if as_json:
        values = {"output": output, "device": editor.runtime.device, **said["record"]}
        values |= {"changes": [asdict(change) for change in result.changes], "unknown_words": said["unknown_words"]}
        print(json.dumps(values | {"warnings": warnings, "seconds": round(seconds, 3)}))
    elif output != "-":
        filled = f"{len(result.changes)} fill{'' if len(result.changes) == 1 else 's'} changed"
        say(f"wrote {output} ({filled}) with the model '{model}' on {editor.runtime.device} in {seconds:.1f} s")


def _picture(data: bytes, name: str, suffix: str, record: dict[str, Any], max_pixels: int) -> tuple[bytes, list[str]]:
    """A drawing as an image file, at 96 pixels to the inch.

    Raises:
        InputError: that are too many pixels.
    """
    from lbie.image_io import SourceImage, encode_image
    from lbie.vector import read_svg
    from lbie.vector.recolour import rasterise

    drawing = read_svg(data, name)
    width, height = (max(1, round(side)) for side in drawing.size)
    if width * height > max_pixels:
        raise InputError(
            f"{name} is {width:,} x {height:,} pixels, more than the limit of {max_pixels / 1e6:g} megapixels: raise "
            "it with --max-megapixels, or write .svg"
        )
    rgba = rasterise(drawing, (height, width))
    rgb = rgba[..., :3].copy()
    alpha = rgba[..., 3].copy()
    source = SourceImage(rgb, None if (alpha == 255).all() else alpha)
    return encode_image(rgb, suffix, source=source, record=record)

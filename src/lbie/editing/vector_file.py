"""A vector drawing as a file: read, its shapes filled by a model, and what is written then."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbie.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from lbie.edit import Edit
    from lbie.editor import Editor
    from lbie.vector import Change, Svg

VECTOR = (".svg", ".svgz", ".dxf")
"""Suffixes of drawings that are edited as such."""
VECTOR_PACKAGES = ("resvg_py", "lxml", "tinycss2", "cssselect2", "ezdxf")
"""What that needs."""


def is_vector(place: str | Path) -> bool:
    """Whether an input is a vector drawing, by its name."""
    return Path(place).suffix.lower() in VECTOR


def holds_svg(data: bytes) -> bool:
    """Whether bytes are those of an SVG drawing, plain or gzipped."""
    return data.startswith(b"\x1f\x8b") or data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


@dataclass(frozen=True)
class Filled:
    """A drawing with other fills, as a file."""

    data: bytes
    """The file's bytes."""
    edit: Edit
    """The edit of its picture; nothing was filled where it is not `found`."""
    changes: tuple[Change, ...]
    """What was filled, in the order of the file."""
    warnings: tuple[str, ...]
    """What a person should know, one line each."""


def read_vector(place: str | Path, name: str | None = None) -> Svg:
    """Read SVG, plain or gzipped, or DXF; `name` is what messages call it.

    Raises:
        InputError: as `read_svg` and `read_dxf`.
    """
    if Path(place).suffix.lower() == ".dxf":
        from lbie.vector.dxf import read_dxf

        return read_dxf(place, name)
    from lbie.vector import read_svg

    return read_svg(place, name)


def fill_vector(editor: Editor, drawing: Svg, sentence: str, suffix: str, max_pixels: int, **controls: Any) -> Filled:
    """Fill the shapes of a drawing as the sentence says.

    Args:
        editor: with a model of drawings.
        drawing: what is edited.
        sentence: what the result looks like.
        suffix: of the file, in lower case: `.svg`, `.svgz`, or that of a picture, which is of the drawing's own size.
        max_pixels: limit on those of a picture.
        controls: those of `Editor.edit`.

    Raises:
        InputError: it cannot be drawn, or has too many pixels; else as `Editor.edit`.
    """
    from lbie.vector import recolour

    edits: list[Edit] = []

    def paint(rgb: np.ndarray) -> np.ndarray:
        edits.append(editor.set_image(rgb).edit(sentence, **controls))
        return edits[0].rgb

    result = recolour(drawing, paint)
    data = result.data
    notices: list[str] = []
    if suffix == ".svgz":
        data = gzip.compress(result.data, mtime=0)
    elif suffix != ".svg":
        data, notices = _picture(result.data, drawing.name, suffix, edits[0].record, max_pixels)
    return Filled(data, edits[0], result.changes, (*edits[0].warnings, *result.warnings, *notices))


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

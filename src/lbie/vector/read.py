"""An SVG file to its tree, with the limits checked before a tree is made."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lxml import etree

from lbie.errors import InputError
from lbie.image_io import read_file
from lbie.vector.expansion import check_expansion
from lbie.vector.guard import check_content
from lbie.vector.names import local_name
from lbie.vector.style import Style, read_styles
from lbie.vector.units import to_pixels

MAX_BYTES = 16 * 2**20
"""Limit on the size of a drawing, unpacked."""
WANTED = "a drawing"
"""What messages ask for instead of a folder or the like."""
MAX_ELEMENTS = 50_000
"""Limit on the number of elements."""
MAX_DEPTH = 100
"""Limit on how deep elements lie in each other."""
MAX_ASPECT = 100.0
"""Limit on the longer side over the shorter."""
_GZIP = b"\x1f\x8b"
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\w+);)[^;\s<]*;?")


@dataclass(frozen=True)
class Svg:
    """A drawing that has been read and found harmless."""

    data: bytes
    """The file's bytes, unpacked."""
    name: str
    """What messages call it."""
    root: Any
    """lxml element `svg`; not to be changed."""
    size: tuple[float, float]
    """Width and height in pixels, 96 to the inch."""
    box: tuple[float, float, float, float]
    """Left, top, width and height of what it shows, in its own units."""
    styles: list[Style]
    """The style of each element, in the order of `root.iter("*")`."""


def read_svg(source: str | Path | bytes, name: str | None = None) -> Svg:
    """Read a drawing, plain or gzipped.

    Args:
        source: path, or the bytes of a file.
        name: what messages call it.

    Raises:
        InputError: missing, empty, too large, not well-formed, not SVG, or of no size; a DTD's content or entities, a
            script, an event, HTML, a style sheet or a picture from elsewhere; more than the limits allow.
    """
    if isinstance(source, bytes):
        name, data = name or "the drawing", source
    else:
        name = name or f"'{source}'"
        data = read_file(source, name, MAX_BYTES, WANTED)
    if not data:
        raise InputError(f"{name} is empty (0 bytes)")
    if data.startswith(_GZIP):
        data = _unpack(data, name)
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} has more than the limit of {MAX_BYTES:,} bytes")
    _scan(data, name)
    root = _parse(data, name)
    if local_name(root) != "svg":
        found = str(root.tag)[:80]
        missing = ': it lacks xmlns="http://www.w3.org/2000/svg"' if found == "svg" else ""
        raise InputError(f"{name} is no SVG drawing, its outermost element is '{found}'{missing}")
    check_content(root, name)
    size, box = _measure(root, name)
    styles = read_styles(root, name)
    check_expansion(root, styles, name)
    return Svg(data, name, root, size, box, styles)


def _unpack(data: bytes, name: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise InputError(f"{name} is damaged: {error}") from error
    if len(plain) > MAX_BYTES:
        raise InputError(f"{name} unpacks to more than the limit of {MAX_BYTES:,} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise InputError(f"{name} is truncated, or has something after its end")
    return plain


class _RefusedError(Exception):
    """Raised inside the parser's callbacks, to end the parse."""


def _scan(data: bytes, name: str) -> None:
    """Go through the file without building anything.

    Raises:
        InputError: not well-formed, a document type with content, an entity, too many elements, or too deep.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    count = depth = 0
    declared = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count, depth = count + 1, depth + 1
        if count > MAX_ELEMENTS:
            raise _RefusedError(f"has more than the limit of {MAX_ELEMENTS:,} elements")
        if depth > MAX_DEPTH:
            raise _RefusedError(f"has elements more than {MAX_DEPTH} deep in each other")

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(_name: str, _system: str | None, _public: str | None, with_subset: bool) -> None:
        nonlocal declared
        declared = True
        if with_subset:
            raise _RefusedError(
                "declares a document type of its own (<!DOCTYPE … [ ]>), which may hold entities: take it out"
            )

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except _RefusedError as refusal:
        raise InputError(f"{name}, line {parser.CurrentLineNumber}: {refusal}") from None
    except expat.ExpatError as error:
        detail = expat.ErrorString(error.code)
        raise InputError(
            f"{name} is not well-formed XML: line {error.lineno}, column {error.offset}: {detail}"
        ) from error
    except (ValueError, LookupError) as error:  # an encoding that expat does not know
        raise InputError(f"{name} is in an encoding that is not read ({error}): save it as UTF-8") from error
    if declared and b"\0" in data:
        raise InputError(f"{name} declares a document type in UTF-16: save it as UTF-8")
    if declared and (entity := _ENTITY.search(data)):  # expat leaves them out of attributes in silence
        shown = entity[0][:40].decode("ascii", "replace")
        raise InputError(f"{name} uses the entity '{shown}' of a document type that is not read: write it out")


def _parse(data: bytes, name: str) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, strip_cdata=False, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        detail = " ".join(str(getattr(error, "msg", error)).split())
        raise InputError(f"{name} is not well-formed XML: {detail[:200]}") from error
    return root


def _measure(root: Any, name: str) -> tuple[tuple[float, float], tuple[float, float, float, float]]:
    """Size in pixels and view box, one from the other where only one is there.

    Raises:
        InputError: neither, or one that is no size.
    """
    box = _view_box(root, name)
    width, height = _side(root, "width", name), _side(root, "height", name)
    if box is None:
        if width is None or height is None:
            raise InputError(f"{name} has no size: give its element 'svg' a width and a height, or a viewBox")
        box = 0.0, 0.0, width, height
    ratio = box[2] / box[3]
    if width is None:
        width = box[2] if height is None else height * ratio
    if height is None:
        height = width / ratio
    if not max(width / height, height / width) <= MAX_ASPECT:
        raise InputError(f"{name} is {width:g} x {height:g}: one side is more than {MAX_ASPECT:g} times the other")
    return (width, height), box


def _side(root: Any, side: str, name: str) -> float | None:
    """Width or height in pixels; None where it is missing or left to the view box."""
    text = root.get(side)
    if text is None or re.fullmatch(r"\s*(auto|[\d.]+%)\s*", text):
        return None
    value = to_pixels(text)
    if value is None:
        raise InputError(f"{name}: {side}='{text[:40]}' is no length: write a number, or one in px, mm, cm, in or pt")
    if value <= 0:
        raise InputError(f"{name}: {side}='{text}' leaves nothing to see")
    return value


def _view_box(root: Any, name: str) -> tuple[float, float, float, float] | None:
    text = root.get("viewBox")
    if text is None:
        return None
    values = [to_pixels(part) for part in re.split(r"[\s,]+", text.strip())]
    if len(values) != 4 or None in values:
        raise InputError(f"{name}: viewBox='{text[:40]}' is not four numbers: left, top, width, height")
    left, top, width, height = (float(value) for value in values if value is not None)
    if width <= 0 or height <= 0:
        raise InputError(f"{name}: viewBox='{text[:40]}' leaves nothing to see")
    return left, top, width, height

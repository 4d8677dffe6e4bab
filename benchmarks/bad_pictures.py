"""Good pictures in every format, drawn by code, and the places of the fields of their headers."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
SUFFIX = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "BMP": ".bmp", "GIF": ".gif"}


def drawn(height: int = 48, width: int = 64) -> np.ndarray:
    """A flower on a shaded ground, (H, W, 3) uint8."""
    rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle, far = np.arctan2(rows, columns), np.hypot(rows, columns)
    petals = far < 0.55 + 0.2 * np.cos(5 * angle)
    ground = np.stack([60 + 40 * rows, 90 + 30 * columns, 50 + 20 * rows * columns], -1)
    rgb = np.where(petals[..., None], [190, 150, 170], ground)
    return np.where((far < 0.2)[..., None], [120, 100, 20], rgb).astype(np.uint8)


def saved(image: Image.Image | np.ndarray, form: str, **options: Any) -> bytes:
    """The bytes of a file."""
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def good_files() -> dict[str, tuple[str, bytes]]:
    """Name to format and bytes."""
    rgb = drawn()
    return {
        "jpeg": ("JPEG", saved(rgb, "JPEG", quality=90)),
        "jpeg-progressive": ("JPEG", saved(rgb, "JPEG", quality=90, progressive=True)),
        "png": ("PNG", saved(rgb, "PNG")),
        "webp": ("WEBP", saved(rgb, "WEBP", quality=80)),
        "webp-lossless": ("WEBP", saved(rgb, "WEBP", lossless=True)),
        "tiff": ("TIFF", saved(rgb, "TIFF")),
        "tiff-lzw": ("TIFF", saved(rgb, "TIFF", compression="tiff_lzw")),
        "bmp": ("BMP", saved(rgb, "BMP")),
        "gif": ("GIF", saved(rgb, "GIF")),
    }


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, depth: int = 8, colour: int = 2, more: bytes = b"", pixels: bytes | None = None
) -> bytes:
    """A PNG file with a header of choice, chunks before its pixels, and (None: a few) bytes of these."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = zlib.compress(bytes(64) if pixels is None else pixels, 9)
    return PNG_HEAD + header + more + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def header_fields() -> Iterator[tuple[str, str, bytes]]:
    """Every field of every header at 0, at its largest and at -1: name, format and bytes."""
    good = good_files()
    for name in ("jpeg", "png", "webp", "webp-lossless", "tiff", "tiff-lzw", "bmp", "gif"):
        form, data = good[name]
        for field, start, size, order in FIELDS[name](data):
            top = 2 ** (8 * size)
            for how, value in (("zero", 0), ("max", top // 2 - 1), ("negative", top - 1)):
                changed = data[:start] + value.to_bytes(size, order) + data[start + size :]
                yield f"{name}-{field}-{how}", form, _with_sums(changed) if form == "PNG" else changed


Field = tuple[str, int, int, Any]
"""Name, place, bytes and their order."""


def _with_sums(data: bytes) -> bytes:
    """A PNG file whose header has the right check sum again."""
    return data[:29] + struct.pack(">I", zlib.crc32(data[12:29])) + data[33:]


def _png(data: bytes) -> Iterator[Field]:
    yield "chunk-length", 33, 4, "big"
    for place, name in enumerate(("width", "height")):
        yield name, 16 + 4 * place, 4, "big"
    for place, name in enumerate(("depth", "colour", "compression", "filter", "interlace")):
        yield name, 24 + place, 1, "big"


def _bmp(data: bytes) -> Iterator[Field]:
    for name, start, size in (
        *(("file-size", 2, 4), ("offset", 10, 4), ("header-size", 14, 4), ("width", 18, 4), ("height", 22, 4)),
        *(("planes", 26, 2), ("bits", 28, 2), ("compression", 30, 4), ("image-size", 34, 4), ("colours", 46, 4)),
    ):
        yield name, start, size, "little"


def _gif(data: bytes) -> Iterator[Field]:
    for name, start, size in (("screen-width", 6, 2), ("screen-height", 8, 2), ("flags", 10, 1), ("background", 11, 1)):
        yield name, start, size, "little"
    frame = data.index(b",", 13 + 3 * 2 ** ((data[10] & 7) + 1))
    for name, start, size in (("left", 1, 2), ("top", 3, 2), ("width", 5, 2), ("height", 7, 2), ("frame-flags", 9, 1)):
        yield name, frame + start, size, "little"
    pixels = frame + 10 + (3 * 2 ** ((data[frame + 9] & 7) + 1) if data[frame + 9] & 128 else 0)
    yield "code-size", pixels, 1, "little"
    yield "block-size", pixels + 1, 1, "little"


def _jpeg(data: bytes) -> Iterator[Field]:
    frame, tables, codes, scan = (data.index(bytes((0xFF, mark))) for mark in (0xC0, 0xDB, 0xC4, 0xDA))
    for name, start, size in (
        *(
            ("frame-length", frame + 2, 2),
            ("precision", frame + 4, 1),
            ("height", frame + 5, 2),
            ("width", frame + 7, 2),
        ),
        *(("components", frame + 9, 1), ("sampling", frame + 11, 1), ("table-number", frame + 12, 1)),
        *(("tables-length", tables + 2, 2), ("codes-length", codes + 2, 2), ("codes-count", codes + 5, 1)),
        *(("scan-length", scan + 2, 2), ("scan-components", scan + 4, 1)),
    ):
        yield name, start, size, "big"


_TAGS = {
    256: "width", 257: "height", 258: "bits", 259: "compression", 262: "photometric", 273: "offsets", 277: "samples",
    278: "rows", 279: "byte-counts", 284: "planar",
}  # fmt: skip


def _tiff(data: bytes) -> Iterator[Field]:
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    yield "directory", 4, 4, "little"
    yield "entries", start, 2, "little"
    yield "next-directory", start + 2 + 12 * count, 4, "little"
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", data, entry)
        if tag in _TAGS:
            yield f"{_TAGS[tag]}-count", entry + 4, 4, "little"
            yield _TAGS[tag], entry + 8, 4, "little"


def _webp(data: bytes) -> Iterator[Field]:
    yield "file-size", 4, 4, "little"
    yield "chunk-size", 16, 4, "little"
    yield "frame", 20, 3, "little"
    yield "width", 26, 2, "little"
    yield "height", 28, 2, "little"


def _webp_lossless(data: bytes) -> Iterator[Field]:
    yield "sizes", 21, 4, "little"


FIELDS = {
    "jpeg": _jpeg, "png": _png, "webp": _webp, "webp-lossless": _webp_lossless, "tiff": _tiff, "tiff-lzw": _tiff,
    "bmp": _bmp, "gif": _gif,
}  # fmt: skip

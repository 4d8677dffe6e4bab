"""Files whose content is hostile, of another kind than it seems, or rare: group, name, file name and bytes."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from bad_pictures import PNG_HEAD, chunk, drawn, good_files, png, saved
from PIL import Image

Content = tuple[str, str, bytes]
"""Name, file name and bytes."""


def huge() -> Iterator[Content]:
    """More pixels than anyone wants, declared in few bytes."""
    good = good_files()
    for colour in (0, 2, 3, 4, 6):
        yield f"png of colour type {colour}", "huge.png", png(100_000, 100_000, colour=colour)
    yield "png, 16 bit", "huge.png", png(100_000, 100_000, 16, 6)
    yield "png, 2**31 - 1 squared", "huge.png", png(2**31 - 1, 2**31 - 1, 1, 0)
    yield "png, interlaced", "huge.png", _interlaced(100_000)
    yield "png, one pixel too many", "huge.png", png(10_000, 5_001)
    yield "bmp", "huge.bmp", _at(good["bmp"][1], (18, "<ii", 100_000, 100_000))
    yield "bmp, upside down", "huge.bmp", _at(good["bmp"][1], (18, "<ii", 100_000, -100_000))
    rle = _at(saved(Image.fromarray(drawn()[..., 0]), "BMP"), (18, "<ii", 100_000, 100_000), (30, "<I", 1))
    yield "bmp, run lengths", "huge.bmp", rle
    yield "gif", "huge.gif", _at(good["gif"][1], (6, "<HH", 65_535, 65_535))
    frame = good["gif"][1].index(b",", 13 + 768)
    yield "gif, a frame larger than its screen", "huge.gif", _at(good["gif"][1], (frame + 5, "<HH", 65_535, 65_535))
    sizes = good["jpeg"][1].index(b"\xff\xc0") + 5
    yield "jpeg", "huge.jpg", _at(good["jpeg"][1], (sizes, ">HH", 65_535, 65_535))
    yield "jpeg, wide", "huge.jpg", _at(good["jpeg"][1], (sizes, ">HH", 700, 65_535))
    yield "webp", "huge.webp", _at(good["webp"][1], (26, "<HH", 16_383, 16_383))
    canvas = b"VP8X" + struct.pack("<IIIH", 10, 0, 0xFFFFFF | 0xFF << 24, 0xFFFF)
    yield "webp, canvas of 2**24 squared", "huge.webp", _riff(canvas + good["webp"][1][12:])
    yield "tiff", "huge.tif", _tiff({256: 100_000, 257: 100_000})
    yield "tiff, no bytes of pixels", "huge.tif", _tiff({256: 7_000, 257: 7_000, 279: 0})
    yield "tiff, 65,535 samples a pixel", "huge.tif", _tiff({277: 65_535})


def bombs() -> Iterator[Content]:
    """Few bytes that unpack to many: some are pictures, and near the limits."""
    zeros = zlib.compress(bytes(64_000_000), 9)
    big = (b"zTXt", b"note\0\0" + zeros), (b"iTXt", b"note\0\1\0\0\0" + zeros), (b"iCCP", b"profile\0\0" + zeros)
    for kind, data in big:
        yield f"64 MB in {kind.decode()}", "bomb.png", png(8, 8, more=chunk(kind, data))
    many = b"".join(chunk(b"zTXt", b"n%d\0\0" % i + zlib.compress(bytes(900_000), 9)) for i in range(200))
    yield "200 chunks of text", "bomb.png", png(8, 8, more=many)
    yield "100,000 empty chunks", "bomb.png", png(8, 8, more=chunk(b"tEXt", b"") * 100_000)
    yield "64 MB of pixels for 8 x 8", "bomb.png", png(8, 8, pixels=bytes(64_000_000))
    yield "16 megapixels, black", "bomb.png", png(4_000, 4_000, 1, 0, pixels=bytes(501 * 4_000))
    yield "49 megapixels, black", "bomb.png", png(7_000, 7_000, 1, 0, pixels=bytes(876 * 7_000))
    yield "49 megapixels, 16 bit, see-through", "bomb.png", png(7_000, 7_000, 16, 6, pixels=bytes(56_001 * 7_000))
    yield "49 megapixels in a JPEG", "bomb.jpg", saved(Image.new("L", (7_000, 7_000)), "JPEG", quality=1)
    yield "49 megapixels in a TIFF", "bomb.tif", saved(Image.new("1", (7_000, 7_000)), "TIFF", compression="group4")
    yield "49 megapixels in a GIF", "bomb.gif", saved(Image.new("L", (7_000, 7_000)), "GIF")
    yield (
        "49 megapixels in a WebP",
        "bomb.webp",
        saved(Image.new("RGB", (7_000, 7_000)), "WEBP", lossless=True, method=0),
    )
    yield "svg, gzipped", "bomb.svgz", gzip.compress(_svg(" " * 64_000_000), mtime=0)


def odd_chunks() -> Iterator[Content]:
    """PNG files as no program writes them."""
    pixels = chunk(b"IDAT", zlib.compress(bytes(8 * 25)))
    header, end = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)), chunk(b"IEND", b"")
    yield "no header", "a.png", PNG_HEAD + pixels + end
    yield "two headers", "a.png", PNG_HEAD + header + header + pixels + end
    yield "no pixels", "a.png", PNG_HEAD + header + end
    yield "no end", "a.png", PNG_HEAD + header + pixels
    yield "pixels before the header", "a.png", PNG_HEAD + pixels + header + end
    yield "an unknown chunk that must be known", "a.png", PNG_HEAD + header + chunk(b"ABCD", b"x") + pixels + end
    yield "a wrong check sum", "a.png", PNG_HEAD + header[:-4] + b"\0\0\0\0" + pixels + end
    yield "a chunk of 2 GB", "a.png", PNG_HEAD + header + struct.pack(">I", 2**31 - 1) + b"tEXt" + pixels + end
    yield (
        "a palette of nothing",
        "a.png",
        PNG_HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 3, 0, 0, 0)) + pixels + end,
    )
    yield "a zip behind its end", "a.png", png(8, 8, pixels=bytes(8 * 25)) + _zip("../../etc/x")
    yield (
        "an animation of 2**31 frames",
        "a.png",
        png(8, 8, more=chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), pixels=bytes(200)),
    )
    yield "a frame outside its canvas", "a.png", png(8, 8, more=chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 9, 9, 2**31 - 1, 0, 1, 1, 0, 0)), pixels=bytes(200))  # fmt: skip


def endless() -> Iterator[Content]:
    """Animations and lists that have no end, or a far one."""
    small = Image.fromarray(drawn(8, 8))
    gif = good_files()["gif"][1]
    frame = gif[gif.index(b",", 13 + 768) : -1]
    yield (
        "gif that loops for ever",
        "loop.gif",
        saved(small, "GIF", save_all=True, append_images=[small.rotate(90)], loop=0),
    )
    yield (
        "gif of 20,000 frames",
        "long.gif",
        gif[:-1] + frame * 2_000 + (b"," + bytes(4) + b"\1\0\1\0\0\2\2\x44\1\0") * 18_000 + b";",
    )
    yield "gif without an end", "noend.gif", gif[:-1] + b"\xff" * 100_000
    yield "gif of comments", "comments.gif", gif[:-1][:781] + (b"!\xfe\xff" + b"c" * 255 + b"\0") * 40_000 + gif[781:]
    yield "gif of empty blocks", "empty.gif", gif[: 13 + 768] + b"!\xf9\0" * 200_000 + b";"
    yield "gif whose pixels go on", "more.gif", gif[:-2] + (b"\xff" + bytes(255)) * 40_000
    yield (
        "webp of 300 frames",
        "long.webp",
        saved(small, "WEBP", save_all=True, append_images=[small.rotate(i) for i in range(299)]),
    )
    yield "tiff whose pages are a circle", "circle.tif", _circle()
    yield "tiff of 200 pages", "pages.tif", saved(small, "TIFF", save_all=True, append_images=[small] * 199)
    pages = [small] * 50
    yield "jpeg with 50 more behind it", "many.jpg", saved(small, "MPO", save_all=True, append_images=pages)
    yield (
        "jpeg of 65,535 comments",
        "notes.jpg",
        good_files()["jpeg"][1][:2] + b"\xff\xfe\0\2" * 65_535 + good_files()["jpeg"][1][2:],
    )
    scans = good_files()["jpeg-progressive"][1]
    last = scans.rindex(b"\xff\xda")
    yield "jpeg of 3,000 scans", "scans.jpg", scans[:-2] + scans[last:-2] * 3_000 + scans[-2:]


def wrong_suffixes() -> Iterator[Content]:
    """What a file is, and what its name says."""
    for form, suffix in (
        ("JPEG", ".png"),
        ("PNG", ".jpg"),
        ("GIF", ".webp"),
        ("WEBP", ".gif"),
        ("BMP", ".tif"),
        ("TIFF", ".bmp"),
    ):
        yield f"{form} as {suffix}", f"photo{suffix}", next(data for own, data in good_files().values() if own == form)
    archive = _zip("../../../../tmp/out.png")
    for name, data in (
        *(("text", b"This is a letter.\n" * 50), ("HTML", b"<!doctype html><script>1</script>"), ("nothing", b"")),
        *(
            ("a zip with a path outside", archive),
            ("noise", np.random.default_rng(0).bytes(5_000)),
            ("zeros", bytes(5_000)),
        ),
        *(("a pickle", b"cos\nsystem\n(S'touch /tmp/x'\ntR."), ("a program", b"\x7fELF\2\1\1" + bytes(500))),
        *(("gzip", gzip.compress(good_files()["png"][1], mtime=0)), ("SVG", _svg("<circle r='9'/>"))),
    ):
        yield f"{name} as .png", "photo.png", data


def other_kinds() -> Iterator[Content]:
    """Kinds of files that are never read, and SVG, which is where drawings are edited."""
    picture = Image.fromarray(drawn())
    for form in ("EPS", "PDF", "PPM", "ICO", "TGA", "JPEG2000", "PCX", "SGI", "DDS", "ICNS", "AVIF"):
        yield form, f"photo.{form.lower()}", saved(picture, form)
        yield f"{form} as .png", "photo.png", saved(picture, form)
    cards = ("SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    2",
             "NAXIS1  =               100000", "NAXIS2  =               100000", "END")  # fmt: skip
    fits = "".join(card.ljust(80) for card in cards).ljust(2880).encode()
    yield "FITS", "photo.fits", fits
    yield "FITS as .png", "photo.png", fits
    shell = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch /tmp/x) (w) file\n%%EOF\n"
    yield "EPS with a command as .png", "photo.png", shell
    yield "EPS with a command", "photo.eps", shell
    yield "WMF as .png", "photo.png", b"\xd7\xcd\xc6\x9a" + bytes(100)
    yield (
        "PSD as .png",
        "photo.png",
        b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 100_000, 100_000, 8, 3) + bytes(100),
    )


def vector() -> Iterator[Content]:
    """SVG and DXF."""
    yield (
        "a circle",
        "drawing.svg",
        _svg(
            "<rect width='40' height='40' x='5' y='5' fill='white' stroke='black'/><circle cx='60' cy='60' r='20' fill='#999'/>"
        ),
    )
    for name, inside in (
        ("a script", "<script>alert(1)</script>"),
        ("an event", "<circle r='9' onload='alert(1)'/>"),
        ("a file", "<image href='file:///etc/passwd' width='9' height='9'/>"),
        ("an address", "<image href='http://127.0.0.1:9/x.png' width='9' height='9'/>"),
        ("HTML", "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>"),
        ("a style from elsewhere", "<style>@import url(http://127.0.0.1:9/x.css);</style>"),
        ("itself for ever", "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>"),
        ("a billion copies", "".join(f"<g id='g{i}'>" + f"<use href='#g{i + 1}'/>" * 10 + "</g>" for i in range(9)) + "<circle id='g9' r='9'/>"),
        ("10,000 levels", "<g>" * 10_000 + "</g>" * 10_000),
        ("60,000 elements", "<circle r='1'/>" * 60_000),
        ("a bomb in a picture", "<image width='9' height='9' href='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgABhqAAAYagCAIAAAA='/>"),
        ("a path of numbers without end", "<path d='M0 0" + " L1e308 -1e308" * 50_000 + "' fill='#999'/>"),
        ("a wide stroke", "<circle r='9' stroke-width='1e308' stroke='#000'/>"),
        ("a filter", "<filter id='f'><feGaussianBlur stdDeviation='1e6'/></filter><circle r='9' filter='url(#f)'/>"),
    ):  # fmt: skip
        yield name, "drawing.svg", _svg(inside)
    entities = "".join(f"<!ENTITY a{i + 1} '{f'&a{i};' * 10}'>" for i in range(9))
    bomb = f"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a0 'ha'>{entities}]><svg xmlns='http://www.w3.org/2000/svg'>&a9;</svg>"
    yield "a billion laughs", "drawing.svg", bomb.encode()
    outside = "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg xmlns='http://www.w3.org/2000/svg'><text>&x;</text></svg>"
    yield "an entity from a file", "drawing.svg", outside.encode()
    for name, size in (
        ("100,000 squared", "width='100000' height='100000'"),
        ("no width", "width='0' height='9'"),
        ("a negative width", "width='-9' height='9'"),
        ("endless width", "width='1e999' height='9'"),
    ):
        yield name, "drawing.svg", f"<svg xmlns='http://www.w3.org/2000/svg' {size}><circle r='9'/></svg>".encode()
    yield "cut", "drawing.svg", _svg("<circle r='9'/>")[:60]
    yield "DXF, cut", "drawing.dxf", b"0\nSECTION\n2\nENTITIES\n0\nCIRCLE\n10\n"
    yield (
        "DXF, a circle of endless radius",
        "drawing.dxf",
        b"0\nSECTION\n2\nENTITIES\n0\nCIRCLE\n8\n0\n10\n0\n20\n0\n40\n1e308\n0\nENDSEC\n0\nEOF\n",
    )


def _svg(inside: str) -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>{inside}</svg>".encode()


def _at(data: bytes, *changes: tuple) -> bytes:
    """Bytes with some replaced: place, form, values."""
    changed = bytearray(data)
    for place, form, *values in changes:
        struct.pack_into(form, changed, place, *values)
    return bytes(changed)


def _riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _interlaced(side: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 1))
    return PNG_HEAD + header + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


def _tiff(values: dict[int, int]) -> bytes:
    """An RGB TIFF file with other values of some tags."""
    data = bytearray(good_files()["tiff"][1])
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", data, entry)
        if tag in values:
            struct.pack_into("<HII", data, entry + 2, 4, 1, values[tag])
    return bytes(data)


def _circle() -> bytes:
    data = bytearray(good_files()["tiff"][1])
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    return bytes(data)


def _zip(path: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(path), b"out")
    return buffer.getvalue()

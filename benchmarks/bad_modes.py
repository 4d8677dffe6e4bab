"""Rare but lawful pictures: modes, depths, sizes, EXIF blocks and colour profiles; and broken ones of these."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from bad_pictures import SUFFIX, drawn, good_files, png, saved
from PIL import Image, ImageCms

Content = tuple[str, str, bytes]
"""Name, file name and bytes."""


def modes() -> Iterator[Content]:
    """Every kind of pixel."""
    rgb = Image.fromarray(drawn())
    gray = rgb.convert("L")
    deep = np.asarray(gray).astype(np.uint16) * 257
    clear = rgb.copy()
    clear.putalpha(Image.linear_gradient("L").resize(rgb.size))
    invisible = rgb.copy()
    invisible.putalpha(0)
    for name, image, form, options in (
        ("CMYK", rgb.convert("CMYK"), "JPEG", {}),
        ("CMYK", rgb.convert("CMYK"), "TIFF", {}),
        ("16 bit", Image.fromarray(deep), "PNG", {}),
        ("16 bit", Image.fromarray(deep), "TIFF", {}),
        ("32 bit", Image.fromarray(deep.astype(np.int32) * 30_000), "TIFF", {}),
        ("1 bit", gray.convert("1"), "PNG", {}),
        ("1 bit", gray.convert("1"), "TIFF", {"compression": "group4"}),
        ("1 bit", gray.convert("1"), "BMP", {}),
        ("palette", rgb.quantize(16), "PNG", {}),
        ("palette with alpha", rgb.quantize(16), "PNG", {"transparency": bytes(range(0, 256, 16))}),
        ("palette, one clear", rgb.quantize(16), "GIF", {"transparency": 3}),
        ("palette of one colour", Image.new("P", (64, 48)), "PNG", {}),
        ("gray with alpha", clear.convert("LA"), "PNG", {}),
        ("alpha", clear, "PNG", {}),
        ("alpha", clear, "WEBP", {}),
        ("alpha", clear, "TIFF", {}),
        ("alpha", clear, "BMP", {}),
        ("all of it clear", invisible, "PNG", {}),
        ("YCbCr", rgb.convert("YCbCr"), "TIFF", {}),
        ("Lab", rgb.convert("YCbCr"), "TIFF", {"compression": "jpeg"}),
        ("JPEG inside", rgb, "TIFF", {"compression": "jpeg"}),
        ("gray", gray, "JPEG", {}),
        ("all black", Image.new("RGB", (64, 48)), "PNG", {}),
        ("all white", Image.new("RGB", (64, 48), "white"), "PNG", {}),
    ):
        yield f"{name} {form}", f"photo{SUFFIX[form]}", saved(image, form, **options)
    strange = np.asarray(gray).astype(np.float32)
    for name, value in (("NaN", np.nan), ("infinity", np.inf), ("1e38", 1e38), ("-1e38", -1e38)):
        odd = strange.copy()
        odd[::7] = value
        yield f"float TIFF with {name}", "photo.tif", saved(Image.fromarray(odd), "TIFF")
    yield "float TIFF, all NaN", "photo.tif", saved(Image.fromarray(strange * np.nan), "TIFF")
    yield "16 bit PNG in colour", "photo.png", png(8, 8, 16, 2, pixels=bytes(8 * 49))
    yield "palette index out of range", "photo.png", png(8, 8, 8, 3, _palette(2), bytes([0, *[200] * 8]) * 8)
    for filter_ in (1, 2, 3, 4, 5, 255):
        yield f"PNG rows of filter {filter_}", "photo.png", png(8, 8, pixels=bytes([filter_, *range(24)]) * 8)


def sizes() -> Iterator[Content]:
    """The smallest, and the most uneven."""
    for form, suffix in SUFFIX.items():
        yield f"1 x 1 {form}", f"dot{suffix}", saved(Image.new("L", (1, 1), 99), form)
    for form in ("PNG", "JPEG", "TIFF", "BMP", "GIF"):
        yield f"1 x 20,000 {form}", f"tall{SUFFIX[form]}", saved(Image.new("L", (1, 20_000), 99), form)
    for width, height in ((20_000, 1), (2, 20_000), (20_000, 16), (1, 2), (2, 1), (3, 3), (7, 5), (1, 65_535)):
        shades = np.arange(height * width, dtype=np.uint32).reshape(height, width).astype(np.uint8)
        yield f"{width:,} x {height:,} PNG", f"uneven{SUFFIX['PNG']}", saved(shades, "PNG")
    yield "0 x 0 PNG", "none.png", png(0, 0)
    yield "0 x 9 PNG", "none.png", png(0, 9)
    yield "9 x 0 PNG", "none.png", png(9, 0)


def exif_blocks() -> Iterator[Content]:
    """Broken EXIF and XMP; the picture is good."""
    one = struct.pack(">2sHIH", b"MM", 42, 8, 1)
    blocks: dict[str, bytes] = {
        "noise": b"\xff" * 100,
        "nothing": b"",
        "another byte order": b"XX*\0\x08\0\0\0",
        "a list beyond its end": b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40,
        "a list far away": b"MM\0*\xff\xff\xff\xff",
        "a list that is its own next": one + struct.pack(">HHII", 0x0112, 3, 1, 1 << 16) + struct.pack(">I", 8),
        "a list inside itself": one + struct.pack(">HHII", 0x8769, 4, 1, 8) + bytes(4),
        "orientation 0": one + struct.pack(">HHIHH", 0x0112, 3, 1, 0, 0) + bytes(4),
        "orientation 9": one + struct.pack(">HHIHH", 0x0112, 3, 1, 9, 0) + bytes(4),
        "orientation 65,535": one + struct.pack(">HHIHH", 0x0112, 3, 1, 65_535, 0) + bytes(4),
        "orientation as text": one + struct.pack(">HHI4s", 0x0112, 2, 4, b"six\0") + bytes(4),
        "orientation many times": one + struct.pack(">HHII", 0x0112, 3, 2**32 - 1, 8) + bytes(4),
        "a kind that is none": one + struct.pack(">HHII", 0x0112, 99, 1, 6) + bytes(4),
        "a ratio over 0": one + struct.pack(">HHII", 0x011A, 5, 1, 26) + bytes(4) + struct.pack(">II", 1, 0),
        "4 GB of maker's note": one + struct.pack(">HHII", 0x927C, 7, 2**32 - 1, 8) + bytes(4),
    }
    rgb = drawn()
    for name, block in blocks.items():
        yield f"{name}, JPEG", "photo.jpg", saved(rgb, "JPEG", exif=b"Exif\0\0" + block)
    for name in ("noise", "a list that is its own next", "a list inside itself", "orientation as text"):
        yield f"{name}, PNG", "photo.png", saved(rgb, "PNG", exif=b"Exif\0\0" + blocks[name])
        yield f"{name}, WebP", "photo.webp", saved(rgb, "WEBP", exif=b"Exif\0\0" + blocks[name])
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><!DOCTYPE a [<!ENTITY b 'b'>]>" + b"<rdf" * 5_000
    yield "broken XMP, JPEG", "photo.jpg", saved(rgb, "JPEG", xmp=xmp)
    laughs = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><x tiff:Orientation='&b;'/>"
    yield "XMP with entities, PNG", "photo.png", saved(rgb, "PNG", pnginfo=_text("XML:com.adobe.xmp", laughs.decode()))


def profiles() -> Iterator[Content]:
    """ICC profiles of the wrong space, and broken ones; the picture is good."""
    rgb = Image.fromarray(drawn())
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    spaces = {
        name: srgb[:16] + name.encode() + srgb[20:]
        for name in ("CMYK", "GRAY", "Lab ", "HSV ", "2CLR", "FCLR", "\0\0\0\0")
    }
    broken: dict[str, bytes] = {
        "noise": b"garbage" * 50,
        "cut": srgb[: len(srgb) // 2],
        "head alone": srgb[:128],
        "4 GB by its own word": b"\xff\xff\xff\xff" + srgb[4:],
        "2**32 - 1 tags": srgb[:128] + b"\xff\xff\xff\xff" + srgb[132:],
        "tags beyond its end": srgb[:132] + b"".join(t[:4] + b"\xff\xff\xff\x00" + t[8:] for t in (srgb[132:144],)) + srgb[144:],
        "a name with line ends": srgb.replace(b"s\0R\0G\0B", b"\n\0\r\0\x1b\0["),
    }  # fmt: skip
    wrong: dict[str, bytes] = {"Lab": lab, "XYZ": xyz} | {
        f"RGB said to be {k.strip(chr(0))!r}": v for k, v in spaces.items()
    }
    for name, profile in (wrong | broken).items():
        yield f"{name}, PNG", "photo.png", saved(rgb, "PNG", icc_profile=profile)
    options: tuple[tuple[str, Image.Image, str, dict[str, Any]], ...] = (
        ("RGB on gray", rgb.convert("L"), "PNG", {"icc_profile": srgb}),
        ("RGB on CMYK", rgb.convert("CMYK"), "JPEG", {"icc_profile": srgb}),
        ("RGB on CMYK", rgb.convert("CMYK"), "TIFF", {"icc_profile": srgb}),
        ("CMYK on RGB", rgb, "JPEG", {"icc_profile": spaces["CMYK"]}),
        ("gray on RGB", rgb, "WEBP", {"icc_profile": spaces["GRAY"]}),
        ("Lab on gray", rgb.convert("L"), "TIFF", {"icc_profile": lab}),
        ("RGB on a palette", rgb.quantize(8), "PNG", {"icc_profile": srgb}),
        ("noise on 1 bit", rgb.convert("1"), "PNG", {"icc_profile": broken["noise"]}),
    )
    for name, image, form, more in options:
        yield f"{name}, {form}", f"photo{SUFFIX[form]}", saved(image, form, **more)


def cuts() -> Iterator[Content]:
    """Each format, cut at every tenth."""
    for name, (form, data) in good_files().items():
        for tenth in range(10):
            yield f"{name}, {tenth} tenths", f"cut{SUFFIX[form]}", data[: len(data) * tenth // 10]
        yield f"{name}, all but a byte", f"cut{SUFFIX[form]}", data[:-1]
        yield f"{name}, whole", f"whole{SUFFIX[form]}", data


def _palette(colours: int) -> bytes:
    from bad_pictures import chunk

    return chunk(b"PLTE", bytes(range(3 * colours)))


def _text(key: str, value: str) -> Any:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt(key, value)
    return info

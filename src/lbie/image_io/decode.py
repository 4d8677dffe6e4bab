"""Image file to pixels, with the limits checked before anything is decoded."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps

from lbie.errors import ImageSizeError, InputError, ResourceError
from lbie.regular_file import read_file

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
"""Formats that are decoded; nothing else is even tried."""
MAX_PIXELS = 52_000_000
"""Default limit on an image's declared pixels: cameras of "50 megapixels" make up to 8,256 x 6,192."""
MAX_BYTES = 256 * 2**20
"""Limit on the size of an image file."""

_DESCRIPTIVE = {
    *(ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.Software),
    *(ExifTags.Base.DateTime, ExifTags.Base.Artist, ExifTags.Base.HostComputer, ExifTags.Base.Copyright),
    *(ExifTags.Base.XResolution, ExifTags.Base.YResolution, ExifTags.Base.ResolutionUnit),
    *(ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo),
}
"""EXIF tags that describe a photo, not the layout of its file."""
_BAND = 16  # rows
_LIMITS = threading.Lock()  # Pillow's pixel limit is a global
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else its errors go to standard error, beside ours
_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class SourceImage:
    """A decoded photo."""

    rgb: np.ndarray
    """(H, W, 3) uint8, sRGB, upright."""
    alpha: np.ndarray | None = None
    """(H, W) uint8, or None."""
    format: str | None = None
    """One of `FORMATS`; None where the pixels came from memory."""
    exif: bytes | None = None
    """EXIF block with the orientation taken out."""
    profile: bytes | None = None
    """ICC profile of the file where it is an RGB profile that is not sRGB by name; pixels have been converted."""
    xmp: bytes | None = None
    """XMP packet of the file, as it was found."""
    notices: tuple[str, ...] = ()
    """What a person should know of the decoding."""

    @cached_property
    def gray(self) -> bool:
        """Whether the three channels are equal."""
        bands = (self.rgb[top : top + _BAND] for top in range(0, len(self.rgb), _BAND))
        return all(np.array_equal(band, _gray_to_rgb(band[..., 0])) for band in bands)


STANDARD_INPUT = "standard input"
"""What messages call it."""


def read_image(path: str | Path, max_pixels: int = MAX_PIXELS) -> SourceImage:
    """Decode an image file; `-` reads standard input.

    Args:
        path: the file, or `-`.
        max_pixels: limit on width times height as the file declares them.

    Raises:
        InputError: missing, not a regular file, empty, over a limit, of another format, or damaged; where it is the
            limit on pixels, an `ImageSizeError`.
        ResourceError: out of memory.
    """
    if str(path) == "-":
        return decode_image(read_standard_input(), STANDARD_INPUT, max_pixels)
    name = f"'{path}'"
    if os.path.isdir(path):
        raise InputError(f"{name} is a directory: give an image file")
    data = read_file(path, name, MAX_BYTES, "an image file, or '-' for standard input")
    return decode_image(data, name, max_pixels)


def read_standard_input() -> bytes:
    """All of it, or one byte more than is decoded of any file."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def decode_image(data: bytes, name: str = "the image", max_pixels: int = MAX_PIXELS) -> SourceImage:
    """Decode the bytes of an image file; `name` is what error messages call it. Raises as `read_image`."""
    if not data:
        raise InputError(f"{name} is empty (0 bytes)")
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} has more than the limit of {MAX_BYTES:,} bytes")
    with _LIMITS, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", module="PIL")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, max_pixels
        try:
            return _decode(data, name, max_pixels)
        except InputError:
            raise
        except Image.UnidentifiedImageError as error:
            raise InputError(f"{name} is not an image that lbie reads ({', '.join(FORMATS)}){_hint(data)}") from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_large(name, max_pixels) from error
        except MemoryError as error:
            raise ResourceError(f"not enough memory to decode {name}: use a smaller image") from error
        except Exception as error:  # decoders of damaged files raise nearly anything
            detail = " ".join(str(error).split())[:120]
            raise InputError(f"{name} is damaged or truncated ({detail or type(error).__name__})") from error
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def source_from_array(array: np.ndarray) -> SourceImage:
    """A photo from pixels in memory: (H, W), (H, W, 3) or (H, W, 4) uint8, sRGB.

    Raises:
        InputError: another shape or type.
    """
    if (
        array.dtype != np.uint8
        or array.size == 0
        or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4)))
    ):
        raise InputError(f"expected uint8 of shape (H, W), (H, W, 3) or (H, W, 4), got {array.dtype} {array.shape}")
    if array.ndim == 2:
        return SourceImage(np.repeat(array[..., None], 3, axis=2))
    alpha = np.ascontiguousarray(array[..., 3]) if array.shape[2] == 4 else None
    return SourceImage(np.ascontiguousarray(array[..., :3]), alpha)


def source_from_pil(image: Image.Image) -> SourceImage:
    """A photo from a Pillow image of any mode: turned upright as its EXIF says, its pixels taken as sRGB.

    Raises:
        InputError: no pixels, or a mode that does not convert to RGB.
    """
    try:
        colour, alpha = _split_alpha(ImageOps.exif_transpose(image))
        source = source_from_array(np.array(colour.convert("RGB")))
    except (ValueError, OSError) as error:
        raise InputError(f"cannot take the Pillow image of mode '{image.mode}': {error}") from error
    return SourceImage(source.rgb, alpha)


def _hint(data: bytes) -> str:
    """What an unreadable file seems to be."""
    for head, kind in ((b"%PDF", "a PDF"), (b"%!PS", "PostScript"), (b"<svg", "an SVG drawing"), (b"<?xml", "XML")):
        if data.lstrip()[: len(head)] == head:
            return f": it looks like {kind}"
    start = data[:512]
    if all(32 <= b < 127 or b in b"\r\n\t" for b in start):
        return ": it looks like a text file"
    return ""


def _too_large(name: str, max_pixels: int, size: tuple[int, int] | None = None) -> ImageSizeError:
    declared = f"declares {size[0]:,} x {size[1]:,} pixels, more than" if size else "declares more pixels than"
    limit = f"the limit of {max_pixels / 1e6:g} megapixels"
    return ImageSizeError(f"{name} {declared} {limit}", "raise it with --max-megapixels")


def _decode(data: bytes, name: str, max_pixels: int) -> SourceImage:
    notices: list[str] = []
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > max_pixels:
            raise _too_large(name, max_pixels, image.size)
        form = "JPEG" if image.format == "MPO" else image.format  # MPO: a JPEG with more pictures behind it
        if getattr(image, "is_animated", False):
            notices.append(f"{name} has several frames or pages: only the first is used")
        with _quiet(image):
            image.load()
        profile, xmp = image.info.get("icc_profile"), image.info.get("xmp")
        with suppress(Exception):  # a broken EXIF block is no reason to refuse the picture
            ImageOps.exif_transpose(image, in_place=True)
        exif = _upright_exif(image, name, notices)
    upright: Image.Image = image
    sixteen = upright.mode in ("I", "F") or upright.mode.startswith("I;16") or _is_sixteen_bit_png(data)
    if sixteen:
        notices.append(f"{name} has more than 8 bits a channel: it is read and written with 8")
    upright, alpha = _split_alpha(upright)
    upright, kept = _to_srgb(upright, profile, name, notices)
    xmp = xmp if isinstance(xmp, bytes) else None
    return SourceImage(_pixels(upright), alpha, form, exif, kept, xmp, tuple(notices))


def _pixels(image: Image.Image) -> np.ndarray:
    """Those of a picture in L or RGB, (H, W, 3) uint8: in bands, for Pillow writes out what it hands over whole."""
    if image.mode == "L":
        return _gray_to_rgb(np.asarray(image))
    out = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _BAND):
        out[top : top + _BAND] = np.asarray(image.crop((0, top, image.width, min(image.height, top + _BAND))))
    return out


def _gray_to_rgb(gray: np.ndarray) -> np.ndarray:
    """(h, w) uint8 to (h, w, 3)."""
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)


@contextmanager
def _quiet(image: Image.Image) -> Iterator[None]:
    """Keep what libtiff has to say of a file from standard error, where it writes by itself."""
    try:
        kept = os.dup(2) if image.format == "TIFF" else None
    except OSError:  # there is none
        kept = None
    if kept is None:
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _is_sixteen_bit_png(data: bytes) -> bool:
    return data[:8] == b"\x89PNG\r\n\x1a\n" and data[24:25] == b"\x10"


def _upright_exif(image: Image.Image, name: str, notices: list[str]) -> bytes | None:
    try:
        exif = image.getexif()
        exif.pop(ExifTags.Base.Orientation, None)
        if image.format == "TIFF":  # its tags also say how the file is laid out, which is not true of another file
            for tag in set(exif) - _DESCRIPTIVE:
                del exif[tag]
        return exif.tobytes() if len(exif) else None
    except Exception:  # as above
        notices.append(f"{name} has a broken EXIF block: it is left out")
        return None


def _split_alpha(image: Image.Image) -> tuple[Image.Image, np.ndarray | None]:
    """Colour part in a mode that ICC conversion takes, and alpha."""
    if (image.mode == "P" and "transparency" in image.info) or image.mode in ("PA", "RGBa", "La"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in ("RGBA", "LA"):
        bands = image.split()
        colour = Image.merge("RGB", bands[:3]) if image.mode == "RGBA" else bands[0]
        return colour, np.array(bands[-1])
    if image.mode in ("1", "L", "RGB") and "transparency" in image.info:
        return image.convert("RGB"), np.array(image.convert("RGBA").split()[-1])
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        top = next((t for t in (1.0, 255.0, 65535.0) if values.max(initial=0) <= t), float(values.max(initial=1)))
        top = 65535.0 if image.mode.startswith("I;16") or (image.mode == "I" and top < 65535) else top
        return Image.fromarray(np.rint(values.clip(0, top) / top * 255).astype(np.uint8)), None
    return (image if image.mode in ("L", "CMYK", "LAB") else _rgb(image)), None


def _to_srgb(
    image: Image.Image, profile: bytes | None, name: str, notices: list[str]
) -> tuple[Image.Image, bytes | None]:
    """Pixels in sRGB, L or RGB, and the file's profile where the output can be brought back to it (an RGB profile)."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if space == "GRAY":
                if image.mode == "RGB":
                    image = image.convert("L")
                return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image, None
            if space == "RGB" and image.mode == "L":
                image = image.convert("RGB")
            if "sRGB" in (ImageCms.getProfileDescription(source) or ""):
                return _rgb(image), profile
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
            return converted, profile if space == "RGB" else None
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            notices.append(f"{name} has an unusable colour profile: its pixels are taken as sRGB")
    return image if image.mode == "L" else _rgb(image), None


def _rgb(image: Image.Image) -> Image.Image:
    """The image in RGB, which may be itself: to copy a large one takes memory."""
    return image if image.mode == "RGB" else image.convert("RGB")

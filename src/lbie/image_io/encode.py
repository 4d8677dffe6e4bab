"""Pixels to image file: format by suffix, the edit on record, written aside and then renamed."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from lbie.errors import InputError, ResourceError, is_full_disk
from lbie.image_io.decode import _SRGB, SourceImage
from lbie.image_io.xmp import Packet

SUFFIXES = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
}
"""Suffix of an output file to its format."""
READ_SUFFIXES = (*SUFFIXES, ".gif")
"""Suffixes of pictures that are read."""
_KEY = "lbie"
_JPEG_XMP = 65_502
"""The most bytes of XMP in a JPEG."""
_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95, "method": 4},
    "TIFF": {"compression": "tiff_adobe_deflate"},
    "PNG": {"compress_level": 4},
    "BMP": {},
}


def check_output(
    path: str | Path,
    source: str | Path | None = None,
    overwrite: bool = False,
    suffixes: Collection[str] = tuple(SUFFIXES),
) -> None:
    """Refuse an output that cannot work, before any work is done; `-` (standard output) always can.

    Args:
        path: the output.
        source: what it must not be.
        overwrite: it may be the source.
        suffixes: that it may have.

    Raises:
        InputError: unknown suffix, a directory, a missing or unwritable folder, or the source itself.
    """
    if str(path) == "-":
        return
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"the output '{path}' is a directory: give a file name")
        if path.suffix.lower() not in suffixes:
            raise InputError(f"unknown suffix '{path.suffix}' of the output '{path}': use {', '.join(suffixes)}")
        if path.exists() and not path.is_file():
            raise InputError(f"the output '{path}' is not a regular file")
        if not path.parent.is_dir():
            raise InputError(f"the folder of the output, '{path.parent}', does not exist")
        if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
            raise InputError(f"cannot write the output '{path}': permission denied")
        if not overwrite and _same_file(path, source):
            raise InputError(f"the output '{path}' is the source image itself: choose another, or give --overwrite")
    except (OSError, ValueError) as error:
        raise InputError(f"cannot write the output '{path}': {getattr(error, 'strerror', None) or error}") from error


def _same_file(path: Path, source: str | Path | None) -> bool:
    """Whether both exist and are one file; that a source is missing is for its reader to say."""
    return (
        source is not None and str(source) != "-" and path.exists() and os.path.exists(source) and path.samefile(source)
    )


def encode_image(
    rgb: np.ndarray,
    suffix: str,
    *,
    source: SourceImage | None = None,
    record: Mapping[str, Any] | None = None,
    metadata: Literal["keep", "strip"] = "keep",
) -> tuple[bytes, list[str]]:
    """Encode a picture.

    Args:
        rgb: (H, W, 3) uint8, sRGB, upright; or (H, W) uint8.
        suffix: one of `SUFFIXES`.
        source: where alpha, EXIF and ICC profile come from.
        record: the edit (sentence, model, version, seed), stored where `read_edit_record` finds it.
        metadata: keep or strip the source's EXIF, XMP and profile. Pixels are brought back to a kept profile. The
            record, and the XMP fields that say of what kind the edit is, are stored in either case.

    Returns:
        The file's bytes, and notices on what the format cannot hold.
    """
    form, notices = SUFFIXES[suffix.lower()], []
    plain = source is None or (source.alpha is None and (not source.profile or metadata == "strip"))
    image = _lent(rgb) if form == "JPEG" and plain and rgb.ndim == 3 else Image.fromarray(rgb)
    options = dict(_OPTIONS[form])
    if source is not None and source.profile and metadata == "keep":
        try:
            image = _to_profile(image, source.profile)
            options["icc_profile"] = source.profile
        except ImageCms.PyCMSError:  # a scanner's or camera's profile often leads only one way
            notices.append("the colour profile of the source cannot be written to: the output is in sRGB")
    if source is not None and source.alpha is not None:
        if form in ("JPEG", "BMP"):
            white = Image.new(image.mode, image.size, "white")
            image = Image.composite(image, white, Image.fromarray(source.alpha))
            notices.append(f"{form} holds no transparency: the picture was laid on white")
        else:
            image.putalpha(Image.fromarray(source.alpha))
    exif = Image.Exif()
    if source is not None and source.exif and metadata == "keep":
        exif.load(source.exif)
    text: dict[str, str] = {}
    if record:
        _write_record(form, record, exif, text, notices)
    packet = _packet(form, record, source, metadata, notices)
    if packet and form in ("JPEG", "WEBP"):
        options["xmp"] = packet
    if form == "PNG" and (text or packet):
        options["pnginfo"] = _png_text(text, packet)
    if len(exif) and form in ("JPEG", "WEBP", "PNG"):
        options["exif"] = exif.tobytes()
    if form == "TIFF" and len(exif):
        kept = {ExifTags.Base.ImageDescription, ExifTags.Base.Software, ExifTags.Base.Make, ExifTags.Base.Model}
        kept |= {ExifTags.Base.DateTime, ExifTags.Base.Artist, ExifTags.Base.Copyright}
        options["tiffinfo"] = {int(tag): exif[tag] for tag in kept if tag in exif}
    if form == "TIFF" and packet:
        options.setdefault("tiffinfo", {})[int(ExifTags.Base.XMLPacket)] = packet
    buffer = io.BytesIO()
    try:
        image.save(buffer, form, **options)
    except (OSError, ValueError) as error:
        raise InputError(f"the picture ({image.width} x {image.height}) cannot be stored as {form}: {error}") from error
    return buffer.getvalue(), notices


def _lent(rgb: np.ndarray) -> Image.Image:
    """A picture (H, W, 3) uint8 as Pillow has it in memory, four bytes a pixel, so that it takes no copy: mode RGBX."""
    return Image.frombuffer("RGBX", rgb.shape[1::-1], cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), "raw", "RGBX", 0, 1)


def _to_profile(image: Image.Image, profile: bytes) -> Image.Image:
    target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if "sRGB" in (ImageCms.getProfileDescription(target) or ""):
        return image
    return ImageCms.profileToProfile(image.convert("RGB"), _SRGB, target, outputMode="RGB") or image


def _write_record(
    form: str, record: Mapping[str, Any], exif: Image.Exif, text: dict[str, str], notices: list[str]
) -> None:
    """Into EXIF, or into the texts of a PNG."""
    said = json.dumps(dict(record))  # ASCII: every format can hold it
    if form == "BMP":
        notices.append("BMP holds no metadata: the sentence is not stored")
        return
    exif[ExifTags.Base.Software] = f"lbie {record.get('version', '')}".strip()
    if form == "PNG":
        text |= {"Description": str(record.get("sentence", "")), _KEY: said}
    else:
        exif[ExifTags.Base.ImageDescription] = f"{_KEY} {said}"


def _png_text(text: Mapping[str, str], packet: bytes | None) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, value in text.items():
        info.add_itxt(key, value.encode("utf-8", "replace"))
    if packet:
        info.add_itxt("XML:com.adobe.xmp", packet)
    return info


def _packet(
    form: str,
    record: Mapping[str, Any] | None,
    source: SourceImage | None,
    metadata: Literal["keep", "strip"],
    notices: list[str],
) -> bytes | None:
    """The XMP packet to write: the source's where it is kept, and what says that it was edited."""
    if form == "BMP":
        return None
    own = source.xmp if source is not None and metadata == "keep" else None
    packet = Packet()
    if own:
        try:
            packet = Packet(own)
        except ValueError as error:
            notices.append(f"the XMP of the source cannot be read ({error}): it is left out")
            own = None
    if record:
        packet.add_edit(record, of_image=source is not None)
    elif not own:
        return None
    data = packet.encode()
    if form == "JPEG" and len(data) > _JPEG_XMP:
        notices.append("the XMP is too long for a JPEG: that of the source is left out")
        return _packet(form, record, source, "strip", notices) if own else None
    return data


def read_edit_record(path: str | Path) -> dict[str, Any] | None:
    """The edit that `encode_image` stored in a file, or None where there is none."""
    with Image.open(path, formats=tuple(set(SUFFIXES.values()))) as image:
        text = image.info.get(_KEY) if image.format == "PNG" else image.getexif().get(ExifTags.Base.ImageDescription)
        if image.format != "PNG":
            head, text = f"{_KEY} ", str(text or "")
            text = text.removeprefix(head) if text.startswith(head) else None
    try:
        record = json.loads(text or "")
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all; `-` writes standard output. Raises as `whole_file`."""
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write into, which takes its place when all is written; after an error nothing has changed.

    Until then it lies beside it as `.lbie-*.part`, which is what a kill leaves behind.

    Raises:
        ResourceError: the disk is full.
        InputError: it cannot be written.
    """
    target = Path(os.path.realpath(path))
    aside = None
    try:
        handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".lbie-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(aside, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask)
        os.replace(aside, target)
    except OSError as error:
        kind = ResourceError if is_full_disk(error) else InputError
        raise kind(f"cannot write '{path}': {error.strerror}") from error
    finally:
        if aside is not None:
            Path(aside).unlink(missing_ok=True)

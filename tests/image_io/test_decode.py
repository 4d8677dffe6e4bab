from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from icc import gray_profile, input_only_profile, rgb_profile
from PIL import ExifTags, Image, ImageCms

from lbie.errors import InputError
from lbie.image_io import FORMATS, decode, decode_image, encode_image, read_image, source_from_array, source_from_pil

SLOW = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
ORIENTATION = int(ExifTags.Base.Orientation)


def blocks(height: int = 16, width: int = 24) -> np.ndarray:
    """Four flat quarters, none like another; survives JPEG."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = (200, 40, 60)
    image[: height // 2, width // 2 :] = (30, 160, 90)
    image[height // 2 :, : width // 2] = (60, 80, 220)
    image[height // 2 :, width // 2 :] = (240, 230, 210)
    return image


def file_of(image: Image.Image | np.ndarray, form: str, **options) -> bytes:
    image = Image.fromarray(image) if isinstance(image, np.ndarray) else image
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int, more: bytes = b"") -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + more
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")


LEVELS = np.arange(0, 256, 17, dtype=np.uint8).reshape(4, 4)
SIXTEEN = LEVELS.astype(np.uint16) * 257
SEE_THROUGH = np.array([[0, 255], [128, 3]], np.uint8).repeat(2, 0).repeat(2, 1)
GRAY = np.repeat(LEVELS[..., None], 3, 2)
COLOUR = blocks(4, 4)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"quality": 98, "subsampling": 0}),
        ("JPEG", {"quality": 98, "progressive": True, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
    ],
)
def test_every_format(form, options):
    source = decode_image(file_of(blocks(), form, **options))
    assert (source.format, source.alpha, source.notices) == (form, None, ())
    assert source.rgb.dtype == np.uint8
    np.testing.assert_allclose(source.rgb.astype(int), blocks(), atol=6 if form == "JPEG" else 0)


def with_alpha(mode: str) -> Image.Image:
    image = Image.fromarray(GRAY if mode == "LA" else COLOUR).convert("RGB")
    image.putalpha(Image.fromarray(SEE_THROUGH))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("data", "rgb", "alpha"),
    [
        pytest.param(file_of(LEVELS, "PNG"), GRAY, None, id="gray PNG"),
        pytest.param(file_of(LEVELS, "TIFF"), GRAY, None, id="gray TIFF"),
        pytest.param(file_of(SIXTEEN, "PNG"), GRAY, None, id="16-bit PNG"),
        pytest.param(file_of(SIXTEEN, "TIFF"), GRAY, None, id="16-bit TIFF"),
        pytest.param(file_of(Image.fromarray(SIXTEEN.astype(np.int32)), "TIFF"), GRAY, None, id="32-bit TIFF"),
        pytest.param(file_of(LEVELS.astype(np.float32) / 255, "TIFF"), GRAY, None, id="float TIFF"),
        pytest.param(file_of(Image.fromarray(LEVELS > 99), "PNG"), np.where(GRAY > 99, 255, 0), None, id="1-bit PNG"),
        pytest.param(file_of(Image.fromarray(LEVELS > 99), "TIFF"), np.where(GRAY > 99, 255, 0), None, id="1-bit TIFF"),
        pytest.param(file_of(with_alpha("LA"), "PNG"), GRAY, SEE_THROUGH, id="LA PNG"),
        pytest.param(file_of(with_alpha("RGBA"), "PNG"), COLOUR, SEE_THROUGH, id="RGBA PNG"),
        pytest.param(file_of(with_alpha("RGBA"), "TIFF"), COLOUR, SEE_THROUGH, id="RGBA TIFF"),
        pytest.param(
            file_of(with_alpha("RGBA"), "WEBP", lossless=True, exact=True), COLOUR, SEE_THROUGH, id="RGBA WebP"
        ),
        pytest.param(file_of(Image.fromarray(COLOUR).quantize(8), "PNG"), COLOUR, None, id="palette PNG"),
        pytest.param(
            file_of(LEVELS, "PNG", transparency=51), GRAY, np.where(LEVELS == 51, 0, 255), id="gray PNG, one clear"
        ),
        pytest.param(
            file_of(Image.fromarray(LEVELS > 99), "PNG", transparency=0),
            np.where(GRAY > 99, 255, 0),
            np.where(LEVELS > 99, 255, 0),
            id="1-bit PNG, one clear",
        ),
        pytest.param(
            file_of(Image.fromarray(COLOUR).convert("CMYK"), "TIFF"), COLOUR, None, id="CMYK TIFF without a profile"
        ),
    ],
)
def test_every_mode(data, rgb, alpha):
    source = decode_image(data)
    np.testing.assert_array_equal(source.rgb, rgb)
    if alpha is None:
        assert source.alpha is None
    else:
        np.testing.assert_array_equal(source.alpha, alpha)


def test_palette_with_transparency():
    image = Image.fromarray(COLOUR).quantize(8)
    clear = image.getpixel((0, 0))
    source = decode_image(file_of(image, "PNG", transparency=clear))
    np.testing.assert_array_equal(source.rgb, COLOUR)
    np.testing.assert_array_equal(source.alpha == 0, np.array(image) == clear)


def test_cmyk_jpeg_looks_like_its_colours():
    data = file_of(Image.fromarray(blocks()).convert("CMYK"), "JPEG", quality=98)
    np.testing.assert_allclose(decode_image(data).rgb.astype(int), blocks(), atol=8)


@pytest.mark.parametrize(("data", "deep"), [(SIXTEEN, True), (LEVELS, False)])
def test_more_than_eight_bits_are_told(data, deep):
    assert any("8" in n for n in decode_image(file_of(data, "PNG")).notices) is deep


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_several_frames_the_first_is_used(form):
    options = {"lossless": True} if form == "WEBP" else {}
    second = Image.fromarray(255 - blocks())
    source = decode_image(file_of(blocks(), form, save_all=True, append_images=[second], **options), "'a.x'")
    np.testing.assert_array_equal(source.rgb, blocks())
    assert [n for n in source.notices if "first" in n and "'a.x'" in n]


def test_phone_jpeg_with_a_second_picture_is_a_jpeg():
    data = file_of(blocks(), "MPO", save_all=True, append_images=[Image.fromarray(blocks())])
    assert decode_image(data).format == "JPEG"


STORED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", STORED)
def test_orientation(form, orientation):
    stored = np.ascontiguousarray(STORED[orientation](blocks(16, 32)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[ExifTags.Base.Artist] = "Ada"
    options = {"quality": 98, "subsampling": 0} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
    source = decode_image(file_of(stored, form, exif=exif, **options))
    np.testing.assert_allclose(source.rgb.astype(int), blocks(16, 32), atol=6 if form == "JPEG" else 0)
    kept = Image.Exif()
    kept.load(source.exif)
    assert ORIENTATION not in kept
    assert kept[ExifTags.Base.Artist] == "Ada"
    with Image.open(io.BytesIO(encode_image(source.rgb, ".jpg", source=source)[0])) as again:
        assert again.size == (32, 16)
        assert again.getexif().get(ORIENTATION, 1) == 1


def test_layout_tags_of_a_tiff_stay_behind():
    made, exif = Image.Exif(), Image.Exif()
    made[ExifTags.Base.Artist] = "Ada"
    made.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    exif.load(made.tobytes())
    profile = rgb_profile() + bytes(70_000)  # in a tag of its own, and more than a JPEG's EXIF block holds
    source = decode_image(file_of(blocks(), "TIFF", exif=exif, icc_profile=profile))
    kept = Image.Exif()
    kept.load(source.exif)
    assert set(kept) <= {ExifTags.Base.Artist, ExifTags.IFD.GPSInfo}
    assert kept[ExifTags.Base.Artist] == "Ada"
    assert kept.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
    assert decode_image(encode_image(source.rgb, ".jpg", source=source)[0]).format == "JPEG"


def test_alpha_turns_with_the_picture():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    upright = np.dstack([blocks(4, 6), np.arange(24, dtype=np.uint8).reshape(4, 6)])
    source = decode_image(file_of(np.ascontiguousarray(np.rot90(upright)), "PNG", exif=exif))
    np.testing.assert_array_equal(source.alpha, upright[..., 3])


def test_broken_exif_is_no_reason_to_refuse():
    source = decode_image(file_of(blocks(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40))
    assert source.rgb.shape == (16, 24, 3)


# Colour profiles


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_wide_profile_is_converted_and_comes_back(form):
    pixels = np.full((8, 8, 3), (200, 100, 100), np.uint8)
    options = {"lossless": True} if form == "WEBP" else {}
    source = decode_image(file_of(pixels, form, icc_profile=rgb_profile(), **options))
    red, green, blue = source.rgb[4, 4].astype(int)
    assert red >= 208 and green <= 99 and blue <= 101, "more saturated in sRGB numbers"
    assert source.profile == rgb_profile()
    data, notices = encode_image(source.rgb, ".png", source=source)
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.info["icc_profile"] == rgb_profile()
        np.testing.assert_allclose(np.array(kept).astype(int), pixels, atol=2)
    assert not notices
    with Image.open(io.BytesIO(encode_image(source.rgb, ".png", source=source, metadata="strip")[0])) as bare:
        assert "icc_profile" not in bare.info
        np.testing.assert_array_equal(np.array(bare), source.rgb)


def test_srgb_profile_leaves_pixels_alone_and_stays():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = decode_image(file_of(blocks(), "PNG", icc_profile=profile))
    np.testing.assert_array_equal(source.rgb, blocks())
    data, _ = encode_image(source.rgb, ".png", source=source)
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.info["icc_profile"] == profile
        np.testing.assert_array_equal(np.array(kept), blocks())


@pytest.mark.parametrize("profile", [gray_profile(), rgb_profile()], ids=["gray", "RGB"])
def test_gray_photo_with_a_profile_stays_gray(profile):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    source = decode_image(file_of(ramp, "PNG", icc_profile=profile))
    assert source.gray
    assert (np.diff(source.rgb[..., 0].astype(int).ravel()) >= 0).all()
    assert source.notices == ()


def test_gray_profile_is_applied():
    source = decode_image(file_of(np.full((4, 4), 128, np.uint8), "PNG", icc_profile=gray_profile(1.8)))
    linear = (128 / 255) ** 1.8
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert abs(int(source.rgb[0, 0, 0]) - expected) <= 2


@pytest.mark.parametrize("profile", [b"garbage" * 30, gray_profile()[:100], b"\0" * 128])
def test_unusable_profile_is_told(profile):
    source = decode_image(file_of(blocks(), "PNG", icc_profile=profile), "'a.png'")
    np.testing.assert_array_equal(source.rgb, blocks())
    assert source.profile is None
    assert [n for n in source.notices if "profile" in n and "'a.png'" in n]


def test_profile_that_leads_one_way_only_is_told_at_the_output():
    source = decode_image(file_of(blocks(), "PNG", icc_profile=input_only_profile()))
    assert not np.array_equal(source.rgb, blocks()), "the way in is taken"
    data, notices = encode_image(source.rgb, ".png", source=source)
    assert [n for n in notices if "profile" in n]
    np.testing.assert_array_equal(decode_image(data).rgb, source.rgb)


@pytest.mark.parametrize(("gray", "image"), [(True, GRAY), (True, LEVELS), (False, COLOUR)])
def test_gray_is_known(gray, image):
    assert decode_image(file_of(image, "PNG")).gray is gray


# Limits, and what is refused


@pytest.mark.parametrize("size", [(100_000, 100_000), (10_000, 5_201), (2**31 - 1, 2**31 - 1)])
def test_declared_pixels_are_limited(size):
    data = png_header(*size)
    assert len(data) < 100
    with pytest.raises(InputError, match=r"limit of 52 megapixels.*--max-megapixels"):
        decode_image(data)


def test_text_that_unpacks_to_megabytes_is_refused():
    """Pillow raises a ValueError here, which is no OSError."""
    data = png_header(4, 4, png_chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(5_000_000))))
    with pytest.raises(InputError, match="damaged"):
        decode_image(data)


def test_pixel_limit_is_exact_and_of_the_call():
    before, data = Image.MAX_IMAGE_PIXELS, file_of(blocks(10, 10), "PNG")
    assert decode_image(data, max_pixels=100).rgb.shape == (10, 10, 3)
    with pytest.raises(InputError, match="limit"):
        decode_image(data, max_pixels=99)
    assert before == Image.MAX_IMAGE_PIXELS


def test_bytes_are_limited(tmp_path, monkeypatch):
    data = file_of(blocks(), "BMP")
    path = tmp_path / "a.bmp"
    path.write_bytes(data)
    monkeypatch.setattr(decode, "MAX_BYTES", len(data))
    assert read_image(path).format == "BMP"
    monkeypatch.setattr(decode, "MAX_BYTES", len(data) - 1)
    with pytest.raises(InputError, match="bytes"):
        read_image(path)
    with pytest.raises(InputError, match="bytes"):
        decode_image(data)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    with pytest.raises(InputError, match="bytes"):
        read_image("-")


@pytest.mark.parametrize("form", ["EPS", "PDF", "PPM", "ICO", "TGA", "JPEG2000", "PCX"])
def test_other_formats_are_refused(form):
    with pytest.raises(InputError, match=f"not an image that lbie reads.*{FORMATS[0]}"):
        decode_image(file_of(blocks(), form))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"<?xml version='1.0'?><svg/>", "XML"),
        (b"Dear reader,\nthis is a letter.\n", "text"),
        (b"", "empty"),
        (b"\xff\xd8\xff", "not an image"),
        (bytes(100), "not an image"),
    ],
)
def test_what_is_no_image_is_named(data, says):
    with pytest.raises(InputError, match=says):
        decode_image(data, "'x.jpg'")


def test_read_image_names_the_path(tmp_path):
    (tmp_path / "broken.png").write_bytes(file_of(blocks(), "PNG")[:60])
    for path in (tmp_path / "missing.png", tmp_path, tmp_path / "broken.png"):
        with pytest.raises(InputError) as caught:
            read_image(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["a\0b.png", "x" * 5000 + ".png", ""])
def test_impossible_paths(path):
    with pytest.raises(InputError):
        read_image(path)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
)
def test_arrays_of_another_kind_are_refused(array):
    with pytest.raises(InputError, match="uint8"):
        source_from_array(array)


@pytest.mark.parametrize(
    ("image", "rgb"),
    [
        (Image.fromarray(LEVELS), GRAY),
        (Image.fromarray(SIXTEEN), GRAY),
        (Image.fromarray(COLOUR), COLOUR),
        (Image.fromarray(LEVELS > 99), np.where(GRAY > 99, 255, 0)),
        (Image.fromarray(COLOUR).quantize(8), COLOUR),
        (with_alpha("RGBA"), COLOUR),
        (with_alpha("LA"), GRAY),
    ],
    ids=lambda x: getattr(x, "mode", ""),
)
def test_pillow_images_of_any_mode(image, rgb):
    source = source_from_pil(image)
    np.testing.assert_array_equal(source.rgb, rgb)
    assert (source.alpha is not None) is (image.mode in ("RGBA", "LA"))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"])
@pytest.mark.parametrize("size", [(3, 2), (0, 2)])
def test_pillow_images_convert_or_are_refused(mode, size):
    image = Image.new(mode, size)
    if 0 in size:
        with pytest.raises(InputError):
            source_from_pil(image)
    else:
        assert source_from_pil(image).rgb.shape == (2, 3, 3)


# Properties

VALID = {
    "JPEG": file_of(blocks(), "JPEG"),
    "PNG": file_of(blocks(), "PNG", icc_profile=rgb_profile()),
    "WEBP": file_of(blocks(), "WEBP"),
    "TIFF": file_of(blocks(), "TIFF", compression="tiff_lzw"),
    "BMP": file_of(blocks(), "BMP"),
    "GIF": file_of(blocks(), "GIF"),
}
HEADS = [
    b"",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\x10\0\0\0WEBPVP8 ",
    b"II*\0",
    b"MM\0*",
    b"BM",
    b"GIF89a",
]


def decodes_or_refuses(data: bytes) -> bool:
    try:
        source = decode_image(data, max_pixels=1_000_000)
    except InputError as error:
        assert "\n" not in str(error)
        return False
    assert source.rgb.ndim == 3 and source.rgb.size and source.rgb.dtype == np.uint8
    return True


@given(st.sampled_from(HEADS), st.binary(max_size=400))
@SLOW
def test_random_bytes_are_refused_in_one_line(head, data):
    decodes_or_refuses(head + data)


@given(st.sampled_from(sorted(VALID)), st.data())
@SLOW
def test_truncated_files_decode_or_are_refused(form, data):
    whole = VALID[form]
    assert decodes_or_refuses(whole)
    decodes_or_refuses(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP"])
def test_half_a_file_is_refused(form):
    assert not decodes_or_refuses(VALID[form][: len(VALID[form]) // 2])


@given(st.sampled_from(sorted(VALID)), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6))
@SLOW
def test_damaged_files_decode_or_are_refused(form, changes):
    data = bytearray(VALID[form])
    for place, value in changes:
        data[int(place * len(data))] = value
    decodes_or_refuses(bytes(data))


MODES = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,), "P": (3,), "1": ()}


@given(st.sampled_from(sorted(MODES)), st.integers(1, 7), st.integers(1, 7), st.data())
@SLOW
def test_png_round_trip_is_lossless(mode, height, width, data):
    pixels = data.draw(hnp.arrays(np.uint8, (height, width, *MODES[mode])))
    image = Image.fromarray(pixels).quantize(64) if mode == "P" else Image.fromarray(pixels)
    image = image.convert("1") if mode == "1" else image
    source = decode_image(file_of(image, "PNG"))
    expected = np.array(image.convert("RGBA"))
    np.testing.assert_array_equal(source.rgb, expected[..., :3])
    if "A" in mode:
        np.testing.assert_array_equal(source.alpha, expected[..., 3])
    again = decode_image(encode_image(source.rgb, ".png", source=source)[0])
    np.testing.assert_array_equal(again.rgb, source.rgb)
    assert (again.alpha is None) == (source.alpha is None)
    assert source.alpha is None or np.array_equal(again.alpha, source.alpha)


def test_fifo_is_refused_without_waiting(tmp_path: Path):
    import os

    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(InputError, match="regular file"):
        read_image(tmp_path / "pipe.png")

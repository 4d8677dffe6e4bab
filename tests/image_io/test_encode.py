from __future__ import annotations

import errno
import io
import os
import sys

import numpy as np
import pytest
from PIL import ExifTags, Image

from lbie.errors import InputError, ResourceError
from lbie.image_io import (
    SUFFIXES,
    SourceImage,
    check_output,
    decode_image,
    encode_image,
    read_edit_record,
    write_bytes,
)

SENTENCE = "Die Blüte ist röt, 花是红色 🌹"
RECORD = {"sentence": SENTENCE, "model": "flowers", "model_version": "1", "version": "0.1.0", "seed": 7}
RGB = np.add.outer(np.arange(0, 120, 8), np.arange(0, 120, 6))[..., None].astype(np.uint8) + np.uint8([0, 9, 15])
ALPHA = np.tile(np.uint8([0, 255, 100, 255]), (15, 5))
GPS = {1: "N", 2: (52.0, 31.0, 12.0)}


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.fixture(scope="module")
def tagged() -> SourceImage:
    """Decoded from a JPEG with an artist, a place and a description."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada"
    exif[ExifTags.Base.ImageDescription] = "42"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, "JPEG", exif=exif)
    return decode_image(buffer.getvalue())


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG", ".Jpg"])
def test_round_trip(suffix):
    data, notices = encode_image(RGB, suffix)
    source = decode_image(data)
    assert source.format == SUFFIXES[suffix.lower()]
    lossy = source.format in ("JPEG", "WEBP")
    np.testing.assert_allclose(source.rgb.astype(int), RGB.astype(int), atol=12 if lossy else 0)
    assert (source.alpha, source.exif, notices) == (None, None, [])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_record_round_trip(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    data, notices = encode_image(RGB, suffix, record=RECORD)
    path.write_bytes(data)
    if suffix == ".bmp":
        assert read_edit_record(path) is None
        assert [n for n in notices if "sentence" in n]
    else:
        assert read_edit_record(path) == RECORD
        assert notices == []


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("sentence", ["a \udcff b", "x" * 5000, 'quote " \\ line\nend', ""])
def test_record_of_odd_sentences(tmp_path, suffix, sentence):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encode_image(RGB, suffix, record={"sentence": sentence})[0])
    assert read_edit_record(path) == {"sentence": sentence}


@pytest.mark.parametrize("description", ["42", "null", "a red flower", "lbie is nice", '{"sentence": 1}'])
def test_a_description_of_another_program_is_no_record(tmp_path, description):
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = description
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif)
    assert read_edit_record(tmp_path / "a.jpg") is None


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
@pytest.mark.parametrize("record", [None, RECORD])
def test_metadata_is_kept_or_stripped(tagged, tmp_path, suffix, record):
    path = tmp_path / f"a{suffix}"
    for metadata in ("keep", "strip"):
        data, _ = encode_image(RGB, suffix, source=tagged, record=record, metadata=metadata)
        path.write_bytes(data)
        exif = opened(data).getexif()
        kept = metadata == "keep"
        assert exif.get(ExifTags.Base.Artist) == ("Ada" if kept else None)
        if suffix != ".tif":  # libtiff writes no nested directories
            assert dict(exif.get_ifd(ExifTags.IFD.GPSInfo)) == (GPS if kept else {})
        assert kept or b"Ada" not in data
        assert read_edit_record(path) == record


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("gray", [False, True])
def test_alpha(suffix, gray):
    rgb = np.ascontiguousarray(RGB[..., 0]) if gray else RGB
    data, notices = encode_image(rgb, suffix, source=SourceImage(RGB, ALPHA))
    source = decode_image(data)
    if suffix in (".jpg", ".jpeg", ".bmp"):
        assert source.alpha is None
        assert [n for n in notices if "white" in n]
        white = encode_image(np.full_like(rgb, 255), suffix)[0]
        tolerance = 0 if suffix == ".bmp" else 12
        np.testing.assert_allclose(
            source.rgb[ALPHA == 0].astype(int), decode_image(white).rgb[ALPHA == 0], atol=tolerance
        )
        if suffix == ".bmp":
            expected = np.broadcast_to(rgb.reshape(15, 20, -1), RGB.shape)
            np.testing.assert_array_equal(source.rgb[ALPHA == 255], expected[ALPHA == 255])
    else:
        np.testing.assert_array_equal(source.alpha, ALPHA)
        assert notices == []


def test_a_format_too_small_for_the_picture_is_told():
    with pytest.raises(InputError, match=r"20000.*WEBP"):
        encode_image(np.zeros((1, 20_000, 3), np.uint8), ".webp")


# Outputs


def test_outputs_that_cannot_work_are_refused(tmp_path):
    (tmp_path / "file.txt").touch()
    os.mkfifo(tmp_path / "pipe.png")
    for path, says in (
        (tmp_path, "directory"),
        (tmp_path / "a.gif", "suffix"),
        (tmp_path / "a", "suffix"),
        (tmp_path / "no" / "a.png", "no"),
        (tmp_path / "file.txt" / "a.png", "file.txt"),
        (tmp_path / "pipe.png", "regular"),
        (tmp_path / ("x" * 300 + ".png"), "cannot write|long"),
    ):
        with pytest.raises(InputError, match=says):
            check_output(path)
    check_output(tmp_path / "a.png")
    check_output("-")


@pytest.mark.parametrize("kind", ["same", "symlink", "hardlink", "dots"])
def test_the_source_as_output(tmp_path, kind):
    source, output = tmp_path / "a.png", tmp_path / "b.png"
    source.write_bytes(b"x")
    if kind == "symlink":
        output.symlink_to(source)
    elif kind == "hardlink":
        output.hardlink_to(source)
    else:
        output = source if kind == "same" else tmp_path / ".." / tmp_path.name / "a.png"
    with pytest.raises(InputError, match="--overwrite"):
        check_output(output, source)
    check_output(output, source, overwrite=True)


def test_a_missing_source_is_not_the_outputs_fault(tmp_path):
    (tmp_path / "b.png").touch()
    check_output(tmp_path / "b.png", tmp_path / "missing.png")


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, ResourceError), (errno.EDQUOT, ResourceError), (errno.EACCES, InputError)]
)
@pytest.mark.parametrize("call", ["replace", "fsync"])
@pytest.mark.parametrize("there", [True, False])
def test_a_failing_write_leaves_things_as_they_were(tmp_path, monkeypatch, code, kind, call, there):
    path = tmp_path / "a.png"
    if there:
        path.write_bytes(b"before")

    def fail(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(kind, match="cannot write"):
        write_bytes(path, b"after")
    monkeypatch.undo()
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == ({"a.png": b"before"} if there else {})


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "deep").mkdir()
    for target in (tmp_path / "deep" / "there.png", tmp_path / "deep" / "new.png"):
        link = tmp_path / f"to-{target.name}"
        link.symlink_to(target)
        if target.name == "there.png":
            target.write_bytes(b"before")
        write_bytes(link, b"after")
        assert link.is_symlink()
        assert target.read_bytes() == b"after"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_new_files_follow_the_umask_and_old_ones_keep_their_mode(tmp_path, umask, mode):
    old = tmp_path / "old.png"
    old.write_bytes(b"x")
    old.chmod(0o640)
    before = os.umask(umask)
    try:
        write_bytes(tmp_path / "new.png", b"y")
        write_bytes(old, b"y")
        assert os.umask(umask) == umask, "the umask itself is as before"
    finally:
        os.umask(before)
    assert (tmp_path / "new.png").stat().st_mode & 0o777 == mode
    assert old.stat().st_mode & 0o777 == 0o640


def test_standard_output(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", out)
    write_bytes("-", b"\x89bytes\xff")
    assert out.buffer.getvalue() == b"\x89bytes\xff"

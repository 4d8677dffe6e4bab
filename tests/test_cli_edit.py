from __future__ import annotations

import errno
import io
import json
import os
import pickle
import shutil
import struct
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ExifTags, Image

from drawn import flower
from lbie import image_io, registry
from lbie.checksums import write_sums
from lbie.colour.lab import luma
from lbie.image_io import read_edit_record, read_image

SENTENCE = "this flower is blue in color"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory, with a gray `photo.jpg` of 90 x 60 pixels that has an artist."""
    monkeypatch.chdir(tmp_path)
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada"
    Image.fromarray(luma(flower("blue", 1))).resize((90, 60)).save("photo.jpg", exif=exif, quality=95)
    return tmp_path


@pytest.fixture
def edit(cli, tiny_model, folder):
    """`lbie edit` with the tiny model: (exit code, standard output, standard error)."""
    return lambda *words, model=tiny_model: cli("edit", *words, "--model", model, "--device", "cpu")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("suffix", image_io.SUFFIXES)
def test_success(edit, folder, suffix):
    before = set(contents(folder))
    code, out, err = edit("photo.jpg", SENTENCE, "-o", f"out{suffix}")
    assert (code, out) == (0, "")
    assert f"lbie: wrote out{suffix}" in err and "cpu" in err
    assert all(line.startswith("lbie: ") for line in err.splitlines())
    result = read_image(f"out{suffix}")
    assert result.rgb.shape == (60, 90, 3)
    assert result.format == image_io.SUFFIXES[suffix]
    assert not result.gray, "never the input as if it were a result"
    assert set(contents(folder)) - before == {f"out{suffix}"}
    if suffix != ".bmp":
        assert read_edit_record(f"out{suffix}")["sentence"] == SENTENCE


def test_the_same_twice_is_the_same_bytes(edit, folder):
    edit("photo.jpg", SENTENCE, "-o", "a.png")
    edit("photo.jpg", SENTENCE, "-o", "b.png")
    edit("photo.jpg", "this flower is red in color", "-o", "c.png")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert not np.array_equal(read_image("a.png").rgb, read_image("c.png").rgb)


def test_standard_input_and_output(edit, folder, monkeypatch, stdout):
    edit("photo.jpg", SENTENCE, "-o", "a.jpg")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(Path("photo.jpg").read_bytes())))
    out = stdout()
    code, _, err = edit("-", SENTENCE, "-o", "-")
    assert code == 0
    assert "wrote" not in err
    assert out.getvalue() == Path("a.jpg").read_bytes(), "the source's format"


@pytest.mark.parametrize("data", [b"", b"no image"])
def test_standard_input_that_is_no_image(edit, folder, monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    code, _, err = edit("-", SENTENCE, "-o", "a.png")
    assert code == 2
    assert err.startswith("lbie: error: standard input") and err.count("\n") == 1


def test_json(edit, folder, tiny_model):
    code, out, err = edit("photo.jpg", SENTENCE + " zzzzz", "-o", "a.png", "--json", "--seed", 3)
    values = json.loads(out)
    assert code == 0 and out.count("\n") == 1
    assert (values["output"], values["width"], values["height"]) == ("a.png", 90, 60)
    assert (values["sentence"], values["seed"], values["device"]) == (SENTENCE + " zzzzz", 3, "cpu")
    assert values["unknown_words"] == ["royal", "zzzzz"] and "royal blue" in values["read_as"]
    assert 0 <= values["confidence"] <= 1
    assert 1 <= values["mean_steps"] <= 3
    assert [f"lbie: {w}" for w in values["warnings"]] == err.splitlines()
    assert read_edit_record("a.png")["seed"] == 3


@pytest.mark.parametrize("sentence", [SENTENCE, "blue", "the petals are blue. this flower is red! zzzzz"])
def test_explain(edit, folder, sentence):
    code, _, _ = edit("photo.jpg", sentence, "-o", "a.png", "--explain", "why.png")
    assert code == 0
    sheet = read_image("why.png")
    assert sheet.format == "PNG"
    assert min(sheet.rgb.shape[:2]) > 100
    assert np.ptp(sheet.rgb) > 200
    assert read_image("a.png").rgb.shape == (60, 90, 3)


def test_explain_to_standard_output(edit, folder, stdout):
    out = stdout()
    code, _, _ = edit("photo.jpg", SENTENCE, "-o", "a.png", "--explain", "-")
    assert code == 0
    assert out.getvalue().startswith(b"\x89PNG") and out.getvalue().endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize(("metadata", "artist"), [("keep", "Ada"), ("strip", None)])
def test_metadata(edit, folder, metadata, artist):
    assert edit("photo.jpg", SENTENCE, "-o", "a.jpg", "--metadata", metadata)[0] == 0
    with Image.open("a.jpg") as image:
        assert image.getexif().get(ExifTags.Base.Artist) == artist
    assert read_edit_record("a.jpg")["sentence"] == SENTENCE


def test_transparency_is_kept_or_told(edit, folder):
    image = Image.open("photo.jpg").convert("RGB")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.save("clear.png")
    assert edit("clear.png", SENTENCE, "-o", "a.png")[0] == 0
    np.testing.assert_array_equal(read_image("a.png").alpha, read_image("clear.png").alpha)
    code, _, err = edit("clear.png", SENTENCE, "-o", "a.jpg")
    assert code == 0 and "transparency" in err


def test_an_upright_photo_comes_out(edit, folder):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.open("photo.jpg").save("turned.jpg", exif=exif)
    assert edit("turned.jpg", SENTENCE, "-o", "a.jpg")[0] == 0
    with Image.open("a.jpg") as image:
        assert image.size == (60, 90)
        assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1


def test_sample(edit, folder):
    assert edit("sample:flower", SENTENCE, "-o", "a.jpg")[0] == 0
    assert read_image("a.jpg").rgb.shape == (427, 640, 3)


@pytest.mark.parametrize("kind", ["same", "symlink", "hardlink"])
def test_the_source_is_overwritten_only_when_asked(edit, folder, kind):
    source, output = Path("photo.jpg"), Path("link.jpg")
    if kind == "same":
        output = source
    elif kind == "symlink":
        output.symlink_to(source)
    else:
        output.hardlink_to(source)
    before = source.read_bytes()
    for words in (("-o", output), ("-o", "new.png", "--explain", output)):
        code, _, err = edit(source, SENTENCE, *words)
        assert code == 2
        assert err.startswith("lbie: error: ") and err.count("\n") == 1 and "--overwrite" in err
        assert source.read_bytes() == before and not Path("new.png").exists()
    assert edit(source, SENTENCE, "-o", output, "--overwrite")[0] == 0
    assert read_edit_record(output)["sentence"] == SENTENCE
    assert output.is_symlink() is (kind == "symlink")


def test_unknown_words_are_told(edit, folder):
    code, _, err = edit("photo.jpg", "this flwer is blue, zzzzz", "-o", "a.png")
    assert code == 0
    line = next(x for x in err.splitlines() if "flwer" in x)
    assert "'flwer' (did you mean 'flower'?)" in line and "'zzzzz'" in line


# What is refused: one line, an exit code, and nothing is written


def _bomb() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IEND", b"")


def _prepare(folder: Path) -> None:
    photo = Path("photo.jpg").read_bytes()
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("Dear reader, this is no photo.")
    (folder / "cut.jpg").write_bytes(photo[: len(photo) // 2])
    (folder / "bomb.png").write_bytes(_bomb())
    (folder / "folder.png").mkdir()
    (folder / "exists.png").write_bytes(b"here before")
    os.mkfifo(folder / "pipe.jpg")
    os.mkfifo(folder / "pipe.png")


GOOD = ("photo.jpg", SENTENCE, "-o", "exists.png")
REFUSED = {
    "missing file": (("missing.jpg", *GOOD[1:]), 2, "'missing.jpg'"),
    "missing file, new output": (("missing.jpg", SENTENCE, "-o", "new.png"), 2, "'missing.jpg'"),
    "directory": (("folder.png", *GOOD[1:]), 2, "directory"),
    "FIFO": (("pipe.jpg", *GOOD[1:]), 2, "regular file"),
    "empty file": (("empty.jpg", *GOOD[1:]), 2, "empty"),
    "text": (("text.jpg", *GOOD[1:]), 2, "text"),
    "truncated": (("cut.jpg", *GOOD[1:]), 2, "truncated"),
    "bomb": (("bomb.png", *GOOD[1:]), 2, "100,000 x 100,000|megapixels"),
    "over the limit": ((*GOOD, "--max-megapixels", "0.005"), 2, "0.005 megapixels"),
    "endless limit": ((*GOOD, "--max-megapixels", "inf"), 2, "finite"),
    "unknown sample": (("sample:missing", *GOOD[1:]), 2, "'missing'"),
    "file name too long": (("x" * 300 + ".jpg", *GOOD[1:]), 2, "long"),
    "output in a missing folder": ((*GOOD[:3], "no/a.png"), 2, "'no'"),
    "output is a directory": ((*GOOD[:3], "folder.png"), 2, "directory"),
    "output is a FIFO": ((*GOOD[:3], "pipe.png"), 2, "regular"),
    "unknown suffix": ((*GOOD[:3], "a.xyz"), 2, "'.xyz'"),
    "no suffix": ((*GOOD[:3], "a"), 2, "suffix"),
    "explain with an unknown suffix": ((*GOOD, "--explain", "a.xyz"), 2, "'.xyz'"),
    "explain is the output": ((*GOOD, "--explain", "./exists.png"), 2, "--explain"),
    "empty sentence": (("photo.jpg", "", *GOOD[2:]), 2, "empty"),
    "blank sentence": (("photo.jpg", " \t ", *GOOD[2:]), 2, "empty"),
    "only punctuation": (("photo.jpg", "...", *GOOD[2:]), 2, "empty"),
    "only unknown words": (("photo.jpg", "xyzzy plugh", *GOOD[2:]), 4, "'xyzzy', 'plugh'"),
    "very long sentence": (("photo.jpg", "red " * 25_000, *GOOD[2:]), 2, "100,000"),
    "unknown device": ((*GOOD, "--device", "abacus"), 2, "'abacus'"),
    "JSON and image": ((*GOOD[:3], "-", "--json"), 2, "--json"),
    "explain and image": ((*GOOD[:3], "-", "--explain", "-"), 2, "standard output"),
    "explain and JSON": ((*GOOD, "--json", "--explain", "-"), 2, "standard output"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(cli, folder, tiny_model, case):
    words, expected, says = REFUSED[case]
    _prepare(folder)
    before = contents(folder)
    code, out, err = cli("edit", *words, "--model", tiny_model)
    assert (code, out) == (expected, "")
    assert err.startswith("lbie: error: ") and err.count("\n") == 1 and err.endswith("\n")
    assert any(part in err for part in says.split("|"))
    assert len(err) < 800
    assert contents(folder) == before


def _damage(name: str, data: bytes | None):
    def change(model: Path) -> None:
        (model / name).unlink()
        if data is not None:
            (model / name).write_bytes(data)

    return change


def _cut(model: Path) -> None:
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def _config(**values):
    def change(model: Path) -> None:
        path = model / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def _pickle_beside(model: Path) -> None:
    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(pickle.dumps({"a": 1}))


MODELS = {
    "truncated weights": (_cut, "damaged"),
    "empty weights": (_damage("model.safetensors", b""), "damaged"),
    "pickle as weights": (_damage("model.safetensors", pickle.dumps({"weights": [1.0]})), "safetensors"),
    "pickle instead of weights": (_pickle_beside, "never from pickles"),
    "no weights": (_damage("model.safetensors", None), "model.safetensors"),
    "endless header": (_damage("model.safetensors", b"\xff" * 64), "damaged"),
    "broken config": (_damage("config.json", b'{"width": 32,'), "config.json"),
    "config is a list": (_damage("config.json", b"[]"), "config.json"),
    "nested config": (_damage("config.json", b"[" * 100_000), "config.json"),
    "config is not text": (_damage("config.json", b"\xff\xfe\0"), "config.json"),
    "no config": (_damage("config.json", None), "config.json"),
    "absurd width": (_config(width=10**9), "width"),
    "absurd embedding": (_config(embedding=10**12), "embedding"),
    "no steps": (_config(max_steps=0), "max_steps"),
    "absurd channels": (_config(decoder_channels=[10**7]), "decoder_channels"),
    "unknown field": (_config(wings=2), "wings"),
    "another size": (_config(width=64), "does not fit"),
    "broken vocabulary": (_damage("vocabulary.json", b"{"), "vocabulary"),
    "another vocabulary": (_damage("vocabulary.json", b'["<pad>", "<unk>", "red"]'), "does not fit"),
    "no vocabulary": (_damage("vocabulary.json", None), "vocabulary"),
}


@pytest.mark.parametrize("case", MODELS)
def test_broken_model_folders(edit, folder, tiny_model, case):
    change, says = MODELS[case]
    shutil.copytree(tiny_model, "model")
    Path("exists.png").write_bytes(b"here before")
    change(Path("model"))
    before = contents(folder)
    code, out, err = edit(*GOOD, model="model")
    assert (code, out) == (2, "")
    assert err.startswith("lbie: error: ") and err.count("\n") == 1
    assert says in err
    assert contents(folder) == before


@pytest.mark.parametrize("name", ["nothing", "./nothing", "../nothing", "a--b/c", "x" * 300, ""])
def test_models_that_are_not_there(edit, folder, name):
    code, _, err = edit("photo.jpg", SENTENCE, "-o", "a.png", model=name)
    assert code == 2
    assert err.startswith("lbie: error: ") and err.count("\n") == 1 and f"'{name}'" in err
    assert not Path("a.png").exists()


def test_a_pickle_is_never_run(edit, folder, tiny_model):
    class Trap:
        def __reduce__(self):
            return (Path("sprung").touch, ())

    shutil.copytree(tiny_model, "model")
    Path("model/model.safetensors").write_bytes(pickle.dumps(Trap()))
    Path("model/pytorch_model.bin").write_bytes(pickle.dumps(Trap()))
    assert edit("photo.jpg", SENTENCE, "-o", "a.png", model="model")[0] == 2
    assert not Path("sprung").exists()


def test_a_full_disk(edit, folder, monkeypatch):
    Path("exists.png").write_bytes(b"here before")
    before = contents(folder)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    code, _, err = edit(*GOOD)
    assert code == 5
    assert err.splitlines()[-1].startswith("lbie: error: ") and "space" in err and "Traceback" not in err
    assert contents(folder) == before


@pytest.mark.parametrize(("error", "expected"), [(KeyboardInterrupt, 130), (MemoryError, 5)])
def test_interrupted_and_out_of_memory(edit, folder, monkeypatch, error, expected):
    def stop(*_, **__):
        raise error

    monkeypatch.setattr(image_io, "read_image", stop)
    code, out, err = edit("photo.jpg", SENTENCE, "-o", "a.png")
    assert (code, out) == (expected, "")
    assert "Traceback" not in err
    assert not Path("a.png").exists()


# Bundled names


@pytest.fixture
def bundled(tiny_model, tmp_path_factory, monkeypatch) -> Path:
    root = tmp_path_factory.mktemp("weights")
    shutil.copytree(tiny_model, root / "flowers")
    (root / "flowers" / "card.json").write_text(json.dumps({"name": "flowers", "version": "7", "made_for": "drawings"}))
    write_sums(root / "flowers")
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", root)
    return root


def test_a_folder_of_a_bundled_name_changes_nothing(edit, folder, bundled):
    Path("flowers").mkdir()
    Path("flowers/config.json").write_text("{broken")
    assert edit("photo.jpg", SENTENCE, "-o", "a.png", model="flowers")[0] == 0
    assert read_edit_record("a.png")["model_version"] == "7"
    assert edit("photo.jpg", SENTENCE, "-o", "b.png", model="./flowers")[0] == 2, "this one is the folder"


def test_the_default_model_and_the_list(cli, folder, bundled):
    code, _, err = cli("edit", "photo.jpg", SENTENCE, "-o", "a.png")
    assert code == 0
    assert err.splitlines()[0] == (
        "lbie: using the model 'flowers': a grayscale photo, and the sentence speaks of flowers "
        "(say otherwise with --model)"
    )
    assert read_edit_record("a.png")["model"] == "flowers"
    code, out, _ = cli("models")
    assert code == 0 and "flowers" in out and "drawings" in out


def test_unknown_models_name_the_bundled_ones(edit, folder, bundled):
    code, _, err = edit("photo.jpg", SENTENCE, "-o", "a.png", model="flower")
    assert code == 2 and "flowers" in err


@pytest.mark.parametrize("card", ["{", "[]", '{"name": 3, "wings": 2}'])
def test_a_broken_card_is_no_reason_to_refuse(edit, folder, tiny_model, card):
    shutil.copytree(tiny_model, "model")
    Path("model/card.json").write_text(card)
    assert edit("photo.jpg", SENTENCE, "-o", "a.png", model="model")[0] == 0


@pytest.mark.parametrize(
    "words", [(), ("photo.jpg", SENTENCE), ("photo.jpg", SENTENCE, "-o", "a.png", "--metadata", "maybe")]
)
def test_usage(cli, folder, words):
    code, _, err = cli("edit", *words)
    assert code == 2
    assert "Usage" in err and "Traceback" not in err

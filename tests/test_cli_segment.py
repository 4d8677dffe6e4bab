"""`lbie segment`, and `lbie edit` on photos, with a stand-in model that finds colours."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from found_by_colour import FindsColours, boxes, where, write_photo, write_stand_in
from lbie import registry
from lbie.data.masks import decode_rle
from lbie.image_io import read_edit_record, read_image

RGB = boxes()
RED, GREEN = where(RGB, "red"), where(RGB, "green")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory, with `photo.png`; the stand-in is bundled as `photos`."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", tmp_path / "weights")
    write_stand_in(tmp_path / "weights" / "photos")
    monkeypatch.setattr("lbie.runtime.load_runtime", lambda *_: FindsColours())
    write_photo(work / "photo.png", RGB)
    return work


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    return (mask & truth).sum() / (mask | truth).sum()


def test_a_mask(cli, folder) -> None:
    code, out, err = cli("segment", "photo.png", "the red cup", "-o", "mask.png")
    assert (code, out) == (0, "") and err.startswith("lbie: wrote mask.png") and "confidence 0.93" in err
    with Image.open("mask.png") as image:
        assert image.mode == "L" and image.size == (144, 96)
        values = np.asarray(image)
    assert set(np.unique(values)) == {0, 255} and overlap(values > 0, RED) > 0.95
    assert read_edit_record("mask.png")["sentence"] == "the red cup"
    assert cli("segment", "photo.png", "the red cup", "-o", "soft.png", "--soft")[0] == 0
    soft = np.asarray(Image.open("soft.png"))
    assert len(np.unique(soft)) > 2 and ((soft > 127) == (values > 0)).all()


def test_everything_at_once(cli, folder) -> None:
    words = ("segment", "photo.png", "the red cup", "the green cup", "the blue cup")
    code, out, err = cli(*words, "-o", "m.png", "--overlay", "o.jpg", "--rle", "r.json", "--json")
    values = json.loads(out)
    assert code == 0 and err == f"lbie: {values['warnings'][0]}\n" and "'the blue cup'" in err
    mask = np.asarray(Image.open("m.png")) > 0
    np.testing.assert_array_equal(decode_rle(json.loads(Path("r.json").read_text()), (96, 144)), mask)
    assert overlap(mask, RED | GREEN) > 0.95
    assert [m["found"] for m in values["matches"]] == [True, True, False]
    assert values["pixels"] == mask.sum() and values["matches"][2]["box"] is None
    left, top, width, height = values["matches"][0]["box"]
    assert abs(left - 18) < 3 and abs(top - 24) < 3 and abs(width - 36) < 6 and abs(height - 48) < 6
    with Image.open("o.jpg") as image:
        assert image.width == 144 and image.height > 96


def test_standard_output(cli, folder, stdout) -> None:
    out = stdout()
    assert cli("segment", "photo.png", "the red cup", "-o", "-")[0] == 0
    assert out.getvalue().startswith(b"\x89PNG")
    out = stdout()
    assert cli("segment", "photo.png", "the red cup", "--rle", "-")[0] == 0
    assert overlap(decode_rle(json.loads(out.getvalue())), RED) > 0.95


def test_nothing_matches(cli, folder) -> None:
    words = ("segment", "photo.png", "the blue cup", "the cat", "-o", "m.png", "--overlay", "o.png", "--rle", "r.json")
    code, out, err = cli(*words)
    assert (code, out) == (3, "") and err.count("\n") == 1
    assert "'the blue cup' (confidence 0.08" in err and "'the cat'" in err
    assert os.listdir() == ["photo.png"]
    code, out, err = cli(*words, "--json")
    assert code == 3 and json.loads(out)["found"] is False and os.listdir() == ["photo.png"]
    assert cli("segment", "photo.png", "the unsure red cup", "-o", "m.png")[0] == 3
    assert cli("segment", "photo.png", "the unsure red cup", "-o", "m.png", "--threshold", ".3")[0] == 0


def test_exif_orientation(cli, folder) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    write_photo(folder / "turned.jpg", np.rot90(RGB), exif=exif, quality=95)
    assert cli("segment", "turned.jpg", "the red cup", "-o", "m.png")[0] == 0
    mask = np.asarray(Image.open("m.png")) > 0
    assert mask.shape == RED.shape and overlap(mask, RED) > 0.9


SEGMENT = ("segment", "photo.png", "the red cup", "-o", "m.png")
BAD = {
    "missing photo": (("segment", "none.png", "the red cup", "-o", "m.png"), 2, "no such file"),
    "no image": (("segment", "text.png", "the red cup", "-o", "m.png"), 2, "text.png"),
    "empty phrase": (("segment", "photo.png", " ", "-o", "m.png"), 2, "empty"),
    "one empty phrase": (("segment", "photo.png", "the red cup", "", "-o", "m.png"), 2, "empty"),
    "marks": (("segment", "photo.png", "?!", "-o", "m.png"), 2, "empty"),
    "no phrase": (("segment", "photo.png", "-o", "m.png"), 2, "PHRASE"),
    "unknown words": (("segment", "photo.png", "zebra", "-o", "m.png"), 4, "zebra"),
    "no output": (SEGMENT[:3], 2, "nothing to write"),
    "threshold": ((*SEGMENT, "--threshold", "1.5"), 2, "from 0 to 1"),
    "threshold nan": ((*SEGMENT, "--threshold", "nan"), 2, "from 0 to 1"),
    "threshold text": ((*SEGMENT, "--threshold", "high"), 2, "--threshold"),
    "mask as JPEG": ((*SEGMENT[:3], "-o", "m.jpg"), 2, ".png"),
    "no folder": ((*SEGMENT[:3], "-o", "no/m.png"), 2, "does not exist"),
    "a folder": ((*SEGMENT[:3], "-o", "."), 2, "directory"),
    "the photo": ((*SEGMENT[:3], "-o", "photo.png"), 2, "--overwrite"),
    "the same twice": ((*SEGMENT, "--overlay", "./m.png"), 2, "both name"),
    "two to standard output": ((*SEGMENT[:3], "-o", "-", "--rle", "-"), 2, "only one thing"),
    "JSON and mask": ((*SEGMENT[:3], "-o", "-", "--json"), 2, "only one thing"),
    "rle suffix": ((*SEGMENT, "--rle", "photo.png"), 2, ".json"),
    "rle folder": ((*SEGMENT, "--rle", "no/r.json"), 2, "does not exist"),
    "huge": ((*SEGMENT, "--max-megapixels", "0.01"), 2, "--max-megapixels"),
    "model": ((*SEGMENT, "--model", "none"), 2, "no such model"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(cli, folder, name) -> None:
    Path("text.png").write_text("no image")
    words, expected, says = BAD[name]
    before = sorted(os.listdir())
    code, out, err = cli(*words)
    assert code == expected and says in err and out == "" and "Traceback" not in err
    assert sorted(os.listdir()) == before


def test_an_unwritable_folder(cli, folder, monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    code, _, err = cli(*SEGMENT)
    assert code == 2 and "permission denied" in err
    code, _, err = cli(*SEGMENT[:3], "--rle", "r.json")
    assert code == 2 and "permission denied" in err


def test_no_bundled_model(cli, folder, monkeypatch) -> None:
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", folder / "none")
    for words in (SEGMENT, ("edit", "photo.png", "make the red cup blue", "-o", "o.png")):
        code, _, err = cli(*words)
        assert code == 2 and "'photos': it is not bundled with this version of lbie" in err


def test_edit(cli, folder) -> None:
    code, out, err = cli("edit", "photo.png", "make the red cup blue", "-o", "o.png", "--show-match", "match.png")
    lines = err.splitlines()
    assert (code, out) == (0, "")
    assert lines[0].startswith("lbie: using the model 'photos': a photo in colour, and the sentence asks for a change")
    assert lines[1] == "lbie: understood: the red cup: colour blue; matched with confidence 0.93"
    result, far = read_image("o.png").rgb, ~RED
    far[:, :64] = False
    np.testing.assert_array_equal(result[far], RGB[far])
    assert result[RED].mean(0).argmax() == 2 and read_edit_record("o.png")["model"] == "photos"
    with Image.open("match.png") as image:
        assert image.width == 144
    code, out, _ = cli("edit", "photo.png", "make the red cup blue", "-o", "o.png", "--json")
    assert json.loads(out)["understood"] == "the red cup: colour blue"
    assert cli("edit", "photo.png", "make the red cup blue", "-o", "o.png", "--explain", "why.png")[0] == 0


def test_edit_where_nothing_matches(cli, folder) -> None:
    code, out, err = cli(
        "edit", "photo.png", "make the blue cup red", "-o", "o.png", "--overlay", "x.png", "--model", "photos"
    )
    assert (code, out) == (3, "") and err.count("\n") == 1 and "nothing in the photo matches 'the blue cup'" in err
    assert os.listdir() == ["photo.png"]


def test_a_cut_out(cli, folder, stdout) -> None:
    code, _, err = cli("edit", "photo.png", "cut out the red cup", "-o", "o.jpg")
    assert code == 2 and "transparency" in err and ".png or .webp" in err and os.listdir() == ["photo.png"]
    assert cli("edit", "photo.png", "cut out the red cup", "-o", "o.webp")[0] == 0
    assert overlap(read_image("o.webp").alpha > 127, RED) > 0.95
    write_photo(folder / "photo.jpg", RGB, quality=95)
    out = stdout()
    assert cli("edit", "photo.jpg", "cut out the red cup", "-o", "-")[0] == 0
    assert out.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "expected", "says"),
    [
        (("give the man a hat",), 4, "'give' is nothing"),
        (("make the red cup purpel",), 4, "did you mean 'purple'"),
        (("the red cup is blue",), 2, "--model photos"),
        (("make the red cup blue", "--seed", "3"), 2, "one result"),
        (("make the red cup blue", "--hint", "1,1,red"), 2, "hints"),
        (("make the red cup blue", "--keep-background"), 2, "only what is named"),
        (("make the red cup blue", "--overlay", "o.png"), 2, "both name"),
    ],
)
def test_edits_that_are_refused(cli, folder, words, expected, says) -> None:
    code, _, err = cli("edit", "photo.png", *words, "-o", "o.png")
    assert code == expected and says in err and os.listdir() == ["photo.png"]

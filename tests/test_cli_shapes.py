"""`lbie edit` of drawings, and its choice of the model."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from by_rule import RuleRuntime, sample_world
from lbie import registry, runtime
from lbie.data.cosal.shapes import COLOURS, KINDS
from lbie.image_io import read_edit_record, read_image
from lbie.samples import sample_path

TWO = "The circle is red. The color of the shape above the circle is light-green."
FLOWER = "The flower is blue in color."
CIRCLE = KINDS.index("circle")


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory, with `drawing.png` of 48 x 48 pixels; the bundled `cosal` is the stand-in."""
    weights = tmp_path / "weights"
    for name in ("cosal", "flowers"):
        (weights / name).mkdir(parents=True)
        (weights / name / "config.json").write_text("{}")
        (weights / name / "card.json").write_text(json.dumps({"name": name, "version": "3"}))
    shutil.copy(registry.WEIGHTS_ROOT / "cosal" / "vocabulary.json", weights / "cosal")
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", weights)
    kinds = dict(enumerate(sample_world().arrangement.tolist()))
    monkeypatch.setattr(runtime, "load_runtime", lambda *_: RuleRuntime(kinds))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    Image.fromarray(sample_world().source).save("drawing.png")
    Image.fromarray(sample_world().source).resize((600, 600)).save("drawing.jpg", quality=80)
    return work


def test_the_command_of_the_issue(cli, folder):
    code, out, err = cli("edit", "sample:shapes", TWO, "-o", "out.png")
    assert (code, out) == (0, "")
    first, last = err.splitlines()
    assert first == (
        "lbie: using the model 'cosal': a drawing of shapes in two tones, and every word is one that it "
        "knows (say otherwise with --model)"
    )
    assert last.startswith("lbie: wrote out.png with the model 'cosal' on cpu")
    result, source = read_image("out.png").rgb, read_image(sample_path("shapes")).rgb
    assert {tuple(c) for c in np.unique(result.reshape(-1, 3), axis=0).tolist()} == {
        (0, 0, 0),
        (0, 255, 0),
        (255, 0, 0),
        (255, 255, 255),
    }
    np.testing.assert_array_equal(result[source == 255], 255)
    assert read_edit_record("out.png")["model"] == "cosal"


@pytest.mark.parametrize("name", ["drawing.png", "drawing.jpg", "-"])
@pytest.mark.parametrize("output", ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp"])
def test_files(cli, folder, monkeypatch, name, output):
    if name == "-":
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(Path("drawing.png").read_bytes())))
    code, _, err = cli("edit", name, TWO, "-o", output)
    assert code == 0, err
    rgb = read_image(output).rgb
    side = 600 if name == "drawing.jpg" else 48
    assert rgb.shape == (side, side, 3)
    shapes = np.array(Image.fromarray(sample_world().shapes).resize((side, side), Image.Resampling.NEAREST))
    np.testing.assert_allclose(rgb[shapes == CIRCLE].mean(0), (255, 0, 0), atol=40)


def test_the_same_twice_is_the_same_bytes(cli, folder):
    for name in ("a.png", "b.png"):
        assert cli("edit", "drawing.jpg", TWO, "-o", name)[0] == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_json_and_explain(cli, folder):
    text = f"{TWO} The hexagon is blue."
    code, out, err = cli(
        "edit", "drawing.png", text, "-o", "a.png", "--json", "--explain", "why.png", "--model", "cosal"
    )
    values = json.loads(out)
    assert code == 0
    assert values["unknown_words"] == ["hexagon"] and values["model"] == "cosal"
    assert [f"lbie: {w}" for w in values["warnings"]] == err.splitlines() and len(err.splitlines()) == 2
    assert min(read_image("why.png").rgb.shape[:2]) > 200


def test_a_contradiction_is_one_line(cli, folder):
    code, _, err = cli("edit", "drawing.png", "The circle is red. The circle is blue.", "-o", "a.png")
    assert code == 0
    lines = [line for line in err.splitlines() if "contradicts" in line]
    assert lines == [
        "lbie: sentence 1 ('The circle is red.') contradicts sentence 2 ('The circle is blue.'): the later one holds"
    ]


REFUSED = {
    "nothing applies": (("drawing.png", "The hexagon is red.", "--model", "cosal"), 4, "'hexagon'"),
    "no word is known": (("drawing.png", "xyzzy plugh", "--model", "cosal"), 4, "'xyzzy'"),
    "a drawing and flowers": (("drawing.png", FLOWER), 2, "--model"),
    "a photo and shapes": (("sample:chelsea", TWO), 2, "--model"),
    "a photo for the model of drawings": (("sample:chelsea", TWO, "--model", "cosal"), 2, "no drawing in two tones"),
    "nothing to see": (("white.png", TWO, "--model", "cosal"), 2, "no shapes"),
    "many sentences": (("drawing.png", "The circle is red. " * 60), 2, "60 sentences"),
    "empty": (("drawing.png", " "), 2, "empty"),
    "an unknown model": (("drawing.png", TWO, "--model", "cosa"), 2, "cosal, flowers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(cli, folder, case):
    words, expected, says = REFUSED[case]
    Image.new("L", (40, 40), 255).save("white.png")
    Path("a.png").write_bytes(b"here before")
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    code, out, err = cli("edit", *words, "-o", "a.png")
    assert (code, out) == (expected, "")
    *told, error = err.splitlines()
    assert error.startswith("lbie: error: ") and says in error and len(error) < 800
    assert all("using the model" in line for line in told)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    if expected == 4:
        assert all(name in error for name in (*COLOURS, *KINDS))


def test_the_model_that_is_chosen_is_not_there(cli, folder):
    code, _, err = cli("edit", "drawing.png", "The hexagon is red.", "-o", "a.png")
    assert code == 2 and "bundled models: cosal, flowers" in err


def test_without_model_a_photo_goes_to_the_flowers(cli, folder, monkeypatch):
    named = []
    monkeypatch.setattr(runtime, "load_runtime", lambda place, *_: named.append(place.name) or RuleRuntime({}))
    for image, sentence in (("sample:flower", FLOWER), ("sample:chelsea", "blue")):
        cli("edit", image, sentence, "-o", "a.png")
    cli("edit", "sample:flower", TWO, "-o", "a.png", "--model", "cosal")
    assert named == ["flowers", "flowers", "cosal"]


def test_written_out_and_listed(cli, folder):
    code, out, _ = cli("sample")
    assert code == 0 and any(line.split(maxsplit=1)[1].startswith("drawn by lbie") for line in out.splitlines())
    assert cli("sample", "shapes", "-o", "s.png")[0] == 0
    assert read_image("s.png").rgb.shape == (480, 480, 3)

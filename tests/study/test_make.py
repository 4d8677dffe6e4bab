from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lbie.data.flowers import FlowerRecord
from lbie.errors import InputError
from lbie.study.make import choose_photos
from lbie.study.store import Store, picture_path


@pytest.fixture
def twin(tiny_model: Path, tmp_path: Path) -> Path:
    """The tiny model, told to ignore the sentence."""
    folder = tmp_path / "twin"
    shutil.copytree(tiny_model, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"ignore_sentence": True}))
    return folder


def test_make_colours_photos_by_each_system(cli, tiny_model: Path, twin: Path, drawn_flowers: Path, tmp_path: Path):
    words = [
        "study",
        "make",
        tmp_path / "study",
        "--model",
        tiny_model,
        "--data",
        drawn_flowers.parent,
        "--photos",
        "3",
    ]
    code, _, err = cli(*words, "--without-language", tiny_model)
    assert (code, "is not one without language" in err) == (2, True)
    code, _, err = cli(*words, "--without-language", twin, "--without-attention", tiny_model)
    assert (code, "is not one without attention" in err) == (2, True)
    assert not (tmp_path / "study").exists()
    code, _, err = cli(*words, "--without-language", twin)
    assert code == 0
    assert "wrote 9 pictures" in err
    store = Store(tmp_path / "study")
    by_system: dict[str, dict[str, np.ndarray]] = {}
    for item in store.items():
        picture = np.array(Image.open(picture_path(tmp_path / "study", item.id)))
        assert picture.shape == (256, 256, 3)
        by_system.setdefault(item.system, {})[item.photo] = picture
        assert "in color" in item.sentence
    assert {s: len(p) for s, p in by_system.items()} == {"ours": 3, "without_language": 3, "truth": 3}
    for photo, true in by_system["truth"].items():
        ours, blind = by_system["ours"][photo], by_system["without_language"][photo]
        assert np.abs(ours.astype(int) - blind).mean() > 1
        light = [np.array(Image.fromarray(p).convert("L"), float) for p in (ours, true)]
        assert np.corrcoef(light[0].ravel(), light[1].ravel())[0, 1] > 0.9  # the same photo
    settings = store.settings()
    assert settings["systems"]["ours"]["model"] == str(tiny_model)
    assert len(settings["systems"]["without_language"]["sha256"]) == 64
    code, _, err = cli(*words, "--without-language", twin)
    assert (code, "not an empty folder" in err) == (2, True)


def test_the_sentence_is_the_first_caption_with_a_colour():
    captions = [("big petals", " a red flower ", "blue"), ("no colour here",), ("yellow petals",)]
    records = [FlowerRecord(f"{i}.jpg", "test", c, i, "drawn") for i, c in enumerate(captions)]
    chosen = choose_photos(records, 2, 0)
    assert sorted((r.file_name, s) for r, s in chosen) == [("0.jpg", "a red flower"), ("2.jpg", "yellow petals")]
    assert choose_photos(records, 2, 0) == chosen
    with pytest.raises(InputError, match="has 2 photos"):
        choose_photos(records, 3, 0)


@pytest.mark.parametrize(
    "words",
    [
        ("make", "out", "--without-language", "no-such-model", "--data", "."),
        ("make", "out"),
        ("make", "out", "--without-language", "flowers", "--photos", "1"),
        ("serve", "no-such-folder"),
        ("serve", "no-such-folder", "--port", "99999"),
        ("report", "no-such-folder", "-o", "out.json"),
    ],
)
def test_mistakes_end_with_2_and_write_nothing(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple):
    monkeypatch.chdir(tmp_path)
    code, out, err = cli("study", *words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_help_and_store_load_neither_torch_nor_a_server():
    script = (
        "import sys, lbie.cli, lbie.study.store\n"
        "print([m for m in ('torch', 'starlette', 'uvicorn', 'matplotlib', 'cv2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

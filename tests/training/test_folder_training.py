"""End to end on twenty-four photos drawn by code: check, fine-tune from a tiny model, resume, evaluate, edit."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from drawn_folder import disc, write_folder, write_photo
from lbie.errors import InputError
from lbie.model.editing_model import EditingModel
from lbie.training.recipe import Recipe, load_recipe
from lbie.training.trainer import Trainer
from training_steps import after, assert_equal

SHORT = {"epochs": 3, "batch_size": 6, "frozen_stages": 0, "start_rate": 1.0, "learning_rate": 5e-3, "ema": 0.5}


@pytest.fixture(autouse=True)
def no_other_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the data sets, empty: no photos of other things for the domain score."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("LBIE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("own") / "photos", {"train": 16, "val": 4, "test": 4})


def read(model: Path | None, **values: Any) -> Recipe:
    return load_recipe("folder", SHORT | ({"start_from": str(model)} if model else {}) | values)


def test_from_check_to_edit_by_the_commands(
    tiny_model: Path, photos: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, err = cli("data", "folder", photos, "--model", tiny_model)
    assert code == 0, err
    assert "24 photos: train 16, val 4, test 4" in out and "zorb 24" in out.split("does not know")[1]

    settings = [word for k, v in SHORT.items() for word in ("--set", f"{k}={v}")]
    runs = tmp_path / "runs"
    code, out, err = cli("train", "folder", "--data", photos, "--from", tiny_model, "--runs", runs, *settings)
    assert (code, out) == (0, ""), err
    assert "no domain score" in err
    best = runs / "folder" / "best"
    assert yaml.safe_load((runs / "folder" / "recipe.yaml").read_text())["start_from"] == str(tiny_model)
    start, tuned = (EditingModel.load_folder(f) for f in (tiny_model, best))
    assert tuned.config == start.config
    assert tuned.vocabulary.words[: len(start.vocabulary)] == start.vocabulary.words
    assert tuned.vocabulary.words[len(start.vocabulary) :] == ("zorb",)
    assert not tuned.domain.weight.any()

    code, out, err = cli(
        *("evaluate", "folder", "--data", photos, "--model", best),
        *("-o", tmp_path / "results" / "own.json", "--sheet", tmp_path / "out" / "own.png"),
    )
    assert code == 0, err
    assert "own caption" in out and "another photo's caption" in out
    figures = json.loads((tmp_path / "results" / "own.json").read_text())
    assert (figures["photos"], figures["split"], figures["without_a_known_word"]) == (4, "test", 0)
    assert len(figures["provenance"]["data_sha256"]) == 64
    for figure in figures["ab_error"].values():
        assert 0 < figure["low"] <= figure["value"] <= figure["high"]
    ratio = figures["ab_error"]["own_caption"]["value"] / figures["ab_error"]["gray"]["value"]
    assert figures["ab_error"]["own_over_gray"]["value"] == pytest.approx(ratio, abs=1e-3)
    sheet = np.asarray(Image.open(tmp_path / "out" / "own.png"))
    assert sheet.shape == (18 + 8 * 128, 4 * 128, 3) and sheet.std() > 20  # every photo, then the worst again

    write_photo(tmp_path / "gray.png", cv2.cvtColor(cv2.cvtColor(disc("red", 99), cv2.COLOR_RGB2GRAY), 8))
    code, _, err = cli("edit", tmp_path / "gray.png", "the zorb is red", "--model", best, "-o", tmp_path / "red.png")
    assert code == 0 and "does not know" not in err, err
    assert np.ptp(np.asarray(Image.open(tmp_path / "red.png")).astype(int), axis=2).max() > 10


def test_a_start_keeps_the_weights_and_adds_words(tiny_model: Path, photos: Path, tmp_path: Path) -> None:
    start = EditingModel.load_folder(tiny_model)
    torch.nn.init.ones_(start.domain.weight)
    start.save_pretrained(tmp_path / "start")
    trainer = Trainer(read(tmp_path / "start"), photos, tmp_path / "run")
    model, known = trainer._trained, len(start.vocabulary)
    own = dict(model.state_dict())
    words = own.pop("language_encoder.embedding.weight")
    assert not own.pop("domain.weight").any()  # it says what the start was made for
    for name, value in own.items():
        assert torch.equal(value, start.state_dict()[name]), name
    assert torch.equal(words[:known], start.language_encoder.embedding.weight)
    assert len(words) > known and words[known:].std() > 0.3
    text = "the zorb is red in color"
    assert model.vocabulary.encode(text, 64).unknown == () and start.vocabulary.encode(text, 64).unknown == ("zorb",)
    slow = Trainer(read(tiny_model, start_rate=0.2), photos, tmp_path / "slow").optimizer
    assert slow.param_groups[0]["initial_lr"] == pytest.approx(0.2 * trainer.optimizer.param_groups[0]["initial_lr"])


@pytest.mark.parametrize("steps", [2, 3])  # at the end of an epoch and within one
def test_resumed_is_uninterrupted(tiny_model: Path, photos: Path, tmp_path: Path, steps: int) -> None:
    values = read(tiny_model)
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    assert Trainer(values, photos, straight).run().step == 6
    with pytest.MonkeyPatch.context() as patch:
        after(patch, steps, signal.SIGTERM)
        assert Trainer(values, photos, parts).run().step == steps
    assert Trainer(values, photos, parts, resume=True).run().step == 6
    assert_equal(*(torch.load(f / "last.ckpt", weights_only=True) for f in (straight, parts)))
    assert_equal(*(EditingModel.load_folder(f / "best").state_dict() for f in (straight, parts)))


def test_without_a_start(photos: Path, tmp_path: Path, tiny_values: dict[str, Any]) -> None:
    values = tiny_values | SHORT | {"data": "folder", "epochs": 1}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(values))
    trainer = Trainer(load_recipe(str(tmp_path / "own.yaml")), photos, tmp_path / "run")
    assert trainer.run().step == 2
    words = ["the", "zorb", "is", "in", "color", "red", "blue", "yellow", "white"]
    assert sorted(trainer.training_set.vocabulary.words[2:]) == sorted(words)


def test_the_domain_score_is_fitted_where_there_are_other_photos(
    tiny_model: Path, photos: Path, tmp_path: Path, no_other_photos: Path
) -> None:
    for i in range(6):
        write_photo(no_other_photos / "photos" / "unlabelled" / f"{i}.jpg", disc("blue", i)[::-1])
    Trainer(read(tiny_model, epochs=1), photos, tmp_path / "run").run()
    assert EditingModel.load_folder(tmp_path / "run" / "best").domain.weight.any()


def test_what_cannot_be_a_start_is_refused(tiny_model: Path, photos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match="cannot be set"):
        read(tiny_model, **{"model.width": 64})
    with pytest.raises(InputError, match=r"frozen_stages"):
        read(tiny_model, frozen_stages=2)
    shapes = tmp_path / "shapes"
    shutil.copytree(tiny_model, shapes)
    config = json.loads((shapes / "config.json").read_text()) | {"task": "shapes"}
    (shapes / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="task 'shapes'"):
        read(shapes)
    with pytest.raises(InputError, match="--data"):
        Trainer(read(tiny_model), None, tmp_path / "run")


def test_the_recipe_of_a_run_can_be_run_again(tiny_model: Path, tmp_path: Path) -> None:
    from lbie.training.recipe import recipe_dict

    recipe = read(tiny_model)
    (tmp_path / "copy.yaml").write_text(yaml.safe_dump(recipe_dict(recipe)))
    assert load_recipe(str(tmp_path / "copy.yaml")) == recipe
    assert recipe.model.width == 32 and recipe.name == "folder"


@pytest.mark.parametrize("split", ["train", "val"])
def test_sentences_without_a_known_word(split: str, tmp_path: Path, tiny_values: dict[str, Any]) -> None:
    """A photo whose words are all too rare is left out; where that leaves none, a line says so."""
    folder = write_folder(tmp_path / "photos", {"train": 4, "val": 2})
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    odd = [i for i, row in enumerate(rows) if row["split"] == split]
    for i in odd[1:]:
        rows[i]["text"] = f"word{i}"
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "own.yaml").write_text(
        yaml.safe_dump(tiny_values | SHORT | {"data": "folder", "epochs": 1, "min_word_count": 1 + (split == "train")})
    )
    rows[odd[0]]["text"] = "alone"
    recipe = load_recipe(str(tmp_path / "own.yaml"))
    if split == "val":
        assert len(Trainer(recipe, folder, tmp_path / "run").training_set.validate.records) == 1  # type: ignore[attr-defined]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(InputError, match="min_word_count" if split == "train" else "the split 'val'"):
        Trainer(recipe, folder, tmp_path / "other")


def test_evaluation_leaves_out_what_the_model_cannot_read(
    tiny_model: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]
) -> None:
    folder = write_folder(tmp_path / "photos", {"test": 4})
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    rows[2]["text"], rows[3]["text"] = "scheibe", ["scheibe", "it is red"]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    words = ("--model", tiny_model, "-o", tmp_path / "a.json", "--sheet", tmp_path / "a.png")
    code, out, err = cli("evaluate", "folder", "--data", folder, *words)
    assert code == 0 and "model knows: 1" in out, err
    figures = json.loads((tmp_path / "a.json").read_text())
    assert (figures["photos"], figures["without_a_known_word"]) == (3, 1)


def test_evaluation_refuses_what_it_cannot_measure(
    tiny_model: Path, photos: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]
) -> None:
    output = tmp_path / "a.json"
    for data, model, split, named in (
        (photos, tmp_path, "test", "config.json"),
        (tmp_path, tiny_model, "test", "metadata.jsonl"),
        (photos, tiny_model, "tset", "tset"),
        (write_folder(tmp_path / "one", {"test": 1}), tiny_model, "test", "two or more"),
    ):
        words = ("--data", data, "--model", model, "--split", split, "-o", output, "--sheet", tmp_path / "a.png")
        code, _, err = cli("evaluate", "folder", *words)
        assert code == 2 and named in err, err
    assert not output.exists() and not (tmp_path / "a.png").exists()

from __future__ import annotations

import csv
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from drawn import write_flowers
from lbie.errors import InputError, ResourceError
from lbie.model.editing_model import EditingModel
from lbie.training.recipe import Recipe, load_recipe
from lbie.training.trainer import Trainer
from training_steps import after, assert_equal

SHORT = {"epochs": 3, "batch_size": 2, "validate_every": 2, "target_steps": 2.0, "counterfactual": 0.5}


@pytest.fixture
def recipe(tmp_path: Path, tiny_values: dict[str, Any]) -> Path:
    """A recipe of twelve steps."""
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(tiny_values | SHORT))
    return tmp_path / "short.yaml"


def read(recipe: Path, **values: Any) -> Recipe:
    return load_recipe(str(recipe), values)


def logged(folder: Path, name: str) -> list[int]:
    rows = csv.DictReader((folder / "logs" / "metrics.csv").open())
    return sorted(int(r["step"]) for r in rows if r.get(name))


@pytest.mark.parametrize(
    ("estimator", "steps", "adversary"),
    [("gumbel", 4, 0.0), ("marginal", 4, 0.1), ("gumbel", 6, 0.1), ("marginal", 6, 0.0)],
)  # steps at the end of an epoch and within one
def test_resumed_is_uninterrupted(
    recipe: Path, drawn_flowers: Path, tmp_path: Path, estimator: str, steps: int, adversary: float
) -> None:
    opposed = {"adversary.weight": adversary, "adversary.after": 0.0}
    values = read(recipe, **{"model.estimator": estimator, "model.word_dropout": 0.2}, **opposed)
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    assert Trainer(values, drawn_flowers.parent, straight).run().step == 12
    with pytest.MonkeyPatch.context() as patch:
        after(patch, steps, signal.SIGTERM)
        assert Trainer(values, drawn_flowers.parent, parts).run().step == steps
    assert Trainer(values, drawn_flowers.parent, parts, resume=True).run().step == 12
    states = [torch.load(f / "last.ckpt", weights_only=True) for f in (straight, parts)]
    assert states[0]["progress"]["price"] != values.step_price  # the steered price is part of the state
    assert_equal(*states)
    weights = [EditingModel.load_folder(f / "best").state_dict() for f in (straight, parts)]
    assert_equal(*weights)
    assert (straight / "best" / "validation.json").read_text() == (parts / "best" / "validation.json").read_text()
    assert logged(parts, "val_score") == logged(straight, "val_score") == [8, 12]
    table = Path("logs") / "metrics.csv"
    assert (parts / table).read_bytes() == (straight / table).read_bytes()
    assert bool(logged(parts, "discriminator")) == bool(adversary)
    assert 0 in logged(parts, "loss")  # that of the first session is kept
    assert (parts / "curve.png").stat().st_size > 5000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_a_run_cleanly(
    number: int, recipe: Path, drawn_flowers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(number)
    after(monkeypatch, 5, number)
    progress = Trainer(read(recipe), drawn_flowers.parent, tmp_path / "run").run()
    assert (progress.step, progress.stopped_by) == (5, number)
    assert signal.getsignal(number) is before
    state = torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)
    assert state["progress"]["step"] == 5 and state["progress"]["stopped_by"] is None
    assert not (tmp_path / "run" / "curve.png").exists()
    assert not list((tmp_path / "run").glob("*.part"))


def test_a_folder_with_a_run_is_not_begun_again(recipe: Path, drawn_flowers: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "last.ckpt").write_bytes(b"x")
    with pytest.raises(InputError, match="--resume"):
        Trainer(read(recipe), drawn_flowers.parent, tmp_path / "run")
    assert (tmp_path / "run" / "last.ckpt").read_bytes() == b"x"


def test_resuming_needs_the_same_recipe_data_and_a_whole_checkpoint(
    recipe: Path, drawn_flowers: Path, tmp_path: Path
) -> None:
    folder, plain = tmp_path / "run", tmp_path / "plain.yaml"  # without counterfactuals the data decides the words
    plain.write_text(yaml.safe_dump(yaml.safe_load(recipe.read_text()) | {"counterfactual": 0.0, "name": "short"}))
    with pytest.raises(InputError, match="cannot resume"):
        Trainer(read(plain), drawn_flowers.parent, folder, resume=True)
    Trainer(read(plain, epochs=1), drawn_flowers.parent, folder).run()
    whole, written = (folder / "last.ckpt").read_bytes(), (folder / "recipe.yaml").read_text()
    with pytest.raises(InputError, match="another recipe"):
        Trainer(read(plain, epochs=2), drawn_flowers.parent, folder, resume=True)
    other = write_flowers(tmp_path / "flowers", {"train": 1, "val": 1})
    with pytest.raises(InputError, match=r"last\.ckpt.*size mismatch"):
        Trainer(read(plain, epochs=1), other.parent, folder, resume=True)
    for broken in (whole[: len(whole) // 2], b""):
        (folder / "last.ckpt").write_bytes(broken)
        with pytest.raises(InputError, match=r"last\.ckpt"):
            Trainer(read(plain, epochs=1), drawn_flowers.parent, folder, resume=True)
    for other_state in ({"a": 1}, [1, 2], 3):
        torch.save(other_state, folder / "last.ckpt")
        with pytest.raises(InputError, match=r"last\.ckpt"):
            Trainer(read(plain, epochs=1), drawn_flowers.parent, folder, resume=True)
    assert (folder / "recipe.yaml").read_text() == written
    (folder / "last.ckpt").write_bytes(whole)
    assert (
        Trainer(read(plain, epochs=1), drawn_flowers.parent, folder, resume=True).run().step == 4
    )  # nothing left to do


def test_a_loss_that_is_no_number_ends_the_run_and_saves_its_batch(
    recipe: Path, drawn_flowers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "lbie.training.photo_training_set.colorize_loss", lambda *_: torch.tensor(torch.nan, requires_grad=True)
    )
    trainer = Trainer(read(recipe), drawn_flowers.parent, tmp_path / "run")
    with pytest.raises(ResourceError, match=r"nan at step 0.*bad-batch\.pt"):
        trainer.run()
    saved = torch.load(tmp_path / "run" / "bad-batch.pt", weights_only=True)
    assert_equal(saved, vars(trainer.batches.batch(0)))


def test_seeds_decide_the_weights(recipe: Path, drawn_flowers: Path, tmp_path: Path) -> None:
    one, two, other = (
        Trainer(read(recipe, seed=s), drawn_flowers.parent, tmp_path / f"run{i}").model.state_dict()
        for i, s in enumerate((0, 0, 1))
    )
    assert_equal(dict(one), dict(two))
    assert not torch.equal(one["fusion.key.weight"], other["fusion.key.weight"])


def test_frozen_stages_stay_as_they_are(recipe: Path, drawn_flowers: Path, tmp_path: Path) -> None:
    values = read(
        recipe,
        **{"model.image_encoder": {"kind": "efficientnet_lite0"}, "imagenet": True, "frozen_stages": 2, "epochs": 1},
    )
    trainer = Trainer(values, drawn_flowers.parent, tmp_path / "run")
    backbone = trainer._trained.image_encoder.backbone
    start = {k: v.clone() for k, v in backbone.state_dict().items()}
    trainer.run()
    frozen = ("stem.", "stages.0.", "stages.1.")
    for name, value in backbone.state_dict().items():
        if name.startswith(frozen):
            assert torch.equal(value, start[name]), name
        elif value.is_floating_point() and value.ndim == 4:
            assert not torch.equal(value, start[name]), name


def test_train_by_the_command(
    recipe: Path, drawn_flowers: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]
) -> None:
    words = ("train", recipe, "--data", drawn_flowers.parent, "--runs", tmp_path / "runs", "--set", "epochs=1")
    code, out, err = cli(*words)
    assert (code, out) == (0, ""), err
    best = tmp_path / "runs" / "short" / "best"
    assert EditingModel.from_pretrained(best).config.width == 32
    code, _, err = cli(*words)
    assert code == 2 and "--resume" in err
    code, _, err = cli(*words, "--resume")
    assert code == 0, err


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_command_says_how_to_go_on(
    number: int,
    expected: int,
    recipe: Path,
    drawn_flowers: Path,
    tmp_path: Path,
    cli: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    after(monkeypatch, 2, number)
    code, _, err = cli("train", recipe, "--data", drawn_flowers.parent, "--runs", tmp_path / "runs")
    assert code == expected
    assert "stopped at step 2" in err and "--resume" in err


@pytest.mark.parametrize("item", ["epochs", "epochs=[", "epochs=many", "nosuch=1", "epochs.x=1"])
def test_wrong_settings_are_usage_errors(item: str, recipe: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = cli("train", recipe, "--set", item)
    assert code == 2 and item.split("=", maxsplit=1)[0].split(".", maxsplit=1)[0] in err and "Traceback" not in err

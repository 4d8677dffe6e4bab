"""Training survives: a full disk, a damaged checkpoint, a loss that is no number, kills. Nothing is lost or half there.

Each run ends bit for bit where the uninterrupted one ends. Kills in great number: benchmarks/training_kills.py.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from lbie.model.editing_model import EditingModel
from lbie.training import finish, trainer
from lbie.training import photo_training_set as photos
from lbie.training.checkpoint import load_checkpoint, previous
from training_steps import after, assert_equal

SHORT = {"epochs": 3, "batch_size": 2, "target_steps": 2.0, "validate_every": 1}
"""Twelve steps, a checkpoint after each four."""
Train = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def train(cli, drawn_flowers: Path, tmp_path: Path, tiny_values: dict[str, Any]) -> Train:
    """`lbie train` into the folder `runs/short`: exit code, and its lines."""
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(tiny_values | SHORT))

    def call(*options: str) -> tuple[int, list[str]]:
        words = ("train", tmp_path / "short.yaml", "--data", drawn_flowers.parent, "--runs", tmp_path / "runs")
        code, out, err = cli(*words, *options)
        assert out == "" and "Traceback" not in err
        return code, [line for line in err.splitlines() if line.startswith("lbie: ")]

    return call


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "short"


@pytest.fixture(scope="module")
def straight(drawn_flowers: Path, tmp_path_factory: pytest.TempPathFactory, tiny_values: dict[str, Any]) -> Path:
    """Folder of the run that nothing happened to."""
    from lbie.training.recipe import load_recipe

    folder = tmp_path_factory.mktemp("straight")
    (folder / "short.yaml").write_text(yaml.safe_dump(tiny_values | SHORT))
    trainer.Trainer(load_recipe(str(folder / "short.yaml")), drawn_flowers.parent, folder / "short").run()
    return folder / "short"


def assert_same(run: Path, straight: Path) -> None:
    """Same weights, optimiser and figures, and not a file more."""
    for name in ("last.ckpt", "previous.ckpt"):
        assert_equal(load_checkpoint(run / name), load_checkpoint(straight / name))
    assert_equal(*(EditingModel.load_folder(folder / "best").state_dict() for folder in (run, straight)))
    for name in ("best/model.safetensors", "best/validation.json", "logs/metrics.csv", "curve.png"):
        assert (run / name).read_bytes() == (straight / name).read_bytes(), name
    assert names(run) == names(straight)


def names(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(name for name in found if "events.out" not in name and name != "bad-batch.pt")


def at_call(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, number: int, around: Any) -> None:
    """From call `number` of a function on, it is `around` of it."""
    real, calls = getattr(place, name), []

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        return (around(real) if len(calls) >= number else real)(*arguments, **options)

    monkeypatch.setattr(place, name, counted)


def without_room(write: Callable[..., Any]) -> Callable[..., Any]:
    """A function that finds no room for a file of more than 100 bytes."""

    def limited(*arguments: Any, **options: Any) -> Any:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            return write(*arguments, **options)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.mark.parametrize(
    ("place", "name", "number", "saved"),
    [
        (trainer, "save_checkpoint", 2, 4),
        (trainer, "save_checkpoint", 1, None),
        (trainer, "replace_folder", 2, 4),
        (trainer, "write_metrics", 3, 8),
        (finish, "draw_curve", 1, 12),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_room_for_a_file(place, name, number, saved, train, run, straight) -> None:
    with pytest.MonkeyPatch.context() as patch:
        at_call(patch, place, name, number, without_room)
        code, lines = train()
    assert code == 5
    (line,) = lines
    assert "cannot write" in line and str(run) in line
    assert ("nothing was saved" if saved is None else f"step {saved} is saved: the same command with --resume") in line
    assert not [name for name in names(run) if ".part" in name or ".best-" in name]
    if saved:
        assert load_checkpoint(run / "last.ckpt")["progress"]["step"] == saved
    code, _ = train(*(["--resume"] if saved else []))
    assert code == 0
    assert_same(run, straight)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MiB, where the runs are."""
    runs = tmp_path / "runs"
    runs.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(runs)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield runs
    subprocess.run(["umount", "-l", str(runs)], check=True)


def test_a_full_disk(small_disk, train, run, straight, monkeypatch) -> None:
    filler = small_disk / "other"

    def fill(write: Callable[..., Any]) -> Callable[..., Any]:
        with filler.open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(2000))
                except OSError:
                    return write

    with pytest.MonkeyPatch.context() as patch:
        at_call(patch, trainer, "save_checkpoint", 2, fill)
        code, (line,) = train()
    assert code == 5 and "No space left on device" in line and "step 4 is saved" in line
    code, (line,) = train("--resume")
    assert code == 5 and "No space left on device" in line, "still no room"
    assert load_checkpoint(run / "last.ckpt")["progress"]["step"] == 4
    filler.unlink()
    assert train("--resume")[0] == 0
    assert_same(run, straight)


@pytest.mark.parametrize("damage", ["cut", "other bytes", "empty", "missing"])
def test_a_damaged_newest_checkpoint(damage: str, train, run, straight, monkeypatch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        after(patch, 10, signal.SIGTERM)
        assert train()[0] == 143
    newest = run / "last.ckpt"
    assert [load_checkpoint(path)["progress"]["step"] for path in (newest, previous(newest))] == [10, 8]
    whole = newest.read_bytes()
    half = len(whole) // 2
    if damage == "missing":
        newest.unlink()
        assert train()[0] == 2, "it holds a run still"
    else:
        newest.write_bytes(
            {"cut": whole[:half], "empty": b""}.get(damage, whole[:half] + bytes(99) + whole[half + 99 :])
        )
    code, lines = train("--resume")
    assert code == 0
    assert "last.ckpt" in lines[0] and "going on from the checkpoint before it, of step 8" in lines[0]
    assert_same(run, straight)


def not_a_number(loss: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    return lambda *values: loss(*values) * torch.nan


def not_a_gradient(loss: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """A loss that is a number, but whose gradient is none."""

    def call(*values: Any) -> torch.Tensor:
        value = loss(*values)
        return value + (value * 0).sqrt()

    return call


@pytest.mark.parametrize(("around", "what"), [(not_a_number, "loss is nan"), (not_a_gradient, "gradients is nan")])
def test_a_loss_that_is_no_number(around, what, train, run, straight) -> None:
    with pytest.MonkeyPatch.context() as patch:
        at_call(patch, photos, "colorize_loss", 7, around)
        code, (line,) = train()
    assert code == 5
    assert f"{what} at step 6; its batch is in '{run}/bad-batch.pt'; step 4 is saved" in line
    batch = torch.load(run / "bad-batch.pt", weights_only=True)
    assert batch["image"].shape[0] == 2 and torch.isfinite(batch["image"]).all()
    assert train("--resume")[0] == 0
    assert_same(run, straight)


def test_memory_that_runs_out(train, run, straight) -> None:
    def refuse(_: Any) -> Callable[..., torch.Tensor]:
        return lambda *_: torch.empty(2**60)

    with pytest.MonkeyPatch.context() as patch:
        at_call(patch, photos, "colorize_loss", 7, refuse)
        code, (line,) = train()
    assert code == 5 and "not enough memory" in line and "batch_size of 2; step 4 is saved" in line
    assert train("--resume")[0] == 0
    assert_same(run, straight)


def test_resuming_where_nothing_was_saved(train) -> None:
    code, (line,) = train("--resume")
    assert code == 2 and "there is none; begin without --resume" in line


@pytest.mark.skipif(sys.platform != "linux", reason="sessions are forked")
def test_killed_and_resumed(tmp_path: Path) -> None:
    script = Path(__file__).resolve().parents[2] / "benchmarks" / "training_kills.py"
    output = tmp_path / "trust.json"
    output.write_text('{"other": 1}')
    words = ["--kills", "3", "--epochs", "4", "-o", str(output)]
    done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads(output.read_text())
    figures = written["training_kills"]
    assert written["other"] == 1 and figures["kills"] == 3
    assert figures["runs_that_differ"] == figures["broken_under_its_own_name"] == 0

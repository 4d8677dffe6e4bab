from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lbie.errors import InputError
from lbie.training.checkpoint import load_checkpoint, replace_folder, save_checkpoint

STATE = {"a": torch.arange(2000.0), "b": {"step": 3, "best": 0.5, "list": [1, 2]}}


def test_round_trip(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "last.ckpt", STATE)
    loaded = load_checkpoint(tmp_path / "last.ckpt")
    assert torch.equal(loaded["a"], STATE["a"]) and loaded["b"] == STATE["b"]
    assert [p.name for p in tmp_path.iterdir()] == ["last.ckpt"]


@pytest.mark.parametrize("after", [0, 100])
def test_a_failing_write_leaves_the_old_state(after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path / "last.ckpt", STATE)

    def fail(_: object, file: Any) -> None:
        file.write(b"x" * after)
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        save_checkpoint(tmp_path / "last.ckpt", {"a": 0})
    assert load_checkpoint(tmp_path / "last.ckpt")["b"] == STATE["b"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated(share: float, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    save_checkpoint(path, STATE)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"last\.ckpt"):
        load_checkpoint(path)


def test_missing_or_with_code_inside(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"last\.ckpt"):
        load_checkpoint(tmp_path / "last.ckpt")

    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "exploded",)

    torch.save({"a": Bomb()}, tmp_path / "last.ckpt")
    with pytest.raises(InputError):
        load_checkpoint(tmp_path / "last.ckpt")
    assert not (tmp_path / "exploded").exists()


def write_new(folder: Path) -> None:
    (folder / "new").write_text("new")


@pytest.mark.parametrize("there", [True, False])
def test_replace_folder(there: bool, tmp_path: Path) -> None:
    target = tmp_path / "run" / "best"
    if there:
        target.mkdir(parents=True)
        (target / "old").write_text("old")
    replace_folder(target, write_new)
    assert [p.name for p in target.iterdir()] == ["new"]
    assert [p.name for p in target.parent.iterdir()] == ["best"]


def test_replace_folder_keeps_the_old_one_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "best"
    target.mkdir()
    (target / "old").write_text("old")

    def fail(folder: Path) -> None:
        write_new(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_folder(target, fail)
    assert [p.name for p in tmp_path.rglob("*")] == ["best", "old"]

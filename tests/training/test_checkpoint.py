from __future__ import annotations

import errno
import os
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from lbie.errors import InputError, ResourceError
from lbie.training.checkpoint import clear_away, load_checkpoint, load_newest, previous, replace_folder, save_checkpoint
from training_steps import assert_equal

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
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(ResourceError, match="disk full"):
        save_checkpoint(tmp_path / "last.ckpt", {"a": 0})
    assert load_checkpoint(tmp_path / "last.ckpt")["b"] == STATE["b"]
    assert [p.name for p in tmp_path.iterdir()] == ["last.ckpt"]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated(share: float, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    save_checkpoint(path, STATE)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"last\.ckpt"):
        load_checkpoint(path)


def test_other_bytes(tmp_path: Path) -> None:
    """Whatever byte is another: what was written, or a refusal."""
    path, rng, refused = tmp_path / "last.ckpt", random.Random(0), 0
    save_checkpoint(path, STATE)
    whole = path.read_bytes()
    for _ in range(300):
        place = rng.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ rng.randrange(1, 256)]) + whole[place + 1 :])
        try:
            assert_equal(load_checkpoint(path), STATE)
        except InputError as error:
            assert "last.ckpt" in str(error)
            refused += 1
    assert refused > 200


def test_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    for step in range(3):
        save_checkpoint(path, {"step": step})
    assert load_newest(path) == ({"step": 2}, None)
    assert load_checkpoint(previous(path)) == {"step": 1}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["last.ckpt", "previous.ckpt"]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", "cut", "other"])
def test_the_one_before_takes_the_place_of_a_damaged_one(content: bytes | str | None, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    for step in (1, 2):
        save_checkpoint(path, STATE | {"step": step})
    whole = path.read_bytes()
    if content is None:
        path.unlink()
    else:
        middle = len(whole) // 2
        damaged = {"cut": whole[:middle], "other": whole[:middle] + b"damage" + whole[middle + 6 :]}
        path.write_bytes(damaged[content] if isinstance(content, str) else content)
    state, damage = load_newest(path)
    assert state["step"] == 1 and damage is not None and "last.ckpt" in damage
    assert load_checkpoint(path)["step"] == 1 and not previous(path).exists()


def test_neither_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"x")
    previous(path).write_bytes(b"y")
    with pytest.raises(InputError, match=r"last\.ckpt.*previous\.ckpt"):
        load_newest(path)
    assert path.read_bytes() == b"x" and previous(path).read_bytes() == b"y"


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


@pytest.mark.parametrize("kill_at", [0, 1])
def test_a_kill_between_the_renames_loses_no_folder(
    kill_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, replace, calls = tmp_path / "best", os.replace, []
    target.mkdir()
    (target / "old").write_text("old")

    def killed(*places: Path) -> None:
        if len(calls) == kill_at:
            os._exit(0)
        calls.append(places)
        replace(*places)

    if (child := os.fork()) == 0:
        monkeypatch.setattr(os, "replace", killed)
        replace_folder(target, write_new)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    (tmp_path / ".lbie-1.part").touch()
    (tmp_path / "last.ckpt.part").touch()
    assert len(list(tmp_path.iterdir())) == 4
    clear_away(tmp_path, target)
    assert [p.name for p in tmp_path.iterdir()] == ["best"] and (target / "old").read_text() == "old"

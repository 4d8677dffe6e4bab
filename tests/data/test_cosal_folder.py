"""Worlds on disk, by the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lbie.data.cosal import SUITES, World, folder, generate
from lbie.data.cosal.folder import write_folder
from lbie.data.cosal.shapes import COLOURS, KINDS
from lbie.data.cosal.sheet import draw_sheet
from lbie.errors import InputError

Cli = Callable[..., tuple[int, str, str]]
NAMES = ["classes", "images", "metadata.jsonl", "sheet.png", "targets"]


@pytest.fixture
def without_datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "find_spec", lambda _: None)


def contents(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


@pytest.mark.usefixtures("without_datasets")
@pytest.mark.parametrize("suite", SUITES)
def test_round_trip(suite: str, tmp_path: Path) -> None:
    output = tmp_path / "new" / "cosal"
    assert write_folder(output, suite, "val", 30, seed=2) == (30, False)
    assert sorted(p.name for p in output.iterdir()) == NAMES
    rows = [json.loads(line) for line in (output / "metadata.jsonl").read_text("utf-8").splitlines()]
    for row, world in zip(rows, generate(suite, "val", 30, seed=2), strict=True):
        assert row["file_name"] == f"images/{world.index:06d}.png" and row["index"] == world.index
        sketch = Image.open(output / row["file_name"])
        assert sketch.mode == "L" and sketch.size == (48, 48)
        np.testing.assert_array_equal(np.array(sketch.convert("RGB")), world.source)
        np.testing.assert_array_equal(np.array(Image.open(output / row["target_file_name"])), world.target)
        classes = Image.open(output / row["classes_file_name"])
        np.testing.assert_array_equal(np.array(classes), world.classes)
        np.testing.assert_array_equal(np.array(classes.convert("RGB")), world.target)
        assert row["sentences"] == list(world.sentences) and row["references"] == world.references
        assert row["hops"] == dict(zip(KINDS, world.hops, strict=True))
        assert row["colors"] == {k: COLOURS[c] for k, c in zip(KINDS, world.colours, strict=True)}
        assert row["arrangement"] == [KINDS[k] for k in world.arrangement]
        assert row["programme"] == [s.record() for s in world.programme]
        assert {p["target"] for p in row["programme"]} == set(KINDS)
    assert len(contents(output)) == 3 * 30 + 2


@pytest.mark.usefixtures("without_datasets")
def test_by_the_command(tmp_path: Path, cli: Cli) -> None:
    words = ("data", "cosal", "--suite", "paper", "--split", "test", "--num", 12, "--direct", "1,9", "--out")
    code, out, err = cli(*words, tmp_path / "a")
    assert (code, out) == (0, "")
    assert err.splitlines()[0] == "lbie: no Parquet: it needs the package 'datasets': pip install 'lbie[data]'"
    assert "wrote 12 worlds" in err and "Traceback" not in err
    assert cli(*words, tmp_path / "b")[0] == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    forms = [json.loads(line)["programme"][1]["form"] for line in (tmp_path / "a" / "metadata.jsonl").open()]
    assert set(forms) == {"direct", "relational"}
    (tmp_path / "empty").mkdir()
    assert cli(*words, tmp_path / "empty")[0] == 0
    assert contents(tmp_path / "empty") == contents(tmp_path / "a")


WRONG = {
    "suite": (["--suite", "other"], "no suite 'other'"),
    "split": (["--split", "dev"], "no split 'dev'"),
    "none": (["--num", "0"], "at least one world"),
    "negative": (["--num", "-3"], "at least one world"),
    "ten": (["--direct", "10"], "1 to 9"),
    "words": (["--direct", "four"], "--direct takes numbers"),
    "nothing": (["--direct", ""], "--direct takes numbers"),
    "chain": (["--suite", "chain", "--direct", "4"], "--direct is for the suites paper and wording"),
}


@pytest.mark.parametrize("how", WRONG)
def test_what_is_wrong_is_named_and_nothing_is_written(how: str, tmp_path: Path, cli: Cli) -> None:
    options, named = WRONG[how]
    code, out, err = cli("data", "cosal", "--num", "3", "--out", tmp_path / "out", *options)
    assert (code, out) == (2, "") and named in err and len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_output_in_use_is_left_alone(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    before = contents(tmp_path)
    for output, named in (("used", "exists already"), ("file", "exists already"), ("work", "working folder")):
        code, _, err = cli("data", "cosal", "--num", "3", "--out", tmp_path / output)
        assert code == 2 and named in err and len(err.splitlines()) == 1
    code, _, err = cli("data", "cosal", "--num", "3", "--out", tmp_path / "file" / "below")
    assert code == 2 and len(err.splitlines()) == 1
    assert contents(tmp_path) == before


@pytest.mark.usefixtures("without_datasets")
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("empty", [False, True])
def test_a_failure_leaves_nothing(
    error: BaseException, empty: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    written: list[Path] = []

    def fail(path: Path, classes: np.ndarray) -> None:
        written.append(path)
        if len(written) == 5:
            raise error
        path.write_bytes(b"")

    monkeypatch.setattr(folder, "_write_classes", fail)
    if empty:
        (tmp_path / "out").mkdir()
    code, _, _ = cli("data", "cosal", "--num", "30", "--out", tmp_path / "out")
    assert code == (5 if isinstance(error, OSError) else 130) and len(written) == 5
    assert [p.name for p in tmp_path.iterdir()] == (["out"] if empty else [])
    assert not list(tmp_path.glob("out/*"))


def test_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(folder, "SHARD", 20)
    assert write_folder(tmp_path / "out", "chain", "test", 50) == (50, True)
    files = sorted((tmp_path / "out" / "parquet").iterdir())
    assert [p.name for p in files] == [f"{i:05d}-of-00003.parquet" for i in range(3)]
    loaded = {
        "parquet": datasets.load_dataset("parquet", data_files=[str(p) for p in files], cache_dir=str(tmp_path / "c")),
        "folder": datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "c")),
    }
    for data in loaded.values():
        for row, world in zip(data["train"], generate("chain", "test", 50), strict=True):
            np.testing.assert_array_equal(np.array(row["image"]), world.source[..., 0])
            np.testing.assert_array_equal(np.array(row["target"]), world.target)
            np.testing.assert_array_equal(np.array(row["classes"]), world.classes)
            assert row["sentences"] == list(world.sentences)
            assert row["programme"] == [s.record() for s in world.programme]
            assert row["hops"] == dict(zip(KINDS, world.hops, strict=True))


@pytest.mark.parametrize("count", [1, 4, 30])
def test_the_sheet_shows_the_pictures(count: int) -> None:
    worlds: list[World] = list(generate("wording", "test", count))
    sheet = np.array(draw_sheet(worlds))
    large = np.repeat(np.repeat(worlds[0].target, 3, 0), 3, 1)
    np.testing.assert_array_equal(sheet[10:154, 164:308], large)
    assert sheet.shape[1] == min(count, 3) * (sheet.shape[1] // min(count, 3))
    assert sheet.shape[0] >= 164 * -(-min(count, 24) // 3)


def test_the_output_is_checked_before_anything_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="exists already"):
        write_folder(tmp_path, "nonsense", "test")

"""The commands of docs/own-photos.md work as they stand, in their order."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from drawn_folder import disc, write_folder, write_photo

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "own-photos.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line]
SHORTER = ["--set", "epochs=1", "--set", "limit=4", "--set", "validate_every=1"]


def test_commands_in_order(tmp_path: Path, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training is cut to one step on four photos."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LBIE_DATA", str(tmp_path))
    write_folder(tmp_path / "photos", {"train": 4, "val": 2, "test": 2})
    write_photo(tmp_path / "photos" / "roses" / "1.jpg", disc("red", 0))
    assert [line.split()[1] for line in SHELL] == ["data", "train", "evaluate", "evaluate", "edit"]
    for line in SHELL:
        words = shlex.split(line)
        code, _, err = cli(*words[1:], *(SHORTER if words[1] == "train" else ()))
        assert code == 0, (line, err)
    for path in ("results/folder.json", "results/before.json", "out/folder.png", "yellow.png"):
        assert (tmp_path / path).stat().st_size > 500, path


def test_example_lines_are_read() -> None:
    from lbie.data.folder import parse_line

    lines = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()
    assert [parse_line(line)[0] for line in lines] == ["roses/1.jpg", "roses/2.jpg"]
    assert all(json.loads(line)["file_name"] in PAGE for line in lines)


def test_options_and_paths_named_exist(cli) -> None:
    helps = "".join(cli(*words, "--help")[1] for words in (("train",), ("evaluate", "folder"), ("edit",)))
    for option in set(re.findall(r"`?(--[a-z]+)", PAGE)):
        assert option in helps, option
    for path in re.findall(r"`(src/[\w./-]+)`", PAGE):
        assert (ROOT / path).exists(), path

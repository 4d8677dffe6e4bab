"""What docs/photos.md says can be asked is understood, and its commands have the options that it names."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from found_by_colour import FindsColours, boxes, write_photo, write_stand_in
from lbie import registry
from lbie.data.phrases import open_phrases
from lbie.editing.choose import choose_model
from lbie.editing.request import commands, parse_request
from lbie.image_io import read_image
from lbie.samples import sample_path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "photos.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line]
ROWS = re.findall(r"^\|([^|\d]*)\| ([^|]+) \|$", PAGE.split("## `lbie segment`")[0], re.MULTILINE)[1:]
KINDS = {"a colour": "colour", "no colour": "gray out", "out of focus": "blur", "cut out": "cut out"}


def test_each_example_is_read_as_the_table_says() -> None:
    group, seen = "", set()
    photo = read_image(sample_path("coffee"))
    for head, sentence in ROWS:
        group = head.strip() or group
        kind = parse_request(sentence).change.kind
        seen.add(kind)
        expected = next((k for start, k in KINDS.items() if group.startswith(start)), None)
        assert kind == expected or (expected is None and kind in ("brighten", "darken")), (group, sentence)
        assert commands(sentence) and choose_model(photo, sentence).model == "photos", sentence
    assert len(seen) == 6 and len(ROWS) == 17


def test_commands(cli, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the stand-in, to which every phrase is of the red cup."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", tmp_path / "weights")
    write_stand_in(tmp_path / "weights" / "photos")
    monkeypatch.setattr("lbie.runtime.load_runtime", lambda *_: FindsColours())
    write_photo(tmp_path / "photo.jpg", boxes(), quality=95)
    for line in SHELL:
        words = shlex.split(line)
        if words[1] == "data":
            assert all(word in cli(*words[1:3], "--help")[1] for word in words if word.startswith("--"))
            continue
        said = [re.sub(r"the (car|cat|dog)", "the red cup", word) for word in words[1:]]
        code, _, err = cli(*said)
        assert code == 0, (line, err)
    assert {p.name for p in tmp_path.glob("*.*")} >= {"mask.png", "seen.png", "out.jpg", "rest.png", "dog.json"}


def test_python(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", tmp_path / "weights")
    write_stand_in(tmp_path / "weights" / "photos")
    monkeypatch.setattr("lbie.runtime.load_runtime", lambda *_: FindsColours())
    write_photo(tmp_path / "photo.jpg", boxes(), quality=95)
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    exec(re.sub(r"the (cat|dog)", "the red cup", code), {})
    assert {"cut-out.png", "red.png"} <= {p.name for p in tmp_path.iterdir()}


def test_lines_of_phrases_are_read(tmp_path) -> None:
    lines = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0]
    assert len([json.loads(line) for line in lines.splitlines()]) == 2
    (tmp_path / "phrases.jsonl").write_text(lines)
    (tmp_path / "photos").mkdir()
    (tmp_path / "masks").mkdir()
    write_photo(tmp_path / "photos" / "1.jpg", boxes())
    write_photo(tmp_path / "masks" / "1-cup.png", (boxes() * 0 + 255))
    assert not open_phrases(tmp_path).missing


def test_options_named_exist(cli) -> None:
    helps = "".join(cli(*words, "--help")[1] for words in (("segment",), ("edit",)))
    for option in set(re.findall(r"`(--[a-z-]+)", PAGE)):
        assert option in helps, option

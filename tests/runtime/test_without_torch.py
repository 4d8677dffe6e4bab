"""The core install has no torch: what does not train works without it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lbie.registry import bundled_models
from lbie.samples import sample_path

BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision", "lightning", "torchmetrics", "onnx", "onnxscript"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
import importlib.util
real = importlib.util.find_spec
gone = ("torch", "lightning", "onnxscript")
importlib.util.find_spec = lambda name, package=None: None if name in gone else real(name, package)
"""
CALL = BLOCKED + "sys.argv = ['lbie', *sys.argv[1:]]\nfrom lbie.cli import main\nmain()\n"


def lbie(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", CALL, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_an_edit(tmp_path):
    done = lbie(
        tmp_path,
        "edit",
        "sample:flower",
        "The flower is blue in color.",
        "-o",
        "out.png",
        "--explain",
        "steps.png",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == "flowers"
    assert (tmp_path / "out.png").stat().st_size > 1000 and (tmp_path / "steps.png").stat().st_size > 1000


def test_a_phrase(tmp_path, monkeypatch):
    """And nothing is written beside: ONNX Runtime's reports of its use are off."""
    for name, folder in (("HOME", "home"), ("TMPDIR", "temporary")):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    done = lbie(tmp_path, "segment", "sample:chelsea", "the cat", "-o", "mask.png")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mask.png").stat().st_size > 1000
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["home", "mask.png", "temporary"]


def test_a_folder(tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copyfile(sample_path("shapes"), tmp_path / "in" / "a.png")
    done = lbie(tmp_path, "batch", "in", "The circle is red.", "-o", "results", "--model", "cosal")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results" / "a.png").stat().st_size > 1000


@pytest.mark.parametrize(
    "words",
    [
        ("edit", "sample:shapes", "The circle is red.", "-o", "out.png", "--model", "cosal", "--runtime", "torch"),
        ("edit", "sample:shapes", "The circle is red.", "-o", "out.png", "--model", "cosal", "--device", "cuda"),
        ("train", "flowers"),
        ("export", "cosal", "-o", "out"),
        ("evaluate", "flowers"),
    ],
    ids=lambda words: " ".join(words[-2:]),
)
def test_what_needs_torch_says_so(tmp_path, words):
    done = lbie(tmp_path, *words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "lbie[train]" in done.stderr


def test_the_server(tmp_path):
    """It edits by each of the bundled models as it starts."""
    code = BLOCKED + (
        "from lbie.server.models import Models\nprint(len(Models('auto').cards()), 'torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, [str(len(bundled_models())), "False"]), done.stderr

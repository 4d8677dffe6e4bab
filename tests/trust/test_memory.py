"""Memory that runs out: exit code 5, one line, and nothing written."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

LIMITED = """
import resource, sys
import cv2, onnxruntime, torch
import lbie.editor, lbie.runtime
from lbie.cli import main

torch.set_num_threads(1)
cv2.setNumThreads(1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]) * 2**20,) * 2)
sys.argv[:] = ["lbie", *sys.argv[2:]]
main()
"""
"""Runs `lbie` with so many MiB over what it takes once all is loaded."""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of address space as on Linux")
@pytest.mark.parametrize(
    ("model", "sentence", "spare"),
    [
        ("flowers", "The flower is blue.", 150),
        ("photos", "blur everything", 40),
        pytest.param("flowers", "The flower is blue.", 400, marks=pytest.mark.slow),
        pytest.param("photos", "blur everything", 400, marks=pytest.mark.slow),
    ],
)
def test_out_of_memory(tmp_path, model, sentence, spare):
    side = 5_000
    Image.fromarray(np.tile(np.arange(side, dtype=np.uint8), (side, 1))).save(tmp_path / "large.png", compress_level=1)
    (tmp_path / "there.png").write_bytes(b"before")
    command = ["edit", "large.png", sentence, "-o", "there.png", "--model", model, "--device", "cpu"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(spare), *command], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "error" in line]
    assert "memory" in line
    assert {path.name for path in tmp_path.iterdir()} == {"large.png", "there.png"}, "no file beside it"
    assert (tmp_path / "there.png").read_bytes() == b"before"

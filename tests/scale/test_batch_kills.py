"""`lbie batch` killed and resumed: benchmarks/batch_kills.py in short, with workers that know no model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at processes as Linux shows them")
def test_killed_and_resumed(tmp_path) -> None:
    output = tmp_path / "figures.json"
    words = ["--photos", "40", "--bad", "10", "--kills", "3", "--most-delay", "0.1", "-o", str(output)]
    words += ["--workers", "2", "--script", str(HERE / "quick_batch.py")]
    script = str(HERE.parents[1] / "benchmarks" / "batch_kills.py")
    done = subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text())
    assert figures["results_identical"] == 40 and figures["bad_files_named"] == 10 and len(figures["kills"]) == 3
    assert figures["results_written_again"] == figures["results_broken_at_a_kill"] == 0
    assert figures["parts_left_at_the_end"] == 0 and figures["exit_code"] == 2

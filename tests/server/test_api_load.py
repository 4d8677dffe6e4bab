from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("skimage", reason="needs lbie[demo]")
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "serve_load.py"


def test_ten_clients_at_once_get_what_the_editor_gives(tmp_path: Path):
    place = tmp_path / "server.json"
    command = [sys.executable, BENCHMARK, "--seconds", "4", "--rounds", "5", "-o", place]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=250)
    figures = json.loads(place.read_text())
    load = figures["load"]
    assert load["clients"] == 10
    assert load["errors_other_than_429"] == 0
    assert load["results_that_differ_from_the_editor"] == 0
    assert load["requests"]["200"] >= 10
    assert load["memory_growth"] < 1.5  # it is not yet full: the run of results/server.json is longer
    assert figures["next_sentence"]["ratio"] < 0.6  # one of few, on a machine that does other things

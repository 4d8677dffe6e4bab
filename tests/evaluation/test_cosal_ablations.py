from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lbie.model.config import ModelConfig
from lbie.training.recipe import Recipe, load_recipe

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
TINY = (
    *("model.width=8", "model.embedding=4", "model.image_encoder.channels=[4, 4, 4, 4]"),
    *("model.decoder_channels=[4, 4, 4, 4]", "cosal.worlds=64", "batch_size=8"),
)
NAMES = ("full", "no-recurrence", "price-x5")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("cosal_ablations")


def test_every_variant_is_a_recipe(script: ModuleType) -> None:
    recipe = load_recipe("cosal")
    known = script.variants(recipe)
    loaded = {name: load_recipe("cosal", dict(change)) for name, change in known.items()}
    assert len({str(script.without_budget(r)) for r in loaded.values()}) == len(known)
    assert loaded["price-x25"].step_price == pytest.approx(25 * recipe.step_price)
    assert loaded["full"] == recipe
    assert loaded["no-lessons"].cosal.lessons == recipe.cosal.lessons[-1:]
    assert {lesson.max_steps for lesson in loaded["no-recurrence"].cosal.lessons} == {1}


def test_the_most_useful_runs_come_first(script: ModuleType) -> None:
    order = script.ordered(["full", "gumbel", "no-lookup", "no-recurrence"], [0, 1])
    assert order == [
        *(("full", 0), ("no-lookup", 0), ("no-recurrence", 0), ("gumbel", 0)),
        *(("full", 1), ("no-lookup", 1), ("no-recurrence", 1)),
    ]


@pytest.mark.parametrize("steps", [1, 10, 781, 3600, 20_000])
def test_budget_comes_to_the_steps(script: ModuleType, steps: int) -> None:
    recipe = Recipe("a", data="cosal", batch_size=64, model=ModelConfig(task="shapes"))
    found = script.budget(recipe, steps)
    assert found["epochs"] * (found["limit"] // 64) == pytest.approx(steps, abs=found["epochs"] / 2)
    assert found["limit"] <= recipe.cosal.worlds and found["validate_every"] == found["epochs"]
    if steps > 781:
        assert found["limit"] > recipe.cosal.worlds / 2


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "cosal_ablations.py"), "--minutes", "0.03", "--worlds", "6"]
    command += ["--calibrate-steps", "8", "--runs", str(folder / "runs"), "-o", str(folder / "a.json")]
    command += ["--picture", str(folder / "price.png"), "--seeds", "0", "--jobs", "2", *more]
    for item in TINY:
        command += ["--set", item]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_smoke(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", *NAMES)
    logs = "".join(p.read_text()[-2000:] for p in tmp_path.glob("runs/**/*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    figures = json.loads((tmp_path / "a.json").read_text())
    assert set(figures["runs"]) == {f"{name}-0" for name in NAMES}
    for found in figures["runs"].values():
        assert_run(found)
    assert figures["runs"]["no-recurrence-0"]["chain"]["mean_steps"] == 1.0
    assert set(figures["summary"]) == set(NAMES)
    assert figures["summary"]["no-recurrence"]["Spearman"] is None
    text = (tmp_path / "a.md").read_text()
    assert all(f"| {name} | 0 |" in text for name in NAMES) and text.strip() in done.stdout
    assert (tmp_path / "price.png").stat().st_size > 0

    (tmp_path / "runs" / "full-0" / "figures.json").unlink()  # cut off while it was measured
    before = (tmp_path / "runs" / "full-0" / "run" / "best" / "model.safetensors").read_bytes()
    again = run(tmp_path, "--only", "full")
    assert again.returncode == 0 and "calibrate" not in again.stdout and "train full-0, 0 more" in again.stdout
    assert (tmp_path / "runs" / "full-0" / "run" / "best" / "model.safetensors").read_bytes() == before
    assert json.loads((tmp_path / "a.json").read_text())["runs"]["full-0"]["sessions"] == 1
    assert "train full-0" not in run(tmp_path, "--only", "full").stdout
    other = run(tmp_path, "--only", "full", "--minutes", "1")
    assert other.returncode == 1 and "another recipe or budget" in other.stderr
    assert "no variant nothing" in run(tmp_path, "--only", "nothing").stderr


def assert_run(found: dict[str, Any]) -> None:
    assert found["steps"] >= 1 and found["seconds"] > 0 and found["seconds_per_step"] > 0
    assert found["training_worlds"] >= 8 and found["worlds"] == 6
    assert {"paper", "wording", "chain", "longer_chain"} <= set(found)
    assert found["provenance"]["threads"] == 1 and found["provenance"]["seed"] == 0
    assert sum(r["worlds"] for r in found["longer_chain"]["references"].values()) == 6

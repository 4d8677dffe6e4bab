from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from lbie.evaluation.report import interval, provenance, write_figures
from lbie.evaluation.sheets import tile


def test_interval_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(5, 2, 400)
    found = interval(values)
    assert found == interval(values) and found != interval(values, seed=1)
    assert found["value"] == pytest.approx(values.mean(), abs=1e-4)
    half = 1.96 * 2 / 20  # of the normal approximation
    assert found["value"] - found["low"] == pytest.approx(half, rel=0.15)
    assert found["high"] - found["value"] == pytest.approx(half, rel=0.15)


def test_interval_of_a_ratio_resamples_both_together() -> None:
    below = np.random.default_rng(0).uniform(1, 9, 200)
    assert interval(3 * below, below) == {"value": 3.0, "low": 3.0, "high": 3.0}
    above = below + np.random.default_rng(1).normal(0, 1, 200)
    found = interval(above, below)
    assert found["value"] == pytest.approx(above.mean() / below.mean(), abs=1e-4)
    assert found["low"] < found["value"] < found["high"] < found["low"] + 0.1


def test_interval_of_one_photo() -> None:
    assert interval(np.array([2.0])) == {"value": 2.0, "low": 2.0, "high": 2.0}


def test_provenance(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_bytes(b"{}\n")
    found = provenance(tmp_path / "data.jsonl", 7)
    assert found["data"] == "data.jsonl" and found["seed"] == 7
    assert found["data_sha256"] == hashlib.sha256(b"{}\n").hexdigest()
    assert {"date", "commit", "uncommitted_changes", "hardware", "python", "torch", "opencv"} <= set(found)
    json.dumps(found)


def test_write_figures(tmp_path: Path) -> None:
    write_figures(tmp_path / "new" / "a.json", {"a": interval(np.ones(3))})
    assert json.loads((tmp_path / "new" / "a.json").read_text()) == {"a": {"value": 1.0, "low": 1.0, "high": 1.0}}


def test_tile() -> None:
    picture = np.zeros((10, 30, 3), np.uint8)
    sheet = tile([[picture, picture + 200], [picture, picture]], ["", ""])
    assert sheet.width == 60 and sheet.height > 20
    assert (
        sheet.getpixel((45, sheet.height - 15)) == (200, 200, 200)
        and sheet.getpixel((45, sheet.height - 5)) == (0,) * 3
    )

"""What counts as the same figure, and the same picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lbie.reproduce.compare import compare_figures, compare_files, near

OLD = {"score": 0.5, "time_ms": 10, "by": {"a": [1, 250.0]}, "met": True, "provenance": {"commit": "x"}}


def changed(**values):
    return OLD | values


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [(0.503, 0.5, True), (0.511, 0.5, False), (252, 250, True), (256, 250, False), (True, 1, True), ("a", "b", False)],
)
def test_near(new, old, same):
    assert near(new, old, 0.01) is same


def test_nothing_is_near_what_is_no_number():
    assert near(float("nan"), float("nan"), 0.1) and not near(float("nan"), 0.5, 0.1)


def test_figures_within_and_outside():
    assert compare_figures(changed(provenance={"commit": "y"}), OLD, 0.01).same
    assert compare_figures({"model": "runs/a", "x": 1}, {"model": "a", "x": 1}, 0.01).same
    assert not compare_figures({"model": {"x": 1}}, {"model": {"x": 2}}, 0.01).same
    found = compare_figures(changed(score=0.6), OLD, 0.01)
    assert (found.same, found.off) == (False, ("score: 0.6, committed 0.5",))
    assert compare_figures(changed(time_ms=90), OLD, 0.01, ["*_ms"]).same
    assert compare_figures(changed(met=False), OLD, 0.01).off


def test_what_was_not_measured_is_named():
    found = compare_figures({"score": 0.5}, OLD, 0.01)
    assert found.same and set(found.absent) == {"time_ms", "by.a.0", "by.a.1", "met"}
    assert not compare_figures({}, OLD, 0.01).same


def test_pictures_and_parts(tmp_path):
    picture = np.full((20, 20, 3), 100, np.uint8)
    for name, value in {"old": picture, "near": picture + 1, "far": picture + 9, "small": picture[:9]}.items():
        Image.fromarray(value).save(tmp_path / f"{name}.png")
    states = [compare_files(tmp_path / f"{n}.png", tmp_path / "old.png", 0.1).same for n in ("near", "far", "small")]
    assert states == [True, False, False]
    (tmp_path / "new.json").write_text(json.dumps({"a": {"x": 1}}))
    (tmp_path / "old.json").write_text(json.dumps({"a": {"x": 1}, "b": {"x": 2}}))
    assert compare_files(tmp_path / "new.json", tmp_path / "old.json", 0.1, part="a").compared == 1

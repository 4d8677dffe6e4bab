from __future__ import annotations

import numpy as np
import pytest

from lbie.evaluation.ratios import Ratios


def test_sums_are_pooled_before_they_are_divided() -> None:
    ratios = Ratios(np.array([[1, 4], [3, 0]]), np.array([[2, 4], [6, 4]]))
    assert ratios.each().tolist() == [0.5, 0.5] and ratios.mean() == 0.5
    assert ratios.only([1]).each().tolist() == [0.5]


def test_a_ratio_that_does_not_exist_is_left_out() -> None:
    ratios = Ratios(np.array([[1, 0], [1, 0]]), np.array([[2, 0], [2, 0]]))
    assert np.isnan(ratios.each()[1]) and ratios.mean() == 0.5
    assert ratios.interval() == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert np.isnan(ratios.only([1]).mean())


def test_interval() -> None:
    hits = np.random.default_rng(0).random((400, 1)) < 0.7
    found = Ratios(hits, np.ones((400, 1))).interval()
    assert found == Ratios(hits, np.ones((400, 1))).interval()
    half = 1.96 * np.sqrt(0.7 * 0.3 / 400)  # of the normal approximation
    assert found["value"] == pytest.approx(hits.mean(), abs=1e-4)
    assert found["high"] - found["low"] == pytest.approx(2 * half, rel=0.15)


def test_interval_resamples_both_sums_and_all_ratios_together() -> None:
    below = np.random.default_rng(0).uniform(1, 9, (100, 2))
    assert Ratios(0.25 * below, below).interval() == {"value": 0.25, "low": 0.25, "high": 0.25}
    share = np.random.default_rng(1).uniform(0, 1, (100, 1))
    opposite = Ratios(np.hstack([share, 1 - share]), np.ones((100, 2)))
    assert opposite.interval() == {"value": 0.5, "low": 0.5, "high": 0.5}

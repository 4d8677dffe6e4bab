from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lbie.data.cosal import generate
from lbie.evaluation.cosal_compute import clock, count_compute
from lbie.evaluation.cosal_scores import Answers, Exam, Manner
from lbie.evaluation.cosal_stopping import equal_compute, rank_correlation, stopping_figures
from lbie.model.editing_model import EditingModel


@pytest.fixture
def chains(shapes_model: EditingModel) -> Exam:
    return Exam.of(generate("chain", "test", 6), shapes_model.vocabulary, 64)


def test_rank_correlation() -> None:
    hops = np.array([[0, 1, 2], [3, 4, 5]])
    assert rank_correlation(hops**2 + 1, hops) == 1.0
    assert rank_correlation(-hops, hops) == -1.0
    assert rank_correlation(np.ones((2, 3)), hops) is None


def test_stopping_by_hops(squares: Exam) -> None:
    steps = (squares.hops.reshape(1, 3, 3) + 1).astype(np.uint8)
    steps[0, 0, 0] = 2  # one of two shapes at no hop
    found = stopping_figures(Answers(squares.classes, steps, 0), squares)
    assert found["by_hops"]["all"]["0"] == {"mean": 1.5, "deviation": 0.5, "share_by_step": {"1": 0.5, "2": 0.5}}
    assert found["by_hops"]["all"]["4"] == {"mean": 5.0, "deviation": 0.0, "share_by_step": {"5": 1.0}}
    assert found["spearman"]["all"] == found["spearman"]["named"] > 0.9 and "spatial" not in found["spearman"]
    assert found["mean_steps"] == pytest.approx(steps.mean(), abs=1e-4)


def test_stopping_of_spatial_chains_apart(squares: Exam) -> None:
    spatial = replace(squares, spatial=np.array([True]))
    found = stopping_figures(Answers(squares.classes, np.ones((1, 3, 3), np.uint8), 0), spatial)
    assert found["spearman"] == {"all": None, "spatial": None}


def test_equal_compute() -> None:
    fixed = {1: (100.0, 0.1), 2: (200.0, 0.3), 3: (300.0, 0.4)}
    found = equal_compute(220.0, fixed)
    assert (found["nearest"], found["nearest_iou"]) == (2, 0.3)
    assert (found["interpolated_steps"], found["interpolated_iou"]) == (2.2, 0.32)
    beyond = equal_compute(999.0, fixed)
    assert (beyond["nearest"], beyond["interpolated_steps"], beyond["interpolated_iou"]) == (3, 3.0, 0.4)


def test_compute_of_fixed_steps(shapes_model: EditingModel, chains: Exam) -> None:
    manners = {str(n): Manner(force_steps=n) for n in (1, 2, 3, 4)}
    counted = count_compute(shapes_model, chains, manners, 1)
    adds = [counted[n]["multiply_adds"] for n in manners]
    assert [counted[n]["updates"] for n in manners] == [9, 18, 27, 36]
    assert adds[0] > 0 and adds[1] < adds[2] < adds[3]
    assert adds[3] - adds[2] == pytest.approx(adds[2] - adds[1], rel=0.01)  # a step costs the same each time


def test_compute_of_gates(shapes_model: EditingModel, chains: Exam) -> None:
    manners = {
        "at once": Manner(8, stop_probability=1e-6),
        "never": Manner(8, stop_probability=1 - 1e-12),
        "1": Manner(force_steps=1),
        "8": Manner(force_steps=8),
        "gates": Manner(8),
    }
    for batch in (1, 6):
        counted = count_compute(shapes_model, chains, manners, batch)
        assert counted["at once"]["updates"] == 9 and counted["never"]["updates"] == 72
        assert counted["at once"]["multiply_adds"] == pytest.approx(counted["1"]["multiply_adds"], rel=0.001)
        assert counted["never"]["multiply_adds"] == pytest.approx(counted["8"]["multiply_adds"], rel=0.001)
        low, high = (counted[n]["multiply_adds"] for n in ("1", "8"))
        assert low < counted["gates"]["multiply_adds"] < high


def test_more_steps_take_more_time(shapes_model: EditingModel, chains: Exam) -> None:
    manners = {"1": Manner(force_steps=1), "8": Manner(force_steps=8)}
    times = clock(shapes_model, chains, manners, 1, 5, "8")
    assert times["8"]["fusion_over_8"] == times["8"]["edit_over_8"] == 1.0
    assert times["1"]["fusion_over_8"] < 0.7 and times["8"]["edit_ms"] > times["8"]["fusion_ms"]

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from lbie.errors import InputError
from lbie.evaluation.segmentation import THRESHOLDS, SegmentationScores


def row(*pixels: int) -> np.ndarray:
    """(1, N) bool."""
    return np.array([pixels], bool)


def bar(length: int, of: int = 10) -> np.ndarray:
    """(1, of) bool: so many pixels from the left."""
    return np.arange(of)[None] < length


def test_by_hand() -> None:
    scores = SegmentationScores()
    assert scores.add(bar(4), bar(8)) == 0.5
    assert scores.add(bar(2), bar(2)) == 1.0
    assert scores.add(bar(0), bar(5)) == 0.0
    assert scores.add(bar(9), bar(10)) == 0.9
    assert scores.add(bar(7), bar(0)) is None and scores.add(bar(0), None) is None
    figures = scores.figures()
    assert len(scores) == 6 and (figures["pairs"], figures["absent"], figures["photos"]) == (4, 2, 4)
    assert figures["overall_iou"]["value"] == round((4 + 2 + 0 + 9) / (8 + 2 + 5 + 10), 4)
    assert figures["mean_iou"]["value"] == 0.6
    precision = {theta: figure["value"] for theta, figure in figures["precision"].items()}
    assert precision == {"0.5": 0.5, "0.6": 0.5, "0.7": 0.5, "0.8": 0.5, "0.9": 0.25}
    assert "presence" not in figures and figures["by"] == {}


@pytest.mark.parametrize("theta", THRESHOLDS)
def test_an_iou_equal_to_the_threshold_is_not_above_it(theta: float) -> None:
    for scale in (1, 3, 7, 11):
        scores = SegmentationScores()
        whole = 10 * scale
        scores.add(bar(round(theta * whole), whole), bar(whole, whole))
        assert scores.figures()["precision"][str(theta)]["value"] == 0


def test_groups() -> None:
    scores = SegmentationScores()
    scores.add(bar(5), bar(10), groups={"kind": "side", "hops": 0})
    scores.add(bar(10), bar(10), groups={"kind": "side", "hops": 1})
    scores.add(bar(2), bar(10), groups={"kind": "colour", "hops": 0})
    scores.add(bar(2), None, groups={"kind": "absent"})
    by = scores.figures()["by"]
    assert {k: v["mean_iou"]["value"] for k, v in by["hops"].items()} == {"0": 0.35, "1": 1.0}
    assert by["kind"]["side"]["overall_iou"]["value"] == 0.75 and by["kind"]["side"]["pairs"] == 2
    assert by["kind"]["absent"] == {"pairs": 0, "absent": 1, "photos": 0}


def test_intervals_resample_photos() -> None:
    together, apart = SegmentationScores(), SegmentationScores()
    for photo in range(20):
        for _ in range(10):  # ten phrases of a photo that fare alike tell no more than one
            mask = bar(10 if photo % 2 else 0)
            together.add(mask, bar(10), photo=str(photo))
            apart.add(mask, bar(10))
    wide, narrow = (s.figures()["mean_iou"] for s in (together, apart))
    assert wide["value"] == narrow["value"] == 0.5
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])
    assert together.figures() == together.figures()
    assert together.figures()["photos"] == 20 and apart.figures()["photos"] == 200


def test_presence() -> None:
    scores, rng = SegmentationScores(), np.random.default_rng(0)
    there = rng.random(80) < 0.5
    sure = np.round(np.clip(0.3 * there + rng.uniform(0, 0.7, 80), 0, 1), 1)  # with ties
    for number in range(80):
        scores.add(bar(3), bar(4) if there[number] else None, str(number // 2), float(sure[number]))
    scores.add(bar(3), bar(4), "without")
    found = scores.figures()["presence"]
    assert found["auc"]["value"] == round(roc_auc_score(there, sure), 4)
    assert found["auc"]["low"] < found["auc"]["value"] < found["auc"]["high"]
    assert (found["there"], found["absent"]) == (there.sum(), (~there).sum())


def test_presence_of_one_kind_has_no_curve() -> None:
    scores = SegmentationScores()
    assert scores.figures() == {"pairs": 0, "absent": 0, "photos": 0, "by": {}}
    scores.add(bar(3), bar(4), presence=0.9)
    assert "presence" not in scores.figures()
    scores.add(bar(3), None, presence=0.1)
    assert scores.figures()["presence"]["auc"] == {"value": 1.0, "low": 1.0, "high": 1.0}


@given(arrays(bool, (6, 5, 4)), arrays(bool, (6, 5, 4)))
@settings(deadline=None, max_examples=25)
def test_figures_are_those_of_all_pixels(predicted: np.ndarray, truth: np.ndarray) -> None:
    scores = SegmentationScores()
    found = [scores.add(p, t) for p, t in zip(predicted, truth, strict=True)]
    there = truth.any((1, 2))
    assert [iou is not None for iou in found] == there.tolist()
    figures = scores.figures()
    if not there.any():
        assert "mean_iou" not in figures
        return
    both, either = (predicted & truth)[there], (predicted | truth)[there]
    each = both.sum((1, 2)) / either.sum((1, 2))
    assert figures["mean_iou"]["value"] == round(each.mean(), 4)
    assert figures["overall_iou"]["value"] == round(both.sum() / either.sum(), 4)
    precision = [figure["value"] for figure in figures["precision"].values()]
    assert precision == sorted(precision, reverse=True)
    for figure in (figures["mean_iou"], figures["overall_iou"]):
        assert 0 <= figure["low"] <= figure["high"] <= 1


def test_what_is_no_pair() -> None:
    scores = SegmentationScores()
    for predicted, truth, presence in (
        (np.zeros((2, 2)), None, None),
        (row(1), row(1, 0), None),
        (row(1), np.ones((1, 1)), None),
        (row(1), row(1), 1.5),
        (row(1), row(1), float("nan")),
    ):
        with pytest.raises(InputError):
            scores.add(predicted, truth, presence=presence)
    assert len(scores) == 0

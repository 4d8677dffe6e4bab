"""Where regions stop on chains of references, and what other ways to stop would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lbie.evaluation.cosal_scores import Answers, Exam, steps_of_shapes


def rank_correlation(steps: np.ndarray, hops: np.ndarray) -> float | None:
    """Spearman's correlation over all entries of two arrays; None where one of them is constant."""
    from scipy.stats import spearmanr

    if np.ptp(steps) == 0 or np.ptp(hops) == 0:
        return None
    return round(float(spearmanr(steps.ravel(), hops.ravel()).statistic), 4)


def stopping_figures(answers: Answers, exam: Exam) -> dict[str, Any]:
    """Stopping step of the shapes by hops (mean, standard deviation, distribution), and its correlation with them."""
    steps = steps_of_shapes(answers, exam)
    found: dict[str, Any] = {"mean_steps": round(float(answers.steps.mean()), 4), "spearman": {}, "by_hops": {}}
    for name, chosen in {"all": np.ones(len(exam), bool), **exam.by_reference()}.items():
        own, hops = steps[chosen], exam.hops[chosen]
        found["spearman"][name] = rank_correlation(own, hops)
        found["by_hops"][name] = {str(h): _spread(own[hops == h]) for h in np.unique(hops)}
    return found


def _spread(steps: np.ndarray) -> dict[str, Any]:
    numbers, counts = np.unique(np.rint(steps).astype(int), return_counts=True)
    shares = {str(n): round(float(c / len(steps)), 4) for n, c in zip(numbers, counts, strict=True)}
    return {"mean": round(float(steps.mean()), 3), "deviation": round(float(steps.std()), 3), "share_by_step": shares}


def equal_compute(cost: float, fixed: Mapping[int, tuple[float, float]]) -> dict[str, Any]:
    """The fixed number of steps that costs as much.

    Args:
        cost: what the gates cost.
        fixed: of each fixed number of steps its cost and IoU; costs grow with the number.

    Returns:
        `nearest`: the fixed number whose cost is nearest, with its cost and IoU; `interpolated_steps` and
        `interpolated_iou`: at exactly that cost, linear between the two numbers around it (the end one beyond them).
    """
    numbers = sorted(fixed)
    costs, ious = [fixed[n][0] for n in numbers], [fixed[n][1] for n in numbers]
    nearest = min(numbers, key=lambda n: abs(fixed[n][0] - cost))
    return {
        "cost": cost,
        "nearest": nearest,
        "nearest_cost": fixed[nearest][0],
        "nearest_iou": fixed[nearest][1],
        "interpolated_steps": round(float(np.interp(cost, costs, numbers)), 3),
        "interpolated_iou": round(float(np.interp(cost, costs, ious)), 4),
    }

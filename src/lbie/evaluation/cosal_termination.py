"""Does termination earn its place? Gates against all steps, against fixed numbers of steps, and at other thresholds."""

from __future__ import annotations

import os
from typing import Any

from lbie.evaluation.cosal_compute import clock, count_compute
from lbie.evaluation.cosal_scores import Answers, Exam, Manner, ask_each
from lbie.evaluation.cosal_stopping import equal_compute, stopping_figures
from lbie.evaluation.cosal_suites import readings, reference_means
from lbie.model.editing_model import EditingModel

STEPS = 8
"""T on chains."""
GATES, ALWAYS = "gates", str(STEPS)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ROUNDS = 7
_COUNTED = {1: 300, 250: 1000}
"""Worlds whose compute is counted, by batch size."""
_TIMED = {1: 100, 250: 1000}
"""Worlds that are timed."""


def termination_figures(model: EditingModel, exam: Exam, answers: Answers) -> dict[str, Any]:
    """All that is measured of stopping on an exam of chains.

    Args:
        model: in evaluation mode.
        exam: chains.
        answers: what the model says with its gates, at most `STEPS` steps.
    """
    fixed = {str(n): Manner(force_steps=n) for n in range(1, STEPS + 1)}
    others = {str(p): Manner(STEPS, stop_probability=p) for p in THRESHOLDS}
    by_steps = _figures(model, exam, fixed, "fixed numbers of steps")
    found: dict[str, Any] = {
        "most_steps": STEPS,
        "stop_probability": model.fusion.stop_probability,
        "stopping": stopping_figures(answers, exam),
        "gates": readings(answers, exam, "mean") | reference_means(answers, exam),
        "fixed_steps": by_steps,
        "by_stop_probability": _figures(model, exam, others, "other thresholds"),
    }
    gates = {GATES: Manner(STEPS)}
    compute = {}
    for batch, worlds in _COUNTED.items():
        counted = count_compute(model, exam.only(slice(worlds)), gates | fixed, batch)
        costs = {int(n): (counted[n]["multiply_adds"], by_steps[n]["by_colour"]) for n in fixed}
        same = equal_compute(counted[GATES]["multiply_adds"], costs)
        timed = {name: (gates | fixed)[name] for name in dict.fromkeys((GATES, ALWAYS, str(same["nearest"])))}
        times = clock(model, exam.only(slice(_TIMED[batch])), timed, batch, ROUNDS, ALWAYS)
        compute[f"batch_{batch}"] = {
            "worlds_counted": min(worlds, len(exam)),
            "worlds_timed": min(_TIMED[batch], len(exam)),
            "rounds": ROUNDS,
            "load_average": round(os.getloadavg()[0], 2),
            "a_world": counted,
            "time": times,
            "saved": {
                "updates": _saved(counted, "updates"),
                "multiply_adds": _saved(counted, "multiply_adds"),
                "fusion_time": round(1 - times[GATES][f"fusion_over_{ALWAYS}"], 4),
                "edit_time": round(1 - times[GATES][f"edit_over_{ALWAYS}"], 4),
            },
            "same_compute": same,
        }
    return found | {"compute": compute}


def _figures(model: EditingModel, exam: Exam, manners: dict[str, Manner], title: str) -> dict[str, dict[str, Any]]:
    answers = ask_each(model, exam, list(manners.values()), title)
    return {
        name: readings(found, exam, "mean") | reference_means(found, exam)
        for name, found in zip(manners, answers, strict=True)
    }


def _saved(counted: dict[str, Any], key: str) -> float:
    return round(1 - counted[GATES][key] / counted[ALWAYS][key], 4)

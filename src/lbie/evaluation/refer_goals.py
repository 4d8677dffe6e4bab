"""The goals of finding what a phrase names, and which of them are met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lbie.evaluation.cosal_goals import Goal
from lbie.evaluation.refer_measure import OWN

OVERALL, MEAN, HALF, PERSON, OVER_BLANKED, RIGHT, PRESENCE, WITHIN, DROP = (
    0.52,
    0.42,
    0.45,
    0.62,
    0.25,
    0.75,
    0.85,
    0.003,
    0.05,
)


def goals(figures: dict[str, Any]) -> list[Goal]:
    """All goals of `figures`, as `lbie evaluate refer` collects them on generated phrases."""
    own = figures["rows"][OWN]
    gates, wording = figures["gates"], figures["wording"] or {}
    found = [
        Goal.at_least("overall IoU", OVERALL, _value(own, "overall_iou")),
        Goal.at_least("mean IoU", MEAN, _value(own, "mean_iou")),
        Goal.at_least("Precision@.5", HALF, _value(own, "precision", "0.5")),
        Goal.at_least("mean IoU, people", PERSON, _value(figures["by"], "category", "person", "mean_iou")),
        Goal.at_least(
            "overall IoU over that with blanked words", OVER_BLANKED, _value(figures["over_blanked"], "overall_iou")
        ),
        Goal.at_least("right instance among its kind", RIGHT, _value(own, "right_instance")),
        Goal.at_least("presence, area under the ROC curve", PRESENCE, _value(figures["presence"], "auc")),
    ]
    more = _value(gates, "two_hops_less_one")
    found.append(Goal("steps on two hops less those on one", "> 0", more, more is not None and more > 0))
    for key in ("overall_iou", "mean_iou"):
        lost = _value(gates, "all_steps_less_gates", key)
        name = f"{key.replace('_iou', ' IoU')}, all steps less gates"
        found.append(Goal(name, f"within ± {WITHIN}", lost, lost is not None and abs(lost) <= WITHIN))
        drop = _value(wording, "drop", key)
        name = f"{key.replace('_iou', ' IoU')}, drop in unseen wordings"
        found.append(Goal(name, f"≤ {DROP}", drop, drop is not None and drop <= DROP))
    return found


def _value(figures: Mapping[str, Any], *keys: str) -> float | None:
    """The value of a figure that may be missing."""
    found: Any = figures
    for key in keys:
        found = (found or {}).get(key)
    return found["value"] if found else None

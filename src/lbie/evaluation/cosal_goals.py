"""The published figures of CoSaL, the goals, and which of them are met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lbie.evaluation.cosal_termination import ALWAYS

PUBLISHED = {
    "paper_none": {"4": 0.2107, "6": 0.2499, "9": 0.3186},
    "paper_one": {"4": 0.4030, "6": 0.5220, "9": 0.7097},
    "paper_four": {"4": 0.5033, "6": 0.5313, "9": 0.7017},
}
"""Average IoU by number of direct sentences (Chen et al., CVPR 2018, table 1)."""
ROWS = {"paper_none": "T = 1, no attention", "paper_one": "T = 1", "paper_four": "T = 4"}
"""What the published rows are."""
_PAPER = {"1": 0.995, "4": 0.995, "6": 0.995, "9": 0.998}
_WORDING = 0.97
_CHAIN = {"named": {"1_to_4": 0.97, "5_and_6": 0.95}, "spatial": {"1_to_4": 0.95, "5_and_6": 0.85}}
_SPEARMAN, _SAVED, _WITHIN = 0.8, 0.35, 0.003


@dataclass(frozen=True)
class Goal:
    """A figure and what it should be."""

    name: str
    goal: str
    value: float | None
    met: bool

    @classmethod
    def at_least(cls, name: str, goal: float, value: float | None) -> Goal:
        """A figure that should not be lower."""
        return cls(name, f"≥ {goal}", value, value is not None and value >= goal)


def goals(figures: dict[str, Any]) -> list[Goal]:
    """All goals of `figures`, as `lbie evaluate cosal` collects them; IoU in reading (a) where there are two."""
    found = [
        Goal.at_least(f"paper, {direct} direct", goal, figures["paper"]["model"][direct]["by_colour"]["value"])
        for direct, goal in _PAPER.items()
    ]
    wording = figures["wording"]["by_direct"]["4"]["by_colour"]["value"]
    found.append(Goal.at_least("wording, unseen templates", _WORDING, wording))
    for references, several in _CHAIN.items():
        own = figures["chain"]["references"].get(references, {})
        for key, goal in several.items():
            name, each = f"chain, {references}, {key.replace('_', ' ')} hops", _each(own, key)
            found.append(Goal.at_least(f"{name}, mean", goal, own.get(key, {}).get("value")))
            found.append(Goal.at_least(f"{name}, the lowest", goal, min(each) if each else None))
    termination = figures["termination"]
    rank = termination["stopping"]["spearman"].get("all")
    found.append(Goal.at_least("stopping step and hops, Spearman", _SPEARMAN, rank))
    for batch, compute in termination["compute"].items():
        label = batch.replace("_", " ")
        for key in ("multiply_adds", "fusion_time"):
            name = f"saved of {key.replace('_', ' ')}, {label}"
            found.append(Goal.at_least(name, _SAVED, compute["saved"][key]))
    for reading in ("by_colour", "by_shape"):
        lost = round(termination["fixed_steps"][ALWAYS][reading] - termination["gates"][reading], 4)
        name = f"IoU {reading.replace('_', ' ')}, all steps less gates"
        found.append(Goal(name, f"within ± {_WITHIN}", lost, abs(lost) <= _WITHIN))
    return found


def _each(references: dict[str, Any], key: str) -> list[float]:
    first, last = int(key[0]), int(key[-1])
    return [v["value"] for h, v in references.get("by_hops", {}).items() if first <= int(h) <= last]

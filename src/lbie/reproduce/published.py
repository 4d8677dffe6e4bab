"""The published figures beside ours (Chen et al., CVPR 2018, and what came after), for the figures that have such."""

from __future__ import annotations

from typing import Any

Row = tuple[str, str, str]
"""What it is, what was published, what was measured here."""

HUMAN = {
    "consistency, the paper": 0.849,
    "consistency, its baseline without attention": 0.27,
    "quality, the paper": 0.598,
    "quality, its baseline without attention": 0.404,
    "quality, real photos": 0.856,
}
"""What people said of colourized flowers, from 0 to 1."""


def published(name: str, figures: dict[str, Any]) -> list[Row]:
    """Rows of a figure by its name in the list; none where nothing like it was published."""
    if name == "cosal":
        return _cosal(figures)
    if name == "photos":
        return _photos(figures)
    if name == "flowers":
        return [(f"human ratings, {what}", f"{value:g}", "ask people: lbie study") for what, value in HUMAN.items()]
    return []


def _cosal(figures: dict[str, Any]) -> list[Row]:
    from lbie.evaluation.cosal_goals import PUBLISHED, ROWS

    rows = []
    for key, label in ROWS.items():
        for told, value in PUBLISHED[key].items():
            rival = figures["paper"]["rivals"].get(key, {}).get(told)
            here = f"{rival['by_colour']['value']:.4f}" if rival else "not trained here"
            rows.append((f"average IoU, {told} direct, {label}", f"{value:.4f}", here))
    for told, own in figures["paper"]["model"].items():
        rows.append((f"average IoU, {told} direct, `cosal`", "", f"{own['by_colour']['value']:.4f}"))
    return rows


def _photos(figures: dict[str, Any]) -> list[Row]:
    from lbie.evaluation.refer_measure import OWN
    from lbie.evaluation.refer_tables import PUBLISHED

    rows = [(f"ReferIt, overall IoU in percent, {who}", f"{v[-1]:.2f}", "not run") for who, v in PUBLISHED.items()]
    here = f"{100 * figures['rows'][OWN]['overall_iou']['value']:.2f}"
    return [*rows, ("COCO photos, generated phrases, overall IoU in percent", "", here)]

"""Figures of finding what phrases name as tables for a terminal, in the layout of the published one."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from lbie.evaluation.refer_measure import BLANK, FORCED, LINEAR, OWN, PRODUCT
from lbie.evaluation.segmentation import THRESHOLDS
from lbie.evaluation.tables import cell

PUBLISHED: dict[str, tuple[float | None, ...]] = {
    "SCRC bbox": (9.73, 4.43, 1.51, 0.27, 0.03, 21.72),
    "GroundeR bbox": (11.08, 6.20, 2.74, 0.78, 0.20, 20.50),
    "Hu et al.": (34.02, 26.71, 19.32, 11.63, 3.92, 48.03),
    "the paper (Chen et al. 2018)": (32.53, 27.9, 18.76, 12.37, 4.37, 50.09),
    "later: STEP 2019": (None, None, None, None, None, 64.13),
    "later: CMPC (updated) 2020": (None, None, None, None, None, 65.58),
}
"""Precision@.5 to @.9 and overall IoU on ReferIt's test split, in percent."""
NOT_RUN = "needs the photos: not run"
"""What stands in the place of our own figures on ReferIt."""
_LABELS = {
    OWN: "{model}",
    LINEAR: "  its masks enlarged linearly",
    FORCED: "  every region through all steps",
    BLANK: "  every word blanked",
    PRODUCT: "  nothing where presence is under {threshold:g}",
}
_LAST = (LINEAR, FORCED, BLANK, PRODUCT)


def ordered_rows(figures: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Rows with their labels: baselines, other models, the model, the model in other manners."""
    rows = figures["rows"]
    others = sorted((n for n in rows if n not in _LABELS), key=lambda n: "model" in rows[n])
    filling = {"model": figures["model"], "threshold": figures["presence"]["threshold"]}
    names = [*others, OWN, *(n for n in _LAST if n in rows)]
    return [(_LABELS[n].format(**filling) if n in _LABELS else n, rows[n]) for n in names]


def percent(row: dict[str, Any]) -> list[str]:
    """Precision@.5 to @.9 and overall IoU of a row, in percent as published; nothing where nothing was scored."""
    if "overall_iou" not in row:
        return [""] * (len(THRESHOLDS) + 1)
    values = [*(row["precision"][str(theta)] for theta in THRESHOLDS), row["overall_iou"]]
    return [f"{100 * figure['value']:.2f}" for figure in values]


def is_referit(figures: dict[str, Any]) -> bool:
    """Whether the figures were measured on ReferIt."""
    return str(figures["set"]).startswith("referit")


def figure_or_dash(figure: dict[str, float] | None, digits: int = 3) -> str:
    """A figure with its interval, or a dash."""
    return cell(figure, digits) if figure else "-"


def print_refer(figures: dict[str, Any]) -> None:
    """Print what `lbie evaluate refer` measured."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(_published(figures))
    console.print(_rows(figures))
    for group, values in figures["by"].items():
        console.print(_by(group, values))
    presence, gates = figures["presence"], figures["gates"]
    console.print(f"presence, area under the ROC curve: {figure_or_dash(presence.get('auc'))}")
    shares = ((presence[f"answered_of_{key}"], text) for key, text in (("there", "there"), ("absent", "not there")))
    console.print(
        f"answered at {presence['threshold']:g}: "
        + ", ".join(f"{share:.1%} of what is {text}" for share, text in shares if share is not None)
    )
    if figures["wording"]:
        console.print(_wording(figures["wording"]))
    steps = ", ".join(f"{h}: {figure_or_dash(f)}" for h, f in gates["steps_by_hops"].items())
    console.print(f"mean steps {gates['mean_steps']:.2f} of {gates['most_steps']}; by hops {steps or '-'}")
    saved, lost = gates["saved"], gates["all_steps_less_gates"]
    console.print(
        f"stopping early saves {saved['region_updates']:.1%} of the region updates and "
        f"{saved['multiply_adds'] or 0:.1%} of the fusion's multiply-adds; all steps less gates: "
        f"overall IoU {figure_or_dash(lost['overall_iou'], 4)}, mean IoU {figure_or_dash(lost['mean_iou'], 4)}"
    )
    if figures["goals"]:
        table = Table("goal", "", "value", "", title="goals")
        for goal in figures["goals"]:
            value = "none" if goal["value"] is None else f"{goal['value']:.4f}"
            table.add_row(goal["name"], goal["goal"], value, "met" if goal["met"] else "not met")
        console.print(table)


def _published(figures: dict[str, Any]) -> Table:
    columns = [*(f"P@{theta:g}".replace("0.", ".") for theta in THRESHOLDS), "IoU"]
    table = Table("", *columns, title="in percent; nothing is claimed for ReferIt that was not measured on ReferIt")
    for name, values in PUBLISHED.items():
        table.add_row(f"ReferIt, published: {name}", *("" if v is None else f"{v:.2f}" for v in values))
    if not is_referit(figures):
        table.add_row(f"ReferIt: {figures['model']}", NOT_RUN, *[""] * len(THRESHOLDS))
    table.add_section()
    for label, row in ordered_rows(figures):
        table.add_row(f"{figures['set']}: {label}", *percent(row))
    return table


def _rows(figures: dict[str, Any]) -> Table:
    own = figures["rows"][OWN]
    title = f"{own['pairs']} phrases of {own['photos']} photos ({figures['set']}, split '{figures['split']}')"
    table = Table("", "overall IoU", "mean IoU", "right of its kind", title=title)
    for label, row in ordered_rows(figures):
        keys = ("overall_iou", "mean_iou", "right_instance")
        table.add_row(label, *(figure_or_dash(row.get(key)) for key in keys))
    return table


def _by(group: str, values: dict[str, Any]) -> Table:
    table = Table(group, "phrases", "overall IoU", "mean IoU", "P@.5", "right of its kind")
    for value, own in values.items():
        half = own.get("precision", {}).get("0.5")
        figures = (own.get("overall_iou"), own.get("mean_iou"), half, own["right_instance"])
        table.add_row(value, str(own["pairs"]), *map(figure_or_dash, figures))
    return table


def _wording(wording: dict[str, Any]) -> Table:
    table = Table("wordings", "trained", "unseen", "drop of mean IoU", title="mean IoU, wordings not seen in training")
    rows = {"all": wording, **wording["by_kind"]}
    for kind, own in rows.items():
        figures = (own["trained"]["mean_iou"], own["unseen"]["mean_iou"], own["drop"]["mean_iou"])
        table.add_row(kind, *map(figure_or_dash, figures))
    return table

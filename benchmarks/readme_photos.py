"""The figures of docs/results-photos.md, from `results/refer.json` and `refer_ablations.json`."""

from __future__ import annotations

from typing import Any

from lbie.evaluation.refer_tables import NOT_RUN, PUBLISHED, ordered_rows, percent
from lbie.evaluation.segmentation import THRESHOLDS
from lbie.evaluation.tables import cell

COLUMNS = [*(f"P@{theta:g}".replace("0.", ".") for theta in THRESHOLDS), "IoU"]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|---" * len(cells) + "|"]


def _shown(figure: dict[str, float] | None, digits: int = 3) -> str:
    return cell(figure, digits) if figure else ""


def _published(figures: dict[str, Any]) -> list[str]:
    """The published table, and ours in its layout."""
    lines = _head("in percent", *COLUMNS)
    for name, values in PUBLISHED.items():
        lines.append(_row(f"ReferIt, published: {name}", *("" if v is None else f"{v:.2f}" for v in values)))
    lines.append(_row(f"ReferIt: `{figures['model']}`", NOT_RUN, *[""] * len(THRESHOLDS)))
    for label, row in ordered_rows(figures):
        lines.append(_row(f"COCO photos: {label.strip()}", *percent(row)))
    return lines


def _beside(figures: dict[str, Any]) -> list[str]:
    """Mean IoU and the right instance of the same rows, with intervals."""
    lines = _head("COCO photos", "overall IoU", "mean IoU", "right instance among its kind")
    for label, row in ordered_rows(figures):
        keys = ("overall_iou", "mean_iou", "right_instance")
        lines.append(_row(label.strip(), *(_shown(row.get(key)) for key in keys)))
    return lines


def groups_table(figures: dict[str, Any]) -> list[str]:
    """By kind of phrase, hops, place, and kind and size of thing."""
    lines = _head("", "phrases", "overall IoU", "mean IoU", "P@.5", "right of its kind")
    for group, values in figures["by"].items():
        for value, own in values.items():
            half = own.get("precision", {}).get("0.5")
            cells = (own.get("overall_iou"), own.get("mean_iou"), half, own["right_instance"])
            lines.append(_row(f"{group}: {value}", str(own["pairs"]), *map(_shown, cells)))
    return lines


def presence_text(presence: dict[str, Any]) -> str:
    there, absent = presence["answered_of_there"], presence["answered_of_absent"]
    shares = [
        f"{share:.1%} of the phrases that name {text}"
        for share, text in ((there, "something"), (absent, "nothing"))
        if share is not None
    ]
    auc = f"area under the ROC curve {_shown(presence.get('auc'))}; " if presence.get("auc") else ""
    return f"**Presence**: {auc}at {presence['threshold']:g} an answer to " + " and to ".join(shares) + "."


def _wording(wording: dict[str, Any]) -> str:
    drop, kinds = wording["drop"], wording["by_kind"]
    by_kind = ", ".join(f"{kind} {own['drop']['mean_iou']['value']:+.3f}" for kind, own in kinds.items())
    return (
        f"**Unseen wordings** (templates that training never uses): overall IoU {_shown(wording['unseen']['overall_iou'])}, "
        f"a drop of {_shown(drop['overall_iou'])}; mean IoU {_shown(wording['unseen']['mean_iou'])}, a drop of "
        f"{_shown(drop['mean_iou'])}; by kind {by_kind}."
    )


def _gates(gates: dict[str, Any]) -> str:
    steps = ", ".join(f"{figure['value']:.2f} on {hops} hops" for hops, figure in gates["steps_by_hops"].items())
    saved, lost = gates["saved"], gates["all_steps_less_gates"]
    return (
        f"**Gates**: mean {gates['mean_steps']:.2f} of {gates['most_steps']} steps ({steps}; two hops less one: "
        f"{_shown(gates['two_hops_less_one'])}). Stopping early saves {saved['region_updates']:.0%} of the region updates "
        f"and {saved['multiply_adds'] or 0:.0%} of the fusion's multiply-adds; all steps forced less gates: overall IoU "
        f"{_shown(lost['overall_iou'], 4)}, mean IoU {_shown(lost['mean_iou'], 4)}."
    )


def _goals(goals: list[dict[str, Any]]) -> list[str]:
    lines = _head("goal", "asked for", "reached", "")
    for goal in goals:
        reached = "none" if goal["value"] is None else f"{goal['value']:.4f}"
        lines.append(_row(goal["name"], goal["goal"], reached, "met" if goal["met"] else "**not met**"))
    return lines


def _ablations(ablations: dict[str, Any]) -> list[str]:
    splits = ", ".join(sorted({own["split"] for own in ablations["variants"].values()}))
    lines = [
        f"**Ablations** (`results/refer_ablations.json`): {ablations['minutes']:g} minutes of one core each, split {splits}.",
        "",
        *_head("variant", "overall IoU", "mean IoU", "P@.5", "right of its kind", "over blanked words", "presence"),
    ]
    keys = ("overall_iou", "mean_iou", "precision_at_half", "right_instance", "over_blanked", "presence")
    for name, own in ablations["variants"].items():
        lines.append(_row(name, *(_shown(own[key]) for key in keys)))
    return [*lines, ""]


def photos_text(figures: dict[str, Any], ablations: dict[str, Any] | None) -> str:
    """Markdown of the section's figures."""
    own = figures["rows"]["model"]
    return "\n".join(
        [
            f"On {own['pairs']:,} generated phrases of {own['photos']} COCO photos of the split {figures['split']} "
            "(`results/refer.json`), masks as the product has them, with 95 % bootstrap intervals over photos. Nothing is "
            "claimed for ReferIt: its photos are not at hand, and these phrases are not human ones.",
            "",
            *_published(figures),
            "",
            *_beside(figures),
            "",
            *_goals(figures["goals"]),
            "",
            presence_text(figures["presence"]),
            "",
            *([_wording(figures["wording"]), ""] if figures["wording"] else []),
            _gates(figures["gates"]),
            "",
            "By kind of phrase, place, hops and thing, with more phrases of the rare kinds:",
            "",
            *groups_table(figures),
            "",
            *(_ablations(ablations) if ablations else []),
        ]
    )

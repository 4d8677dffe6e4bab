"""The figures of docs/results-cosal.md, from `results/cosal.json`, `cosal_drawings.json` and `cosal_ablations.json`."""

from __future__ import annotations

from typing import Any

from lbie.evaluation.cosal_goals import PUBLISHED, ROWS
from lbie.evaluation.cosal_tables import both_readings
from lbie.evaluation.cosal_termination import ALWAYS

COUNTS = ("1", "4", "6", "9")
SHOWN = ("paper, 4 direct", "wording", "named, 1 to 4", "spatial, 1 to 4", "spatial, 5 and 6", "steps on chains")
"""Columns of the ablations that the page shows."""


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _paper(figures: dict[str, Any]) -> list[str]:
    rivals = figures["paper"]["rivals"]
    lines = [_row("average IoU", *(f"{c} direct" for c in COUNTS)), "|---" * (len(COUNTS) + 1) + "|"]
    for key, label in ROWS.items():
        lines.append(_row(f"published: {label}", *(f"{PUBLISHED[key].get(c, '')}" for c in COUNTS)))
        if key in rivals:
            lines.append(_row(f"recipe `cosal-paper`: {label}", *(both_readings(rivals[key].get(c)) for c in COUNTS)))
    lines.append(_row("**`cosal`**", *(both_readings(figures["paper"]["model"][c]) for c in COUNTS)))
    lines.append(
        _row(
            "**`cosal`**, templates not seen in training",
            *(both_readings(figures["wording"]["by_direct"][c]) for c in COUNTS),
        )
    )
    return lines


def chains_table(figures: dict[str, Any]) -> list[str]:
    references, stopping = figures["chain"]["references"], figures["termination"]["stopping"]["by_hops"]
    hops = sorted({h for own in references.values() for h in own["by_hops"]}, key=int)
    lines = [_row("hops", *hops), "|---" * (len(hops) + 1) + "|"]
    for name, own in references.items():
        lines.append(_row(f"IoU, {name} references", *(f"{own['by_hops'][h]['value']:.4f}" for h in hops)))
    for name in references:
        lines.append(_row(f"mean stopping step, {name}", *(f"{stopping[name][h]['mean']:.2f}" for h in hops)))
    return lines


def _termination(figures: dict[str, Any]) -> str:
    found = figures["termination"]
    parts = []
    for batch, compute in found["compute"].items():
        saved, same = compute["saved"], compute["same_compute"]
        parts.append(
            f"{batch.replace('_', ' ')}: {saved['multiply_adds']:.0%} of the multiply-adds and {saved['fusion_time']:.0%} of "
            f"the fusion's time saved ({saved['edit_time']:.0%} of a whole edit's); a fixed number of steps of the same "
            f"multiply-adds ({same['interpolated_steps']:.2f}) has an IoU of {same['interpolated_iou']:.4f}"
        )
    return (
        f"**Termination**: rank correlation (Spearman) of stopping step and hops {found['stopping']['spearman']['all']:.3f}; "
        f"mean {found['stopping']['mean_steps']:.2f} of {ALWAYS} steps, IoU on chains {found['gates']['by_colour']:.4f}, always "
        f"{ALWAYS} steps {found['fixed_steps'][ALWAYS]['by_colour']:.4f}. "
        + ". ".join(p.capitalize() for p in parts)
        + "."
    )


def goals_text(figures: dict[str, Any]) -> str:
    missed = [g for g in figures["goals"] if not g["met"]]
    count = len(figures["goals"])
    if not missed:
        return f"All {count} goals that were set for these figures are met (`goals` in the file lists them)."
    short = "; ".join(f"{g['name']}: {g['value'] or 0:.4f}, goal {g['goal']}" for g in missed)
    lowest = min(own["by_colour"]["value"] for own in figures["wording"]["by_direct"].values())
    return (
        f"Of {count} goals that were set for these figures, **not met**: {short}. The goal for unseen templates (.97) is "
        f"counted at 4 direct sentences; the lowest of the four columns is {lowest:.4f}."
    )


def drawings_text(drawings: dict[str, Any]) -> str:
    refused = f"; {len(drawings['errors'])} refused" if drawings["errors"] else ""
    return (
        f"**Drawings from other hands** (`results/cosal_drawings.json`): of {drawings['drawings']} drawings up to 1,024 px "
        "(any aspect, shapes moved in their cells, soft edges, gray paper, JPEG), "
        f"{drawings['shapes_in_the_right_colour']:.1%} of the shapes get the right colour, {drawings['drawings_all_right']} "
        f"drawings are right in all{refused}."
    )


def _ablations(ablations: dict[str, Any]) -> list[str]:
    lines = [
        f"**Ablations** (`results/cosal_ablations.md`): one change apart, {ablations['minutes']:g} minutes of training each, "
        f"on {ablations['worlds']:,} worlds of val; mean over the seeds.",
        "",
        _row("variant", "seeds", *SHOWN),
        "|---" * (len(SHOWN) + 2) + "|",
    ]
    for name, own in ablations["summary"].items():
        cells = (f"{own[c]['mean']:.{2 if 'steps' in c else 3}f}" if own[c] else "" for c in SHOWN)
        lines.append(_row(name, str(len(own["seeds"])), *cells))
    return lines


def cosal_text(figures: dict[str, Any], drawings: dict[str, Any], ablations: dict[str, Any] | None) -> str:
    """Markdown of the section's figures."""
    lines = [
        f"On {figures['worlds']:,} test worlds of each suite (`results/cosal.json`): average IoU by colour, the release's "
        "reading of the paper, and in brackets by shape.",
        "",
        *_paper(figures),
        "",
        "Chains of references, trained on 1 to 4 hops:",
        "",
        *chains_table(figures),
        "",
        _termination(figures),
        "",
        goals_text(figures),
        "",
        drawings_text(drawings),
        "",
        *([*_ablations(ablations), ""] if ablations else []),
    ]
    return "\n".join(lines)

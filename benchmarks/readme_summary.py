"""The README's table of the figures that matter, from `results/*.json`."""

from __future__ import annotations

from typing import Any

from lbie.evaluation.cosal_goals import PUBLISHED
from lbie.evaluation.refer_measure import BLANK, OWN
from lbie.evaluation.refer_tables import PUBLISHED as REFERIT
from lbie.evaluation.tables import cell


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _flowers(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    control = figures["control"]
    return [
        (
            "error of the colours with the photo's own caption, over gray, unseen kinds of flowers",
            cell(figures["ab_error"]["own_over_gray"]),
            f"another photo's caption {figures['ab_error']['other_over_gray']['value']:.3f}",
        ),
        (
            'colour control: "The flower is C in color." over seven colours',
            cell(control["overall"]),
            f"the true photos {control['true_photos_overall']:.2f}",
        ),
        ("the same over thirty names of colours", cell(figures["control_thirty"]["overall"]), "chance 0.033"),
    ]


def _trained_here(rival: dict[str, Any] | None) -> str:
    return f"; the published sizes, trained here, {rival['by_colour']['value']:.4f}" if rival else ""


def _cosal(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    paper = figures["paper"]
    rows = [
        (
            f"average IoU, {told} of nine sentences tell a colour directly",
            cell(paper["model"][told]["by_colour"]),
            f"published {value:.4f}{_trained_here(paper['rivals'].get('paper_four', {}).get(told))}",
        )
        for told, value in PUBLISHED["paper_four"].items()
    ]
    named = figures["chain"]["references"]["named"]["by_hops"]
    last = max(named, key=int)
    return [*rows, (f"average IoU after {last} references in a chain", cell(named[last]), "trained on at most 4")]


def _photos(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    iou = REFERIT["the paper (Chen et al. 2018)"][-1]
    return [
        (
            "overall IoU, generated phrases of COCO photos",
            cell(figures["rows"][OWN]["overall_iou"]),
            f"every word blanked {figures['rows'][BLANK]['overall_iou']['value']:.3f}; "
            f"the paper on ReferIt, whose photos are not at hand, {iou / 100:.3f}",
        ),
        ("whether a thing is there, area under the ROC curve", cell(figures["presence"]["auc"]), "chance 0.5"),
    ]


def _sketch(figures: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        ("average IoU, free drawings", cell(figures["free"]["free"]["average"]), "goal 0.93"),
        ("average IoU, in any colour", cell(figures["free"]["palette"]["average"]), "cannot be said to `cosal`"),
    ]


def _speed(speed: dict[str, Any]) -> list[tuple[str, str, str]]:
    runs = [speed[part] for part in ("bench", "bench_of_threads") if part in speed]
    return [
        (
            f"how many times faster than a forward of CLIPSeg, {name} of 256 px",
            "; ".join(f"{_ratios(run['goals'][kind])} (threads: {run['threads']})" for run in runs),
            f"goal {runs[0]['goals'][kind]['goal']:g}",
        )
        for kind, name in (("first", "first edit"), ("next", "next sentence on the same photo"))
    ]


def _ratios(goal: dict[str, Any]) -> str:
    return ", ".join(f"{own['ratio']:.1f}" for model, own in goal.items() if model != "goal")


def summary_text(
    flowers: dict[str, Any],
    cosal: dict[str, Any],
    refer: dict[str, Any] | None,
    sketch: dict[str, Any] | None,
    speed: dict[str, Any] | None,
    full: dict[str, Any],
) -> str:
    """The block of the README."""
    groups = {
        "flowers": _flowers(flowers),
        "photos": _photos(refer) if refer else [],
        "sketch": _sketch(sketch) if sketch else [],
        "cosal": _cosal(cosal),
    }
    lines = [_row("model", "figure", "here", "beside it"), "|---|---|---|---|"]
    for model, rows in groups.items():
        lines += [_row(f"[`{model}`](docs/results-{model}.md)", *row) for row in rows]
    if speed and "bench" in speed:
        lines += [_row("[`flowers`, `photos`, `sketch`](docs/speed.md)", *row) for row in _speed(speed)]
    peak = ("peak memory of an edit of 12 megapixels", f"{full['peak_mib']:.0f} MiB", "goal 1,536 MiB")
    lines.append(_row("[`flowers`](docs/results-flowers.md)", *peak))
    return "\n".join([*lines, "", "In brackets: 95 % bootstrap intervals.", ""])

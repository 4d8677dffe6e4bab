"""CoSaL's figures as tables for a terminal."""

from __future__ import annotations

from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from lbie.evaluation.cosal_goals import PUBLISHED, ROWS
from lbie.evaluation.cosal_suites import DIRECT_COUNTS
from lbie.evaluation.cosal_termination import ALWAYS, GATES
from lbie.evaluation.tables import cell

_cell = partial(cell, digits=4)


def both_readings(readings: dict[str, Any] | None) -> str:
    """The first reading, and the second in brackets."""
    return f"{readings['by_colour']['value']:.4f} ({readings['by_shape']['value']:.4f})" if readings else "-"


def print_cosal(figures: dict[str, Any]) -> None:
    """Print what `lbie evaluate cosal` measured."""
    console = Console()
    console.print(_paper(figures))
    console.print(_chains(figures))
    console.print(_stopping(figures))
    for batch in figures["termination"]["compute"]:
        console.print(_compute(figures, batch))
    table = Table("goal", "", "value", "", title="goals; IoU in reading (a)")
    for goal in figures["goals"]:
        value = "none" if goal["value"] is None else f"{goal['value']:.4f}"
        table.add_row(goal["name"], goal["goal"], value, "met" if goal["met"] else "not met")
    console.print(table)


def _paper(figures: dict[str, Any]) -> Table:
    counts = [str(c) for c in DIRECT_COUNTS]
    title = f"average IoU by colour, (by shape), {figures['worlds']:,} worlds of {figures['split']}"
    table = Table("model", *(f"{c} direct" for c in counts), title=title)
    rivals = figures["paper"]["rivals"]
    for key, label in ROWS.items():
        published = PUBLISHED[key]
        table.add_row(f"paper: {label}", *(f"{published[c]:.4f}" if c in published else "-" for c in counts))
        if key in rivals:
            table.add_row(f"lbie, its sizes: {label}", *(both_readings(rivals[key].get(c)) for c in counts))
    model, wording = figures["paper"]["model"], figures["wording"]
    table.add_row(f"lbie: {figures['model']}", *(both_readings(model[c]) for c in counts))
    table.add_row("  unseen templates", *(both_readings(wording["by_direct"][c]) for c in counts))
    mean = wording["mean"]
    table.caption = f"mean over unseen templates {mean['by_colour']:.4f} ({mean['by_shape']:.4f})"
    return table


def _chains(figures: dict[str, Any]) -> Table:
    chain = figures["chain"]
    title = f"chains: IoU of the shapes by hops; all by colour {_cell(chain['by_colour'])}"
    table = Table("hops", *chain["references"], title=title)
    hops = sorted({h for own in chain["references"].values() for h in own["by_hops"]}, key=int)
    for hop in hops:
        cells = (own["by_hops"].get(hop) for own in chain["references"].values())
        table.add_row(hop, *(_cell(c) if c else "-" for c in cells))
    for key in ("1_to_4", "5_and_6"):
        cells = (own.get(key) for own in chain["references"].values())
        table.add_row(f"mean {key.replace('_', ' ')}", *(_cell(c) if c else "-" for c in cells))
    return table


def _stopping(figures: dict[str, Any]) -> Table:
    stopping = figures["termination"]["stopping"]
    table = Table("hops", *stopping["by_hops"], title=f"stopping step by hops; mean {stopping['mean_steps']:.2f}")
    hops = sorted({h for own in stopping["by_hops"].values() for h in own}, key=int)
    for hop in hops:
        cells = (own.get(hop) for own in stopping["by_hops"].values())
        table.add_row(hop, *(f"{c['mean']:.2f} ± {c['deviation']:.2f}" if c else "-" for c in cells))
    ranks = stopping["spearman"].values()
    table.add_row("Spearman", *("none" if r is None else f"{r:.3f}" for r in ranks))
    return table


def _compute(figures: dict[str, Any], batch: str) -> Table:
    termination = figures["termination"]
    compute = termination["compute"][batch]
    same = compute["same_compute"]
    table = Table(
        *("", "IoU by colour", "updates", "multiply-adds", "fusion, ms", "edit, ms"),
        title=f"a world of chains, {batch.replace('_', ' ')}",
        caption=f"same multiply-adds as the gates: nearest {same['nearest']} steps, IoU {same['nearest_iou']:.4f}; "
        f"interpolated {same['interpolated_steps']:.2f} steps, {same['interpolated_iou']:.4f}",
    )
    for name, counted in compute["a_world"].items():
        found = termination["gates"] if name == GATES else termination["fixed_steps"][name]
        timed = compute["time"].get(name)
        table.add_row(
            *("gates" if name == GATES else f"{name} steps", f"{found['by_colour']:.4f}"),
            *(f"{counted['updates']:.1f}", f"{counted['multiply_adds']:,}"),
            *((f"{timed['fusion_ms']:.3f}", f"{timed['edit_ms']:.3f}") if timed else ("-", "-")),
        )
    saved = compute["saved"]
    table.add_row(
        *(f"saved over {ALWAYS}", "", f"{saved['updates']:.1%}", f"{saved['multiply_adds']:.1%}"),
        *(f"{saved['fusion_time']:.1%}", f"{saved['edit_time']:.1%}"),
    )
    return table

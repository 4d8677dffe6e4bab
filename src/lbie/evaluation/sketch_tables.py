"""The sketch model's figures as tables for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from lbie.evaluation.tables import cell

GROUPS = {
    "by_sentence": "kind of sentence",
    "by_manner": "manner of drawing",
    "by_shapes": "shapes",
    "by_hops": "references",
}
"""Kinds of groups of shapes, and what tables call them."""


def print_sketch(figures: dict[str, Any]) -> None:
    """Print what `lbie evaluate sketch` measured."""
    console = Console()
    free = figures["free"]
    suites = list(free)
    title = f"average IoU of told shapes and the rest, {figures['worlds']:,} drawings a suite, {figures['split']}"
    table = Table("", *suites, title=title)
    table.add_row("all", *(cell(free[s]["average"]) for s in suites))
    for group, label in GROUPS.items():
        names = list(dict.fromkeys(name for s in suites for name in free[s][group]))
        for name in names:
            values = (f"{own['value']:.3f}" if (own := free[s][group].get(name)) else "-" for s in suites)
            table.add_row(f"{label}: {name}", *values)
    table.add_row("mean steps", *(f"{free[s]['mean_steps']:.2f}" for s in suites))
    console.print(table)
    table = Table("suite", "all", "names seen", "names held out", title="CIEDE2000 of told shapes")
    for suite in suites:
        if away := free[suite].get("delta_e"):
            table.add_row(suite, *(cell(away[key]) for key in ("all", "names_seen", "names_held_out")))
    console.print(table)
    hand = figures["by_hand"]
    console.print(
        f"by hand: {hand['right_in_all']} of {hand['drawings']} drawings right in all, IoU {cell(hand['average'])}"
    )
    table = Table("suite", "sketch", "cosal", "steps", title="average IoU by colour on CoSaL's suites")
    for suite, own in figures["cosal"].items():
        table.add_row(suite, cell(own["by_colour"], 4), cell(own["reference"], 4), f"{own['mean_steps']:.2f}")
    console.print(table)

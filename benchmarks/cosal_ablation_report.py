"""What the ablations found, as a table and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from cosal_variants import NAMES, PRICES

matplotlib.use("Agg")
from matplotlib import pyplot

COLUMNS: dict[str, tuple[str, ...]] = {
    "paper, 4 direct": ("paper", "by_colour", "value"),
    "wording": ("wording", "by_colour", "value"),
    "named, 1 to 4": ("chain", "references", "named", "1_to_4", "value"),
    "spatial, 1 to 4": ("chain", "references", "spatial", "1_to_4", "value"),
    "named, 5 and 6": ("longer_chain", "references", "named", "5_and_6", "value"),
    "spatial, 5 and 6": ("longer_chain", "references", "spatial", "5_and_6", "value"),
    "steps on chains": ("chain", "mean_steps"),
    "Spearman": ("longer_chain", "stopping", "spearman", "all"),
    "training steps": ("steps",),
    "seconds": ("seconds",),
}
"""Columns of the table, and where a run has them."""


def _value(run: dict[str, Any], place: tuple[str, ...]) -> float | None:
    found: Any = run
    for key in place:
        if found is None or key not in found:
            return None
        found = found[key]
    return found


def summary(runs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each variant its seeds, and mean, lowest and highest value of each column over them."""
    found: dict[str, dict[str, Any]] = {}
    for variant in NAMES:
        own = [run for run in runs.values() if run["variant"] == variant]
        if not own:
            continue
        found[variant] = {"seeds": sorted(run["seed"] for run in own)}
        for column, place in COLUMNS.items():
            values = [v for run in own if (v := _value(run, place)) is not None]
            found[variant][column] = (
                {
                    "mean": round(float(np.mean(values)), 4),
                    "low": round(min(values), 4),
                    "high": round(max(values), 4),
                    "n": len(values),
                }
                if values
                else None
            )
    return found


def _cell(column: str, figure: dict[str, float] | None) -> str:
    if figure is None:
        return "none"
    if column in ("training steps", "seconds"):
        return f"{figure['mean']:,.0f}"
    digits = 2 if column == "steps on chains" else 3
    text = f"{figure['mean']:.{digits}f}"
    return text if figure["n"] == 1 else f"{text} ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"


def table(figures: dict[str, Any]) -> str:
    """Markdown: a variant a row."""
    lines = [
        f"Variants of the recipe `{figures['recipe']}`, one change apart, trained {figures['minutes']:g} minutes each. "
        f"IoU by colour (paper, wording) or by hops (chains), on {figures['worlds']:,} worlds of val (5 and 6 hops, and Spearman: of chains like the test split's, which are not in it). "
        "Where there are several seeds: mean, lowest and highest.",
        "",
        "| variant | seeds | " + " | ".join(COLUMNS) + " |",
        "|---" * (len(COLUMNS) + 2) + "|",
    ]
    for variant, own in figures["summary"].items():
        seeds = ", ".join(map(str, own["seeds"]))
        lines.append(f"| {variant} | {seeds} | " + " | ".join(_cell(c, own[c]) for c in COLUMNS) + " |")
    return "\n".join(lines) + "\n"


def plot_prices(runs: dict[str, dict[str, Any]], prices: dict[str, float], path: Path) -> None:
    """Mean steps against IoU of the variants that differ in the price of a step, those of one seed joined."""
    names = {"full", *(f"price-x{times}" for times in PRICES)}
    rows = sorted((prices[n], run) for n, run in runs.items() if run["variant"] in names and run["seed"] == 0)
    if len(rows) < 2:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = ("named, 1 to 4", "spatial, 1 to 4", "named, 5 and 6", "spatial, 5 and 6")
    figure, axis = pyplot.subplots(figsize=(6, 4.2), layout="constrained")
    for column in shown:
        points = [(run["chain"]["mean_steps"], _value(run, COLUMNS[column]), price) for price, run in rows]
        points = [p for p in points if p[1] is not None]
        axis.plot([p[0] for p in points], [p[1] for p in points], "o-", label=column)
    for price, run in rows:
        axis.axvline(run["chain"]["mean_steps"], color="0.85", zorder=0)
        axis.annotate(f"price {price:g}", (run["chain"]["mean_steps"], 0.02), rotation=90, fontsize=8)
    axis.set_ylim(0, 1.02)
    axis.set_xlabel("mean steps on chains of val")
    axis.set_ylabel("IoU")
    axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)

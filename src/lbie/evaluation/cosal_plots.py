"""Curves of CoSaL's figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

REFERENCES = {"named": "tab:blue", "spatial": "tab:orange"}
TRADE = {
    "by_colour": "all (reading a)",
    "named_5_and_6": "named, 5 and 6 hops",
    "spatial_5_and_6": "spatial, 5 and 6 hops",
    "named_1_to_4": "named, 1 to 4 hops",
    "spatial_1_to_4": "spatial, 1 to 4 hops",
}


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def plot_hops(figures: dict[str, Any], path: Path) -> None:
    """IoU over hops with 95 % intervals, named and spatial references."""
    figure, axis = pyplot.subplots(figsize=(6, 4), layout="constrained")
    for name, colour in REFERENCES.items():
        by_hops = figures["chain"]["references"].get(name, {}).get("by_hops", {})
        hops, values = [int(h) for h in by_hops], [v["value"] for v in by_hops.values()]
        errors = [[v["value"] - v["low"] for v in by_hops.values()], [v["high"] - v["value"] for v in by_hops.values()]]
        if hops:
            axis.errorbar(hops, values, errors, label=name, color=colour, marker="o", capsize=3)
    axis.axvspan(4.5, 6.5, color="0.93", zorder=0, label="longer than trained")
    axis.set_xlim(-0.5, 6.5)
    axis.set_xlabel("hops")
    axis.set_ylabel("IoU of the shapes")
    axis.set_title(f"chains, {figures['worlds']:,} worlds of {figures['split']}, 95 % intervals", fontsize=10)
    axis.legend()
    _save(figure, path)


def plot_stopping(figures: dict[str, Any], path: Path) -> None:
    """Stopping step over hops: mean, standard deviation, and the share of shapes at each step as disc area."""
    stopping = figures["termination"]["stopping"]
    names = [n for n in REFERENCES if n in stopping["by_hops"]]
    columns = max(1, len(names))
    figure, axes = pyplot.subplots(
        1, columns, figsize=(5 * columns, 4), sharey=True, layout="constrained", squeeze=False
    )
    for axis, name in zip(axes[0], names, strict=False):
        by_hops = stopping["by_hops"][name]
        hops = [int(h) for h in by_hops]
        for hop, spread in zip(hops, by_hops.values(), strict=True):
            steps, shares = [int(s) for s in spread["share_by_step"]], [*spread["share_by_step"].values()]
            axis.scatter([hop] * len(steps), steps, [s * 400 for s in shares], color=REFERENCES[name], alpha=0.3)
        means, deviations = [s["mean"] for s in by_hops.values()], [s["deviation"] for s in by_hops.values()]
        axis.errorbar(hops, means, deviations, color=REFERENCES[name], marker="_", capsize=4)
        rank = stopping["spearman"][name]
        axis.set_title(f"{name}: Spearman {'none' if rank is None else f'{rank:.3f}'}", fontsize=10)
        axis.set_xlabel("hops")
        axis.set_xticks(hops)
    axes[0, 0].set_ylabel("stopping step: mean, deviation, shares")
    _save(figure, path)


def plot_tradeoff(figures: dict[str, Any], path: Path) -> None:
    """IoU over mean steps: gates at several thresholds against fixed numbers of steps."""
    termination = figures["termination"]
    keys = [k for k in TRADE if k in termination["gates"]]
    size = (4 * len(keys), 4)
    figure, axes = pyplot.subplots(1, len(keys), figsize=size, layout="constrained", squeeze=False)
    for axis, key in zip(axes[0], keys, strict=True):
        fixed, others = termination["fixed_steps"], termination["by_stop_probability"]
        axis.plot([int(n) for n in fixed], [f[key] for f in fixed.values()], "s-", color="0.5", label="fixed steps")
        points = sorted((f["mean_steps"], f[key], p) for p, f in others.items())
        axis.plot([p[0] for p in points], [p[1] for p in points], "o-", color="tab:red", label="gates, by threshold")
        for steps, value, threshold in points:
            axis.annotate(threshold, (steps, value), fontsize=7, xytext=(3, -9), textcoords="offset points")
        own = termination["gates"]
        axis.plot(own["mean_steps"], own[key], "*", color="tab:red", markersize=14, label="gates, as shipped")
        axis.set_title(TRADE[key], fontsize=10)
        axis.set_xlabel("mean steps")
    axes[0, 0].set_ylabel("IoU")
    axes[0, 0].legend(loc="lower right")
    _save(figure, path)

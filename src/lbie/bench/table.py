"""The figures on a terminal."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from lbie.bench.rounds import spread

COLUMNS = {"clipseg_over_first": "CLIPSeg / first edit", "clipseg_over_next": "CLIPSeg / next sentence"}
TIMES = {"first": "first edit", "next": "next sentence", "command": "command"}


def print_figures(figures: dict[str, Any]) -> None:
    """Ratios first, then times."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table("model", "image", *COLUMNS.values(), *(f"{name}, ms" for name in TIMES.values()), "peak, MiB")
    for model, sizes in figures["models"].items():
        for size, own in sizes.items():
            ratios = (spread(own[key]) for key in COLUMNS)
            times = (f"{own[key]['ms']:.1f}" for key in TIMES)
            table.add_row(model, size, *ratios, *times, f"{own['peak_mib']:.0f}")
    console.print(table)
    for kind, goal in figures["goals"].items():
        reached = (f"{name} {own['ratio']:.1f} ({met(own)})" for name, own in goal.items() if name != "goal")
        console.print(f"{TIMES[kind]} at 256 px, CLIPSeg over it, goal {goal['goal']:g}: {', '.join(reached)}")
    for name, own in figures["rivals"].items():
        console.print(f"{name}: {spread(own)}")
    for model, own in figures["at_once"].items():
        console.print(f"{model}, at once: " + ", ".join(f"{n}: {v['per_second']:.0f} a second" for n, v in own.items()))
    limits = figures["limits"]
    shares = (f"{n} {v['first_share']:.0%} and {v['next_share']:.0%}" for n, v in limits["models"].items())
    peak = f"{limits['matmul_gflop_per_second']:.0f} GFLOP/s, {limits['copy_gb_per_second']:.1f} GB/s"
    console.print(f"machine: {peak}; of the first, first edits and next sentences use {', '.join(shares)}")


def met(own: dict[str, Any]) -> str:
    """A goal in a word or two."""
    return "met" if own["met"] else "not met"

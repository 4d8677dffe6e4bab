"""The tables of docs/scaling.md, from `results/scaling.json`."""

from __future__ import annotations

from typing import Any


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _span(hours: float) -> str:
    """A time as a person says it."""
    for unit, length in (("years", 8766.0), ("days", 24.0), ("hours", 1.0)):
        if hours >= 2 * length:
            return f"{hours / length:,.1f} {unit}"
    return f"{hours * 60:,.0f} minutes" if hours >= 1 / 30 else f"{hours * 3600:,.0f} seconds"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def scaling_text(scaling: dict[str, Any]) -> str:
    """What each step gives, what a million and a billion photos take, and what was measured for it."""
    steps, photo, notes = scaling["steps"], scaling["photo"], scaling["notes"]
    lines = [_row("", "photos a second", "simulated", "held up by", "which is busy"), "|---|---:|---:|---|---:|"]
    for step in steps:
        rates = _rate(step["photos_a_second"]), _rate(step["photos_a_second_simulated"])
        lines.append(_row(step["name"], *rates, step["bottleneck"], f"{step['busy'][step['bottleneck']]:.0%}"))
    for name in ("million", "billion"):
        lines += ["", _row(f"a {name} photos", "time", "of it listing", "dollars", "journal, each, in GB")]
        lines.append("|---|---:|---:|---:|---:|")
        for step in steps:
            known = step[name]
            cost = "its power" if step["laptop"] else f"{known['dollars']:,}"
            times = _span(known["hours"]), _span(known["hours_to_plan"])
            lines.append(_row(step["name"], *times, cost, f"{known['journal_gb']:,.1f}"))
    lines += [
        "",
        f"Measured: {photo['processor_seconds']:.2f} s of one processor for a photo of {photo['megapixels']} megapixels, "
        f"{photo['mb_read']:.1f} MB read and {photo['mb_written']:.1f} MB written; the command's processor takes "
        f"{notes['processor_microseconds_to_plan']:.0f} µs to list a file and {notes['processor_microseconds_to_note']:.0f} µs "
        f"to note it, and its journal has {notes['journal_bytes_an_image']:,} bytes of each. Computed and simulated throughput are {scaling['simulation_apart_at_most']:.1%} apart at most.",
    ]
    return "\n".join(lines)

"""The figures of the runtimes for docs/install.md, from results/runtime.json."""

from __future__ import annotations

from typing import Any

from lbie.bench.rounds import spread
from lbie.bench.table import met

WORK = {
    "encode_image": "image to the network",
    "open_and_edit": "open and edit",
    "next_edit": "next sentence",
    "command": "command",
}


def runtime_text(speed: dict[str, Any], install: dict[str, Any]) -> str:
    """A table of ratios and a line of sizes."""
    lines = [
        "Time by onnx over that by torch, median of interleaved rounds with quartiles (below 1: onnx is faster):",
        "",
        "| model | " + " | ".join(WORK.values()) + " |",
        "|---|" + "---|" * len(WORK),
    ]
    for name, own in speed["models"].items():
        lines.append(f"| `{name}` | " + " | ".join(spread(own[work]) for work in WORK) + " |")
    train, bare = install["train"], install["core_and_torch"]
    lines += [
        "",
        f"Goals: warm at most {speed['warm']['goal']:.2f} ({met(speed['warm'])}), the command from a cold start at most "
        f"{speed['cold']['goal']:.2f} ({met(speed['cold'])} by the slowest, {speed['cold']['largest_ratio']:.2f}). The core "
        f"install has {install['core_mb']} MB: {train['ratio']:.2f} of that with the extra `train` (goal {install['goal']:.2f}: "
        f"{met(train)}), {bare['ratio']:.2f} of the core with torch alone, built for the processor ({met(bare)}).",
    ]
    return "\n".join(lines)

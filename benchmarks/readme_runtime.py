"""The figures of the runtimes for docs/install.md, from results/runtime.json."""

from __future__ import annotations

from typing import Any

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
        cells = (f"{v['ratio']:.2f} [{v['low_quartile']:.2f}, {v['high_quartile']:.2f}]" for v in map(own.get, WORK))
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    train, bare = install["train"], install["core_and_torch"]
    lines += [
        "",
        f"Goals: warm at most {speed['warm']['goal']:.2f} ({_met(speed['warm'])}), the command from a cold start at most "
        f"{speed['cold']['goal']:.2f} ({_met(speed['cold'])} by the slowest, {speed['cold']['largest_ratio']:.2f}). The core "
        f"install has {install['core_mb']} MB: {train['ratio']:.2f} of that with the extra `train` (goal {install['goal']:.2f}: "
        f"{_met(train)}), {bare['ratio']:.2f} of the core with torch alone, built for the processor ({_met(bare)}).",
    ]
    return "\n".join(lines)


def _met(figures: dict[str, Any]) -> str:
    return "met" if figures["met"] else "not met"

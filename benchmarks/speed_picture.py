"""The picture of results/speed.json: how many times faster than CLIPSeg edits are, and sentences at once.

python benchmarks/speed_picture.py -o docs/speed.svg
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import matplotlib

from lbie.evaluation.report import read_section

matplotlib.use("Agg")
from matplotlib import pyplot

matplotlib.rcParams["svg.hashsalt"] = "lbie"  # the same file each time

ROOT = Path(__file__).resolve().parent.parent
_COLOURS = {"first": "tab:blue", "next": "tab:orange"}
_NAMES = {"first": "first edit", "next": "next sentence"}


def draw(figures: dict[str, Any], path: Path) -> None:
    """Draw how many times faster than CLIPSeg's forward edits are, by model and size, and sentences at once."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained", width_ratios=(3, 2))
    rows = [(model, size, own) for model, sizes in figures["models"].items() for size, own in sizes.items()]
    for offset, (kind, colour) in enumerate(_COLOURS.items()):
        values = [own[f"clipseg_over_{kind}"] for _, _, own in rows]
        middle = [v["ratio"] for v in values]
        errors = [[v["ratio"] - v["low_quartile"] for v in values], [v["high_quartile"] - v["ratio"] for v in values]]
        places = [n + 0.4 * offset - 0.2 for n in range(len(rows))]
        left.bar(places, middle, 0.38, yerr=errors, color=colour, capsize=2, label=_NAMES[kind])
        goal = figures["goals"][kind]["goal"]
        left.axhline(goal, color=colour, linestyle=":", linewidth=1)
        about = {"color": colour, "ha": "right", "va": "center", "fontsize": 8, "bbox": {"color": "white", "pad": 1}}
        left.annotate(f"goal at 256 px: {goal:g}", (len(rows) - 0.5, goal), **about)
    left.set_yscale("log")
    left.set_xticks(range(len(rows)), [f"{model}\n{size}" for model, size, _ in rows], fontsize=8)
    left.set_ylabel("times as fast as a forward of CLIPSeg")
    left.legend(fontsize=8)
    left.set_title("edits beside CLIPSeg at its 352 px; medians and quartiles", fontsize=10)
    for model, own in figures["at_once"].items():
        values = list(own.values())
        errors = [[v["ratio"] - v["low_quartile"] for v in values], [v["high_quartile"] - v["ratio"] for v in values]]
        right.errorbar([int(n) for n in own], [v["ratio"] for v in values], errors, marker="o", capsize=2, label=model)
    right.set_xscale("log", base=2)
    right.set_xticks(
        [int(n) for n in next(iter(figures["at_once"].values()))], labels=[*next(iter(figures["at_once"].values()))]
    )
    right.set_xlabel("sentences at once, of one image")
    right.set_ylabel("sentences a second, over one at a time")
    right.set_ylim(bottom=0)
    right.legend(fontsize=8)
    right.set_title("throughput", fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "speed.svg")
    draw(read_section(ROOT / "results" / "speed.json", "bench"), parser.parse_args().output)


if __name__ == "__main__":
    main()

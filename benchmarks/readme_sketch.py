"""The figures of docs/results-sketch.md, from `results/sketch.json`, `sketch_time.json` and `vector.json`."""

from __future__ import annotations

from typing import Any

from lbie.evaluation.sketch_tables import GROUPS
from lbie.evaluation.tables import cell

_NAMES = {
    "again": "again (told anew)",
    "hand": "by hand",
    "palette": "any colour",
    "palette-paper": "any colour, nine shapes",
}


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|---" * len(cells) + "|"]


def suites_table(free: dict[str, Any]) -> list[str]:
    groups = {"by_manner": ("filled", "outlined", "hand"), "by_hops": ("0", "1")}
    lines = _head(
        "suite", "average IoU", "filled", "outlined", "wobbly", "told directly", "by another's colour", "mean steps"
    )
    for suite, own in free.items():
        cells = [own[g].get(n) for g, names in groups.items() for n in names]
        shown = (f"{c['value']:.3f}" if c else "" for c in cells)
        lines.append(_row(_NAMES.get(suite, suite), cell(own["average"]), *shown, f"{own['mean_steps']:.2f}"))
    return lines


def group_table(free: dict[str, Any], group: str) -> list[str]:
    lines = _head(GROUPS[group], *(_NAMES.get(suite, suite) for suite in free))
    for name in dict.fromkeys(name for own in free.values() for name in own[group]):
        values = (own[group].get(name) for own in free.values())
        lines.append(_row(name, *(f"{v['value']:.3f}" if v else "" for v in values)))
    return lines


def goals(sketch: dict[str, Any], time: dict[str, Any], vector: dict[str, Any]) -> list[tuple[str, str, float, bool]]:
    """What was asked for: name, bar, value, and whether it is met."""
    free, away = sketch["free"], sketch["free"]["palette"]["delta_e"]
    found = [("average IoU, free", "≥ 0.93", value := free["free"]["average"]["value"], value >= 0.93)]
    for key, name in (("names_seen", "seen in training"), ("names_held_out", "not seen")):
        found.append((f"CIEDE2000, names {name}", "≤ 3", value := away[key]["value"], value <= 3))
    for suite, own in sketch["cosal"].items():
        less = round(own["reference"]["value"] - own["by_colour"]["value"], 4)
        found.append((f"IoU of `cosal` less own, {suite}", "≤ 0.01", less, less <= 0.01))
    for key, name in (("answers", "the generator's answers"), ("model", "the model")):
        share = vector["free"][key]["right_in_all"] / vector["free"][key]["drawings"]
        found.append((f"SVG drawings right in all, {name}", "≥ 0.95", share, share >= 0.95))
    found.append(("seconds, a megapixel and eight sentences", "< 1", value := time["edit_seconds"], value < 1))
    return found


def sketch_text(sketch: dict[str, Any], time: dict[str, Any], vector: dict[str, Any]) -> str:
    """The block of the page."""
    free, hand = sketch["free"], sketch["by_hand"]
    lines = [
        f"On {sketch['worlds']:,} drawings a suite of the split {sketch['split']} (`results/sketch.json`); average IoU of the "
        "told shapes and of the rest of each drawing, with 95 % bootstrap intervals:",
        "",
        *suites_table(free),
        "",
        *group_table(free, "by_sentence"),
        "",
        *group_table(free, "by_shapes"),
        "",
        f"**Thirty drawings by hand**: {hand['right_in_all']} are right in all, average IoU {cell(hand['average'])}. "
        f"**SVG**: of {vector['free']['model']['drawings']} free drawings written as SVG "
        f"{vector['free']['model']['right_in_all']} are right in all ({vector['free']['model']['elements_right']:.1%} of the "
        f"elements), with the generator's answers in place of the model's {vector['free']['answers']['right_in_all']}; with "
        f"shapes over each other {vector['overlap']['model']['right_in_all']} and "
        f"{vector['overlap']['answers']['right_in_all']} of {vector['overlap']['model']['drawings']}. **Time**: a drawing of "
        f"{time['pixels'] / 1e6:.2f} megapixels with {time['sentences']} sentences takes {time['edit_seconds']:.2f} s on two "
        f"threads, {time['ratio']:.1f} times reading and writing its PNG.",
        "",
        *_head("goal", "asked for", "reached", ""),
        *(_row(name, bar, f"{value:.4f}", "met" if met else "**not met**") for name, bar, value, met in goals(sketch, time, vector)),
    ]  # fmt: skip
    return "\n".join(lines)

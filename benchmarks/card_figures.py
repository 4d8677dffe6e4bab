"""The figures of the pages in docs/models/, from `results/*.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from readme_cosal import chains_table, drawings_text, goals_text
from readme_flowers import control_table, parts_table
from readme_photos import groups_table, presence_text
from readme_sketch import goals, group_table, suites_table

from lbie.evaluation.sketch_tables import GROUPS
from lbie.evaluation.tables import cell

ROOT = Path(__file__).resolve().parent.parent
HARDEST = 8
"""Of the thirty names of colours so many are shown, the lowest first."""


def _weights(name: str, figures: dict[str, Any]) -> str:
    """Which weights these are, and of which commit they were measured."""
    card = json.loads((ROOT / "src" / "lbie" / "weights" / name / "card.json").read_text("utf-8"))
    measured = figures["provenance"]
    return (
        f"Weights `{card['version']}` (SHA-256 `{card['sha256']}`), measured on {measured['date'][:10]} at commit "
        f"`{measured['commit'][:12]}`; tables by `python benchmarks/readme_figures.py`."
    )


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def flowers_card(flowers: dict[str, Any]) -> str:
    names = sorted(flowers["control_thirty"]["by_colour"].items(), key=lambda item: item[1]["value"])[:HARDEST]
    bleeding, errors = flowers["bleeding"], flowers["ab_error"]
    lines = [
        _weights("flowers", flowers),
        "",
        f"{flowers['photos']:,} photos of the classes kept for the test, with 95 % bootstrap intervals. Error of the colours "
        f"with the photo's own caption, over that of gray: {cell(errors['own_over_gray'])}; with another photo's caption: "
        f"{cell(errors['other_over_gray'])}.",
        "",
        *control_table(flowers["control"]),
        "",
        f"The {HARDEST} lowest of thirty names, and what they are mostly taken for:",
        "",
        _row("name", "share", "mistaken for"),
        "|---|---|---|",
    ]
    for name, own in names:
        wrong = sorted(flowers["control_thirty"]["mistaken_for"][name].items(), key=lambda item: -item[1])[:2]
        lines.append(_row(name, cell(own), ", ".join(f"{other} {n}" for other, n in wrong)))
    lines += [
        "",
        *parts_table(flowers["parts"]),
        "",
        f"Change of chroma outside the flower, over that inside: {cell(bleeding['outside_over_inside'])}.",
        "",
        _row("given", "pictures", "warned that the model was made for flowers"),
        "|---|---|---|",
        *(_row(name, f"{own['n']:,}", f"{own['warned']:.1%}") for name, own in flowers["domain"].items()),
    ]
    return "\n".join(lines)


def cosal_card(cosal: dict[str, Any], drawings: dict[str, Any]) -> str:
    suites = {"paper": cosal["paper"]["model"], "templates not seen in training": cosal["wording"]["by_direct"]}
    counts = [count for count in cosal["paper"]["model"] if all(count in own for own in suites.values())]
    return "\n".join(
        [
            _weights("cosal", cosal),
            "",
            f"Average IoU by colour on {cosal['worlds']:,} test worlds a suite, with 95 % bootstrap intervals, by the number of "
            "sentences that name a shape directly:",
            "",
            _row("suite", *counts),
            "|---" * (len(counts) + 1) + "|",
            *(_row(name, *(cell(own[c]["by_colour"], 4) for c in counts)) for name, own in suites.items()),
            "",
            "By the length of the chain of references (trained on 1 to 4):",
            "",
            *chains_table(cosal),
            "",
            drawings_text(drawings),
            "",
            goals_text(cosal),
        ]
    )


def photos_card(refer: dict[str, Any]) -> str:
    model = refer["rows"]["model"]
    return "\n".join(
        [
            _weights("photos", refer),
            "",
            f"{model['pairs']:,} generated phrases of {model['photos']} COCO photos of the test split: overall IoU "
            f"{cell(model['overall_iou'])}, mean IoU {cell(model['mean_iou'])}, right instance among its kind "
            f"{cell(model['right_instance'])}, with 95 % bootstrap intervals over photos. By groups, with more phrases of the "
            "rare kinds:",
            "",
            *groups_table(refer),
            "",
            presence_text(refer["presence"]),
        ]
    )


def sketch_card(sketch: dict[str, Any] | None, time: dict[str, Any] | None, vector: dict[str, Any] | None) -> str:
    if not (sketch and time and vector):
        return "Not measured yet: these tables come with `results/sketch.json`, which `lbie evaluate sketch` writes."
    lines = [_weights("sketch", sketch), "", f"Average IoU on {sketch['worlds']:,} drawings a suite:", ""]
    lines += suites_table(sketch["free"])
    for group in GROUPS:
        lines += ["", *group_table(sketch["free"], group)]
    hand, missed = sketch["by_hand"], [name for name, _, _, met in goals(sketch, time, vector) if not met]
    lines += [
        "",
        f"Of {hand['drawings']} drawings by hand {hand['right_in_all']} are right in all.",
        f"Goals **not met**: {'; '.join(missed)}." if missed else "All goals are met.",
    ]
    return "\n".join(lines)

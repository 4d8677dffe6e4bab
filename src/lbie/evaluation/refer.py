"""Segmentation by language measured: overlap, the right thing, presence, wording, gates, beside what it should beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from lbie.evaluation.answer_sheet import draw_answers
from lbie.evaluation.answers import load_segmenter
from lbie.evaluation.refer_exam import PHRASES, SEED, ReferExam
from lbie.evaluation.refer_goals import goals
from lbie.evaluation.refer_measure import (
    BLANK,
    FORCED,
    LINEAR,
    OWN,
    measure,
    presence_figures,
    row_figures,
    wording_figures,
)
from lbie.evaluation.refer_tables import print_refer
from lbie.evaluation.report import write_figures

_COLUMNS = 6


def evaluate(
    model: str,
    rivals: Mapping[str, str],
    exam: ReferExam,
    output: Path,
    sheet: Path,
    threshold: float = 0.5,
) -> dict[str, Any]:
    """Measure, print, write `output` and draw `sheet`; returns the figures.

    The masks are the product's, refined to the photo's edges, at the photo's size. Each phrase is asked because it
    names something: what the model says of presence changes no mask but in the row `with the threshold`.

    Args:
        model: name or folder of the model.
        rivals: other models by name of the row, each a name or a folder.
        exam: photos and phrases.
        output: JSON file to write.
        sheet: picture of random answers to write.
        threshold: presence from which on the model says that something matches.

    Raises:
        InputError: there is no such model, or it does not segment photos.
    """
    network = load_segmenter(model)
    others = {row: load_segmenter(name) for row, name in rivals.items()}
    found = measure(network, exam, model, threshold)
    rows = {name: row_figures(scores) for name, scores in found.rows.items()}
    for row, other in others.items():
        theirs = measure(other, exam, row, threshold, whole=False)
        rows[row] = row_figures(theirs.rows[OWN]) | {
            "model": rivals[row],
            "over_it": found.rows[OWN].less(theirs.rows[OWN], SEED),
        }
    generated = exam.complete
    figures: dict[str, Any] = {
        "model": model,
        "set": exam.name,
        "split": exam.split,
        "generated_phrases": generated,
        "phrases_a_photo": PHRASES if generated else None,
        "without_a_known_word": found.unreadable,
        "parameters": sum(p.numel() for p in network.parameters()),
        "masks": "refined to the photo's edges, as the product has them, at the photo's size",
        "centred_box": exam.box and {"height": exam.box[0], "width": exam.box[1], "chosen_on": exam.box_from},
        "provenance": exam.provenance,
        "rows": rows,
        "over_blanked": found.rows[OWN].less(found.rows[BLANK], SEED),
        "refined_less_linear": found.rows[OWN].less(found.rows[LINEAR], SEED),
        "presence": presence_figures(found),
        "by": found.grouped.figures(SEED)["by"],
        "wording": wording_figures(found),
        "gates": found.steps.figures(network.config.max_steps, SEED)
        | {"all_steps_less_gates": found.rows[FORCED].less(found.rows[OWN], SEED)},
    }
    figures["goals"] = [asdict(goal) for goal in goals(figures)] if generated else []
    write_figures(output, figures)
    if found.sample.kept:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw_answers(found.sample.kept, _COLUMNS, refined=True)).save(sheet)
    print_refer(figures)
    return figures

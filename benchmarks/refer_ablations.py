"""Variants of the recipe `photos` at equal short budgets of time: results/refer_ablations.json.

python benchmarks/refer_ablations.py [--minutes 15] [--jobs 2] [--only NAME ...] [--split val] [--collect]

Each run has one thread, and its minutes are those of the processor: the speed of each variant is timed first, its number
of steps follows from it. Runs that are finished are skipped, one that was cut off goes on. Measured on the split val,
generated phrases; with --split test for figures after which nothing is chosen.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import short_runs
from budget import scene_budget

from lbie.evaluation.answers import load_segmenter
from lbie.evaluation.refer_exam import SEED, generated_exam
from lbie.evaluation.refer_measure import BLANK, OWN, measure, presence_figures, row_figures
from lbie.training.recipe import Recipe, load_recipe

VARIANTS: dict[str, dict[str, Any]] = {
    "full": {},
    "one step": {"model.max_steps": 1},
    "one step, no attention": {"model.max_steps": 1, "model.attention": False},
    "language-free": {"model.ignore_sentence": True},
    "no categories": {"model.categories": 0},
    "no pasted scenes": {"segment.pasted": 0.0},
    "no word vectors": {"segment.word_vectors": "none"},
}
"""The first four are the paper's baselines beside the whole."""
_TIMED = 12  # steps, which are slow


def _recipe(name: str, steps: int) -> Recipe:
    """The recipe of a variant for so many steps: validated at its end only."""
    change = VARIANTS[name] | {"name": "run"}
    return load_recipe("photos", change | scene_budget(load_recipe("photos", change), steps))


def calibrate(name: str, folder: Path, data: Path) -> float:
    """Seconds of the processor a training step."""
    return short_runs.seconds_a_step(_recipe(name, 10 * _TIMED), data, folder, _TIMED, draw=True)


def train_and_measure(name: str, folder: Path, data: Path, steps: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train a variant, or go on, and measure it."""
    seconds = short_runs.train(_recipe(name, steps), data, folder / "run")
    exam = generated_exam(data, options.split, options.limit)
    model = load_segmenter(str(folder / "run" / "best"))
    found = measure(model, exam, name)
    own = row_figures(found.rows[OWN])
    kept = ("overall_iou", "mean_iou", "right_instance")
    return {
        "steps": steps,
        "seconds": round(seconds, 1),
        "split": options.split,
        "photos": own["photos"],
        "pairs": own["pairs"],
        **{key: own[key] for key in kept},
        "precision_at_half": own["precision"]["0.5"],
        "over_blanked": found.rows[OWN].less(found.rows[BLANK], SEED)["overall_iou"],
        "presence": presence_figures(found).get("auc"),
        "steps_by_hops": found.steps.figures(model.config.max_steps, SEED)["steps_by_hops"],
    }


if __name__ == "__main__":
    parser = short_runs.options(__doc__, "refer", VARIANTS)
    parser.add_argument("--split", default="val", choices=("val", "test"))
    short_runs.run_all(parser.parse_args(), calibrate, train_and_measure)

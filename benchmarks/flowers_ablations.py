"""Variants of the recipe `flowers` at equal short budgets of time: results/flowers_ablations.json.

python benchmarks/flowers_ablations.py [--minutes 15] [--jobs 2] [--only NAME ...] [--collect]

Each run has one thread, and its minutes are those of the processor: the speed of each variant is timed first, its number
of steps follows from it. Runs that are finished are skipped, one that was cut off goes on. Measured on the class-disjoint
test split.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import short_runs
from budget import budget

from lbie.data.flower_colours import reference_points
from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE
from lbie.evaluation.colorizer import Colorizer, TestPhotos
from lbie.evaluation.colour_control import control_figures
from lbie.evaluation.part_control import part_figures
from lbie.evaluation.quality import imagenet_features, quality_figures
from lbie.evaluation.report import interval
from lbie.training.recipe import load_recipe

VARIANTS: dict[str, dict[str, Any]] = {
    "full": {},
    "one step": {"model.max_steps": 1},
    "one step, no attention": {"model.max_steps": 1, "model.attention": False},
    "language-free": {"model.ignore_sentence": True, "counterfactual": 0.0},
    "adversary": {"adversary.weight": 0.01},
    "no palette": {"model.palette": False},
}
"""The first four are the paper's baselines beside the whole; a twin that hears nothing cannot learn counterfactuals. The
adversary's weight is as published: 1 to 100 of the L1, whose unit here is 100 of ab."""
LESSONS = 40_000
"""Descriptions of the lessons of words, fewer than in the recipe: they come before the timed steps."""


def _recipe(name: str, steps: int, photos: int) -> Any:
    """The recipe of a variant for so many steps with so many photos: validated at its end only."""
    change = {"word_lessons": LESSONS} | VARIANTS[name] | {"name": "run"}
    whole = load_recipe("flowers", change)
    return load_recipe("flowers", change | budget(whole, steps, photos))


def _photos(data: Path) -> Any:
    return load_arrays(data / "flowers", "train", CACHE_SIZE)


def calibrate(name: str, folder: Path, data: Path) -> float:
    """Seconds of the processor a training step."""
    recipe = replace(_recipe(name, 10 * short_runs.TIMED, len(_photos(data).records)), word_lessons=0)
    return short_runs.seconds_a_step(recipe, data, folder)


def measure(name: str, folder: Path, data: Path, steps: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train a variant, or go on, and measure it."""
    train_set = _photos(data)
    seconds = short_runs.train(_recipe(name, steps, len(train_set.records)), data, folder / "run")
    photos = TestPhotos.load(data / "flowers", "test", options.limit)
    points = reference_points(train_set)
    colorizer = Colorizer(str(folder / "run" / "best"), photos)
    gray = np.abs(photos.ab).mean((1, 2, 3))
    own, _ = colorizer(photos.captions, name)
    control, parts = control_figures(colorizer, points, [None] * len(gray))[0], part_figures(colorizer, points)
    shown = (photos.arrays.rgb, own, np.stack([s.rgb for s in photos.sources]))
    quality = quality_figures(*(imagenet_features(pictures, name) for pictures in shown))
    return {
        "steps": steps,
        "seconds": round(seconds, 1),
        "own_over_gray": interval(colorizer.errors(own), gray),
        "control": control["overall"],
        "control_by_colour": {k: v["value"] for k, v in control["by_colour"].items()},
        "parts": parts["overall"],
        "quality": quality and {key: quality[key]["own_caption"] for key in ("fid", "kid")},
    }


if __name__ == "__main__":
    short_runs.run_all(short_runs.options(__doc__, "flowers", VARIANTS).parse_args(), calibrate, measure)

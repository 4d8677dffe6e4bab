"""Variants of the recipe `flowers` at equal short budgets of time: results/flowers_ablations.json.

python benchmarks/flowers_ablations.py [--minutes 15] [--jobs 2] [--only NAME ...] [--collect]

Each run has one thread, and its minutes are those of the processor: the speed of each variant is timed first, its number
of steps follows from it. Runs that are finished are skipped, one that was cut off goes on. Measured on the class-disjoint
test split.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from budget import budget

from lbie.data.flower_colours import reference_points
from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE
from lbie.data.storage import data_root
from lbie.evaluation.colorizer import Colorizer, TestPhotos
from lbie.evaluation.colour_control import control_figures
from lbie.evaluation.part_control import part_figures
from lbie.evaluation.quality import imagenet_features, quality_figures
from lbie.evaluation.report import interval, machine, write_figures
from lbie.training.recipe import load_recipe
from lbie.training.trainer import Trainer

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
_TIMED = 40  # steps, after the first


def _recipe(name: str, steps: int, photos: int) -> Any:
    """The recipe of a variant for so many steps with so many photos: validated at its end only."""
    change = {"word_lessons": LESSONS} | VARIANTS[name] | {"name": "run"}
    whole = load_recipe("flowers", change)
    return load_recipe("flowers", change | budget(whole, steps, photos))


def calibrate(name: str, folder: Path, data: Path) -> float:
    """Seconds of the processor a training step."""
    photos = len(load_arrays(data / "flowers", "train", CACHE_SIZE).records)
    trainer = Trainer(_recipe(name, 10 * _TIMED, photos), data, folder / "speed")
    batches = [trainer.batches.batch(i) for i in range(4)]
    trainer._step(0, batches[0])
    began = time.process_time()
    for i in range(_TIMED):
        trainer._step(i + 1, batches[i % 4])
    return (time.process_time() - began) / _TIMED


def train(name: str, folder: Path, data: Path, steps: int, limit: int | None) -> dict[str, Any]:
    """Train a variant, or go on, and measure it."""
    run, train_set = folder / "run", load_arrays(data / "flowers", "train", CACHE_SIZE)
    began = time.process_time()
    if not (run / "best").exists() or (run / "last.ckpt").exists():
        trainer = Trainer(_recipe(name, steps, len(train_set.records)), data, run, resume=(run / "last.ckpt").exists())
        if trainer.run().stopped_by is not None:
            raise SystemExit(f"{name} was stopped")
    seconds = time.process_time() - began
    photos = TestPhotos.load(data / "flowers", "test", limit)
    points = reference_points(train_set)
    colorizer = Colorizer(str(run / "best"), photos)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time, one thread each")
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--runs", type=Path, default=Path("runs/flowers-ablations"))
    parser.add_argument("-o", "--output", type=Path, default=Path("results/flowers_ablations.json"))
    parser.add_argument("--limit", type=int, help="of the test photos")
    parser.add_argument("--collect", action="store_true", help="train nothing, write what is there")
    options = parser.parse_args()
    data = data_root(options.data)
    os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # of the processes that are started
    places = {name: options.runs / name.replace(",", "").replace(" ", "-") for name in options.only}

    def collect() -> None:
        done = {
            n: json.loads((p / "figures.json").read_text()) for n, p in places.items() if (p / "figures.json").exists()
        }
        write_figures(options.output, {"minutes": options.minutes, "variants": done, "provenance": machine()})

    missing = [name for name, place in places.items() if not (place / "figures.json").exists()]
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        if missing and not options.collect:
            speeds = {
                n: pool.submit(calibrate, n, places[n], data) for n in missing if not (places[n] / "steps").exists()
            }
            for name, speed in speeds.items():
                (places[name] / "steps").write_text(str(max(1, round(60 * options.minutes / speed.result()))))
            runs = {
                n: pool.submit(train, n, places[n], data, int((places[n] / "steps").read_text()), options.limit)
                for n in missing
            }
            for name, run in runs.items():
                write_figures(places[name] / "figures.json", run.result())
                collect()
    collect()
    print(options.output.read_text())


if __name__ == "__main__":
    main()

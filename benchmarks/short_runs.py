"""Variants of a recipe at equal short budgets of processor time: what the ablations of photos share.

The speed of each variant is timed first, its number of steps follows from it. Each run has one thread. Runs that are
finished are skipped, one that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from lbie.data.storage import data_root
from lbie.evaluation.report import machine, write_figures
from lbie.training.recipe import Recipe
from lbie.training.trainer import Trainer

TIMED = 40
"""Steps that are timed, after the first, unless they are slow."""


def options(doc: str | None, name: str, variants: Iterable[str]) -> argparse.ArgumentParser:
    """The options that all such programmes have; `name` stands in the names of files."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time, one thread each")
    parser.add_argument("--only", nargs="+", choices=list(variants), default=list(variants))
    parser.add_argument("--runs", type=Path, default=Path(f"runs/{name}-ablations"))
    parser.add_argument("-o", "--output", type=Path, default=Path(f"results/{name}_ablations.json"))
    parser.add_argument("--limit", type=int, help="of the photos that are measured on")
    parser.add_argument("--collect", action="store_true", help="train nothing, write what is there")
    return parser


def seconds_a_step(recipe: Recipe, data: Path, folder: Path, timed: int = TIMED, draw: bool = False) -> float:
    """Seconds of the processor that a training step takes.

    Args:
        recipe: of the run.
        data: folder of the data.
        folder: of the variant.
        timed: steps.
        draw: count what it takes to draw a batch too.
    """
    trainer = Trainer(recipe, data, folder / "speed")
    batches = [trainer.batches.batch(i) for i in range(4)]
    trainer._step(0, batches[0])
    began = time.process_time()
    for i in range(timed):
        trainer._step(i + 1, trainer.batches.batch(i + 4) if draw else batches[i % 4])
    return (time.process_time() - began) / timed


def train(recipe: Recipe, data: Path, run: Path) -> float:
    """Train, or go on, to the end: `run/best`. Returns the seconds of the processor that this took."""
    began = time.process_time()
    if not (run / "best").exists() or (run / "last.ckpt").exists():
        trainer = Trainer(recipe, data, run, resume=(run / "last.ckpt").exists())
        if trainer.run().stopped_by is not None:
            raise SystemExit(f"'{run}' was stopped")
    return time.process_time() - began


def run_all(
    chosen: argparse.Namespace,
    calibrate: Callable[[str, Path, Path], float],
    measure: Callable[[str, Path, Path, int, argparse.Namespace], dict[str, Any]],
) -> None:
    """Calibrate, train and measure the chosen variants, and write what they found.

    Args:
        chosen: the options.
        calibrate: name of the variant, its folder and that of the data to seconds of the processor a step.
        measure: the same, steps and the options to figures: trains first.
    """
    data = data_root(chosen.data)
    os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # of the processes that are started
    places = {name: chosen.runs / name.replace(",", "").replace(" ", "-") for name in chosen.only}

    def collect() -> None:
        done = {
            n: json.loads((p / "figures.json").read_text()) for n, p in places.items() if (p / "figures.json").exists()
        }
        write_figures(chosen.output, {"minutes": chosen.minutes, "variants": done, "provenance": machine()})

    missing = [name for name, place in places.items() if not (place / "figures.json").exists()]
    with ProcessPoolExecutor(chosen.jobs, multiprocessing.get_context("spawn")) as pool:
        if missing and not chosen.collect:
            speeds = {
                n: pool.submit(calibrate, n, places[n], data) for n in missing if not (places[n] / "steps").exists()
            }
            for name, speed in speeds.items():
                (places[name] / "steps").write_text(str(max(1, round(60 * chosen.minutes / speed.result()))))
            runs = {
                n: pool.submit(measure, n, places[n], data, int((places[n] / "steps").read_text()), chosen)
                for n in missing
            }
            for name, run in runs.items():
                write_figures(places[name] / "figures.json", run.result())
                collect()
    collect()
    print(chosen.output.read_text())

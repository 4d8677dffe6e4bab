"""Where a training step of the recipe `cosal` spends its time, and what makes it shorter: results/training_speed.json.

python benchmarks/training_speed.py [--steps 40] [--compile] [--run] [-o results/training_speed.json]

One thread for the network. Steps are spread over a whole run, so that all lessons are among them; ways to take a step do the
same steps in turn. The time to a mean IoU of .95 follows from the steps that the committed run needed for it; --run trains
for it, with either optimiser, both at the same time, each on a core of its own: about 40 minutes.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lbie.bench.rounds import CLOCKS, Work, in_turn, milliseconds, ratio
from lbie.evaluation.report import machine, write_figures
from lbie.training.recipe import load_recipe
from lbie.training.trainer import Trainer

ROOT = Path(__file__).resolve().parent.parent
RECIPE = "cosal"
LIMIT = 1280
"""Worlds: fewer are drawn before the run, and the lessons are the same."""
IOU = 0.95
PLAIN, FUSED = "optimiser weight by weight, as runs had it", "optimiser fused, as runs have it"


def trainer(folder: Path) -> Trainer:
    """A run of the recipe that does nothing but steps."""
    return Trainer(load_recipe(RECIPE, {"limit": LIMIT}), None, folder)


def fuse(made: Trainer, fused: bool) -> Trainer:
    """Take the optimiser's steps by one call for all weights, or weight by weight."""
    for group in made.optimizer.param_groups:
        group["fused"] = fused
    return made


def stride(made: Trainer, count: int) -> list[int]:
    """Numbers of steps, over the whole run."""
    return np.linspace(0, made.total_steps - 1, count).astype(int).tolist()


def shares(made: Trainer, steps: list[int], now: Callable[[], float]) -> dict[str, float]:
    """Of the time of drawing batches and stepping: data, forward, backward, optimiser."""
    spent = dict.fromkeys(("backward", "optimiser"), 0.0)

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any, **named: Any) -> Any:
            began = now()
            try:
                return call(*given, **named)
            finally:
                spent[name] += now() - began

        return wrapped

    plain = made.fabric.backward, made.fabric.clip_gradients, made.optimizer.step, made.average.update_parameters
    made.fabric.backward = timed("backward", plain[0])  # type: ignore[method-assign]
    made.fabric.clip_gradients = timed("optimiser", plain[1])  # type: ignore[method-assign]
    made.optimizer.step = timed("optimiser", plain[2])
    made.average.update_parameters = timed("optimiser", plain[3])  # type: ignore[method-assign]
    data = whole = 0.0
    for step in steps:
        began = now()
        batch = made.batches.batch(step)
        drawn = now()
        made._step(step, batch)
        data, whole = data + drawn - began, whole + now() - drawn
    made.fabric.backward, made.fabric.clip_gradients = plain[0], plain[1]  # type: ignore[method-assign]
    made.optimizer.step, made.average.update_parameters = plain[2], plain[3]  # type: ignore[method-assign]
    parts = {"data": data, "forward and loss": whole - sum(spent.values()), **spent}
    return {name: round(value / (data + whole), 4) for name, value in parts.items()}


def one_after_the_other(made: Trainer, steps: list[int]) -> None:
    for step in steps:
        made._step(step, made.batches.batch(step))


def side_by_side(made: Trainer, steps: list[int]) -> None:
    """As a run does it: the next batch is drawn beside the step."""
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(made.batches.batch, steps[0])
        for step, following in zip(steps, [*steps[1:], steps[0]], strict=True):
            batch = ahead.result()
            ahead = pool.submit(made.batches.batch, following)
            made._step(step, batch)


def compiled(made: Trainer) -> Trainer:
    """Its encoder of images and its decoder compiled; the fusion, whose shapes change from batch to batch, is not."""
    made._trained.image_encoder.compile()
    made._trained.decoder.compile()
    return made


def steps_to(iou: float) -> int:
    """Steps after which the committed run was first validated with a mean IoU of so much."""
    with (ROOT / "results" / "training" / RECIPE / "metrics.csv").open() as file:
        return next(
            int(row["step"]) for row in csv.DictReader(file) if row["val_score"] and 1 - float(row["val_score"]) >= iou
        )


def train_until(iou: float, fused: bool, folder: Path) -> dict[str, float]:
    """Train as the recipe says until a validation finds so much: steps, and minutes from the first step on."""
    made = fuse(Trainer(load_recipe(RECIPE, {}), None, folder), fused)
    validate, began = made._validate, time.monotonic()

    def checked(bar: Any) -> None:
        validate(bar)
        if 1 - made.rows[-1]["val_score"] >= iou:
            os.kill(os.getpid(), signal.SIGTERM)

    made._validate = checked  # type: ignore[method-assign]
    made.run()
    minutes = round((time.monotonic() - began) / 60, 2)
    return {"steps": made.progress.step, "minutes": minutes, "iou": round(1 - made.rows[-1]["val_score"], 4)}


def run_both(iou: float) -> dict[str, Any]:
    """`train_until` with either optimiser, in a process each."""
    names = {PLAIN: "plain", FUSED: "fused"}
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    runs = {
        label: subprocess.Popen(
            [sys.executable, __file__, "--until", name], stdout=subprocess.PIPE, text=True, env=environment
        )
        for label, name in names.items()
    }
    found = {label: json.loads(run.communicate()[0].splitlines()[-1]) for label, run in runs.items()}
    return {"iou": iou, "each": found, "ratio": round(found[FUSED]["minutes"] / found[PLAIN]["minutes"], 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="try torch.compile too: needs a compiler, and minutes")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("--run", action="store_true", help=f"train to a mean IoU of {IOU} with either optimiser")
    parser.add_argument("--until", choices=("plain", "fused"), help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "results" / "training_speed.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.until:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(train_until(IOU, options.until == "fused", Path(name) / "run")))
        return
    before = json.loads(options.output.read_text("utf-8")) if options.output.exists() else {}
    run = run_both(IOU) if options.run else before.get("time_to_95", {}).get("run")
    with tempfile.TemporaryDirectory() as name:
        made = trainer(Path(name) / "run")
        steps = stride(made, options.steps)
        batches = [made.batches.batch(step) for step in steps]

        def only_steps(made: Trainer, fused: bool = True) -> Work:
            return lambda: [fuse(made, fused)._step(step, batch) for step, batch in zip(steps, batches, strict=True)]

        works = {PLAIN: only_steps(made, False), FUSED: only_steps(made)}
        if options.compile:
            own = compiled(trainer(Path(name) / "compiled"))
            began = time.perf_counter()
            only_steps(own)()
            print(f"compiled in {time.perf_counter() - began:.0f} s", flush=True)
            works["compiled encoder and decoder"] = only_steps(own)
        times = in_turn(works, options.rounds, 1, options.clock)
        whole = in_turn(
            {
                "batches drawn before each step": lambda: one_after_the_other(made, steps),
                "batches drawn beside the steps": lambda: side_by_side(made, steps),
            },
            options.rounds, 1, options.clock,
        )  # fmt: skip
        now = CLOCKS[options.clock]
        found = {label: shares(fuse(made, fused), steps, now) for label, fused in (("plain", False), ("fused", True))}
    loop, beside = whole.values()
    each = {name: milliseconds(seconds / len(steps)) for name, seconds in (times | whole).items()}
    needed = steps_to(IOU)
    minutes = {name: round(each[name]["ms"] * needed / 6e4, 1) for name in (PLAIN, FUSED)}
    told = (
        f"The committed run was validated with a mean IoU of {IOU} or more first after {needed:,} steps. That many steps, batches "
        f"apart, take {minutes[PLAIN]} minutes weight by weight and {minutes[FUSED]} with a fused optimiser, by the time of a step."
    )
    if run:
        ran = run["each"]
        told += (
            f" Trained for it anew, both at the same time: {ran[PLAIN]['minutes']} minutes ({ran[PLAIN]['steps']:,} steps) before, "
            f"{ran[FUSED]['minutes']} ({ran[FUSED]['steps']:,} steps) now."
        )
    figures = {
        "recipe": RECIPE,
        "steps": len(steps),
        "shares": found["fused"],
        "shares_plain": found["plain"],
        "over_plain": {name: ratio(seconds, times[PLAIN]) for name, seconds in times.items() if name != PLAIN}
        | {"batches drawn beside the steps, over that": ratio(beside, loop)},
        "step": each,
        "time_to_95": {"steps": needed, "minutes": minutes, "run": run, "told": told},
        "clock": options.clock,
        "provenance": machine(),
    }
    write_figures(options.output, figures)
    for name in ("shares", "shares_plain", "over_plain"):
        print(name, figures[name])


if __name__ == "__main__":
    main()

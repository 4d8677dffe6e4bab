"""One run of the ablations, in a process of its own.

python benchmarks/cosal_ablation_run.py calibrate|train FOLDER

FOLDER/spec.json says what is run. `calibrate` writes speed.json there, `train` figures.json; a `train` that was cut off
goes on where it was.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import torch

from lbie.data.cosal.worlds import SPLITS
from lbie.evaluation.cosal_scores import ask
from lbie.evaluation.cosal_stopping import stopping_figures
from lbie.evaluation.cosal_suites import make_exam, readings, reference_figures
from lbie.evaluation.report import machine, write_figures
from lbie.model.editing_model import EditingModel
from lbie.training.recipe import load_recipe
from lbie.training.trainer import Trainer

OWN_STREAM = SPLITS["test"] * 2
"""Chains as in the test split, 1 to 6 hops, but other worlds: from this index on."""


class Enough(Exception):  # noqa: N818
    """A calibration is over."""


class TimedTrainer(Trainer):
    """A trainer that knows how long it trained, over all sessions of a run: `time.json` in its folder."""

    def run(self) -> Any:
        self.clock = self.folder / "time.json"
        self.began, self.began_cpu = time.perf_counter(), time.process_time()
        self.before = json.loads(self.clock.read_text()) if self.clock.exists() and self.progress.step else {}
        return super().run()

    def _save(self) -> None:
        super()._save()
        seconds, cpu_seconds = time.perf_counter() - self.began, time.process_time() - self.began_cpu
        spent = {"seconds": seconds, "cpu_seconds": cpu_seconds, "sessions": 1}
        self.clock.write_text(json.dumps({k: round(v + self.before.get(k, 0), 1) for k, v in spent.items()}))


class SpeedTrainer(Trainer):
    """A trainer that times its steps, all but the first, and ends where it would validate."""

    seconds_per_step = 0.0

    def _step(self, step: int, batch: Any) -> dict[str, float]:
        values = super()._step(step, batch)
        if step == 0:
            self.began = time.perf_counter()
        return values

    def _validate(self, bar: Any) -> None:
        self.seconds_per_step = (time.perf_counter() - self.began) / max(1, self.progress.step - 1)
        raise Enough


def calibrate(folder: Path, spec: dict[str, Any]) -> None:
    """Time the steps of a variant in a short run, which goes through all lessons of a long one."""
    recipe = load_recipe(spec["recipe"], dict(spec["overrides"]))
    short = {"name": "speed", "epochs": 1, "limit": spec["steps"] * recipe.batch_size, "validate_every": 1}
    shutil.rmtree(folder / "speed", ignore_errors=True)
    trainer = SpeedTrainer(load_recipe(spec["recipe"], spec["overrides"] | short), None, folder / "speed")
    try:
        trainer.run()
    except Enough:
        write_figures(folder / "speed.json", {"seconds_per_step": trainer.seconds_per_step, "steps": spec["steps"]})
    finally:
        shutil.rmtree(folder / "speed", ignore_errors=True)


def train(folder: Path, spec: dict[str, Any]) -> int:
    """Train and measure; returns the exit status."""
    recipe = load_recipe(spec["recipe"], spec["overrides"])
    trainer = TimedTrainer(recipe, None, folder / "run", resume=(folder / "run" / "last.ckpt").exists())
    progress = trainer.run()
    if progress.stopped_by is not None:
        return 128 + progress.stopped_by
    spent = json.loads((folder / "run" / "time.json").read_text())
    model = EditingModel.load_folder(folder / "run" / "best")
    figures = {
        "steps": progress.step,
        "training_worlds": recipe.limit,
        "parameters": sum(p.numel() for p in model.parameters()),
        **spent,
        **measure(model, spec["worlds"]),
        "provenance": machine() | {"seed": recipe.seed, "threads": torch.get_num_threads()},
    }
    write_figures(folder / "figures.json", figures)
    return 0


def measure(model: EditingModel, worlds: int) -> dict[str, Any]:
    """Figures on val; those of 5 and 6 hops on chains like the test split's that are not in it."""
    found: dict[str, Any] = {"worlds": worlds}
    for suite in ("paper", "wording"):
        exam = make_exam(model, suite, "val", worlds)
        found[suite] = readings(ask(model, exam), exam)
    for name, split, start in (("chain", "val", 0), ("longer_chain", "test", OWN_STREAM)):
        exam = make_exam(model, "chain", split, worlds, start=start)
        answers = ask(model, exam)
        references = {"references": reference_figures(answers, exam)}
        found[name] = readings(answers, exam) | references | {"stopping": stopping_figures(answers, exam)}
    return found


def main() -> int:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    folder = Path(sys.argv[2])
    spec = json.loads((folder / "spec.json").read_text())
    if sys.argv[1] == "calibrate":
        calibrate(folder, spec)
        return 0
    return train(folder, spec)


if __name__ == "__main__":
    sys.exit(main())

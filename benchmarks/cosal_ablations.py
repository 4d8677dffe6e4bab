"""Variants of the recipe `cosal` at equal short budgets of time: results/cosal_ablations.json and .md.

python benchmarks/cosal_ablations.py [--minutes 15] [--seeds 0 1 2] [--jobs 2] [--only NAME ...] [--collect]

The speed of each variant is timed first, as many at a time as later train; its number of steps follows from it. Runs
that are finished are skipped, one that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import yaml
from budget import budget
from cosal_ablation_report import plot_prices, summary, table
from cosal_variants import ordered, variants

from lbie.evaluation.report import machine, write_figures
from lbie.training.recipe import Recipe, load_recipe, recipe_dict

RUN = Path(__file__).with_name("cosal_ablation_run.py")
BUDGET = ("name", "epochs", "limit", "validate_every")
"""What of a recipe follows from the budget."""


class Queue:
    """Processes, so many at a time."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.failed: list[str] = []

    def run(self, verb: str, folders: list[Path], done: Any = None) -> None:
        """Run a verb of `cosal_ablation_run.py` in each folder; `done` is called after each."""
        waiting = deque(folders)
        running: dict[Path, subprocess.Popen[bytes]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < self.jobs:
                    folder = waiting.popleft()
                    running[folder] = self._start(verb, folder)
                    print(f"{time.strftime('%H:%M:%S')} {verb} {folder.name}, {len(waiting)} more", flush=True)
                for folder in [f for f, p in running.items() if p.poll() is not None]:
                    if running.pop(folder).returncode:
                        self.failed.append(folder.name)
                        print(f"{folder.name} failed: see '{folder / verb}.log'", flush=True)
                    elif done:
                        done()
                time.sleep(0.2)
        finally:
            for process in running.values():
                process.terminate()
            for process in running.values():
                process.wait()

    @staticmethod
    def _start(verb: str, folder: Path) -> subprocess.Popen[bytes]:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        with open(folder / f"{verb}.log", "ab") as log:
            command = [sys.executable, str(RUN), verb, str(folder)]
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def without_budget(recipe: Recipe) -> dict[str, Any]:
    return json.loads(json.dumps({k: v for k, v in recipe_dict(recipe).items() if k not in BUDGET}))


def calibrated(options: argparse.Namespace, chosen: dict[str, dict[str, Any]], queue: Queue) -> dict[str, float]:
    """Seconds a step of each variant, timed where they are not known for this recipe and as many jobs."""
    root = options.runs / f"speed-{options.jobs}-jobs"
    missing = []
    for name, change in chosen.items():
        spec = {"recipe": options.recipe, "overrides": options.changes | change, "steps": options.calibrate_steps}
        spec["whole"] = without_budget(load_recipe(options.recipe, options.changes | change))
        old = root / name / "spec.json"
        if not (root / name / "speed.json").exists() or json.loads(old.read_text())["whole"] != spec["whole"]:
            (root / name / "speed.json").unlink(missing_ok=True)
            write_figures(old, spec)
            missing.append(root / name)
    # An odd one at the end would be timed alone, faster than it trains: others keep it company.
    company = [root / f"company-{i}" for i in range(-len(missing) % options.jobs)]
    for place in company:
        write_figures(place / "spec.json", json.loads((missing[0] / "spec.json").read_text()))
    queue.run("calibrate", missing + company)
    found = {}
    for name in chosen:
        path = root / name / "speed.json"
        if path.exists():
            found[name] = json.loads(path.read_text())["seconds_per_step"]
            print(f"{name}: {found[name]:.4f} s a step", flush=True)
    return found


def prepare(options: argparse.Namespace, name: str, seed: int, change: dict[str, Any], speed: float) -> Path:
    """The folder of a run with its spec; one that is there already is kept as it is."""
    folder = options.runs / f"{name}-{seed}"
    overrides = options.changes | change | {"name": "run", "seed": seed}
    recipe = load_recipe(options.recipe, overrides)
    spec = {"minutes": options.minutes, "worlds": options.worlds, "whole": without_budget(recipe)}
    path = folder / "spec.json"
    if path.exists():
        old = json.loads(path.read_text())
        if any(old[key] != spec[key] for key in spec):
            sys.exit(f"'{folder}' was begun with another recipe or budget: choose another --runs folder")
        return folder
    steps = max(1, round(options.minutes * 60 / speed))
    spec |= {
        "recipe": options.recipe,
        "overrides": overrides | budget(recipe, steps),
        "variant": name,
        "seed": seed,
        "change": change,
        "seconds_per_step": round(speed, 5),
        "jobs": options.jobs,
    }
    write_figures(path, spec)
    return folder


def collect(options: argparse.Namespace) -> None:
    """Write what the finished runs found."""
    runs = {}
    for path in sorted(options.runs.glob("*/figures.json")):
        spec = json.loads((path.parent / "spec.json").read_text())
        kept = ("variant", "seed", "change", "minutes", "seconds_per_step", "jobs")
        runs[path.parent.name] = {k: spec[k] for k in kept} | json.loads(path.read_text())
    prices = {n: json.loads((options.runs / n / "spec.json").read_text())["whole"]["step_price"] for n in runs}
    figures = {
        "recipe": options.recipe,
        "minutes": options.minutes,
        "worlds": options.worlds,
        "provenance": machine(),
        "summary": summary(runs),
        "step_prices": prices,
        "runs": runs,
    }
    write_figures(options.output, figures)
    options.output.with_suffix(".md").write_text(table(figures), "utf-8")
    plot_prices(runs, prices, options.picture)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", default="cosal", help="YAML file, or name of a bundled recipe")
    parser.add_argument("--minutes", type=float, default=15, help="training time of a run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time, one thread each")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these variants")
    parser.add_argument("--worlds", type=int, default=2000, help="worlds of each measurement")
    parser.add_argument("--calibrate-steps", type=int, default=150, help="training steps that tell a variant's speed")
    parser.add_argument("--runs", type=Path, default=Path("runs/cosal-ablations"))
    parser.add_argument("-o", "--output", type=Path, default=Path("results/cosal_ablations.json"))
    parser.add_argument("--picture", type=Path, default=Path("out/cosal/price.png"))
    parser.add_argument("--set", dest="changes", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--collect", action="store_true", help="train nothing, write what is there")
    options = parser.parse_args()
    options.changes = {k: yaml.safe_load(v) for k, _, v in (item.partition("=") for item in options.changes)}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    known = variants(load_recipe(options.recipe, options.changes))
    if unknown := set(options.only or ()) - set(known):
        parser.error(f"no variant {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    chosen = {name: change for name, change in known.items() if name in (options.only or known)}
    queue = Queue(options.jobs)
    if not options.collect:
        speeds = calibrated(options, chosen, queue)
        order = [(name, seed) for name, seed in ordered(list(chosen), options.seeds) if name in speeds]
        folders = [prepare(options, name, seed, chosen[name], speeds[name]) for name, seed in order]
        missing = [folder for folder in folders if not (folder / "figures.json").exists()]
        queue.run("train", missing, lambda: collect(options))
    collect(options)
    print(options.output.with_suffix(".md").read_text())
    return int(bool(queue.failed))


if __name__ == "__main__":
    sys.exit(main())

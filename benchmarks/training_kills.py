"""`lbie train` killed with SIGKILL at random moments and resumed: the section `training_kills` of results/trust.json.

python benchmarks/training_kills.py [--kills 50] [--epochs 24] [-o results/trust.json]

A tiny model learns from drawn discs, on one thread; a run without kills is what the other is compared with. Moments are
of three kinds, in turn: by the clock, from the start of a session on; within the bytes of a checkpoint, the writing of
which is slowed down for this; and just before one of the operations on the run's files (opening, renaming, removing).
Sessions that are killed are forked from a process that has torch loaded; the last one is a command of its own.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import yaml
from matplotlib import pyplot  # noqa: F401  loaded once, here, for all sessions

from lbie.cli import main as lbie
from lbie.errors import InputError
from lbie.evaluation.report import provenance, write_section
from lbie.model.editing_model import EditingModel
from lbie.training import checkpoint, trainer

KINDS = ("clock", "checkpoint", "file")
COLOURS = {"red": (200, 30, 30), "blue": (70, 90, 230), "yellow": (160, 140, 0), "white": (230, 230, 230)}
RECIPE = {
    "data": "folder",
    "model": {"image_encoder": {"kind": "plain", "channels": [16, 32]}, "width": 32, "embedding": 16}
    | {"decoder_channels": [16], "working_size": 32, "max_steps": 3, "word_dropout": 0.2},
    "batch_size": 4,
    "learning_rate": 5e-3,
    "ema": 0.9,
    "min_word_count": 1,
    "adversary": {"weight": 0.1, "after": 0.2, "width": 16},
    "target_steps": 2.0,
}
_PAUSE = 0.002  # before each write of a checkpoint that is slowed down
_GONE = ("events.out",)  # TensorBoard's files, of which each session has its own


@dataclass(frozen=True)
class Kill:
    """A moment."""

    kind: str
    count: int = 0
    """`checkpoint`: in which of the session's; `file`: before which operation."""
    delay: float = 0.0
    """Seconds, from the start of the session or the checkpoint."""


def draw_photos(folder: Path, count: int, suffix: str) -> list[str]:
    """Discs on brown ground, with their sentences; returns the rows of metadata.jsonl."""
    folder.mkdir(parents=True)
    rows = []
    for number in range(count):
        rng, colour = np.random.default_rng(number), list(COLOURS)[number % len(COLOURS)]
        image = (np.array((110, 85, 60)) + rng.normal(0, 12, (64, 64, 1))).clip(0, 255).astype(np.uint8)
        cv2.circle(image, [int(v) for v in rng.integers(24, 40, 2)], 16, COLOURS[colour], -1)
        cv2.imwrite(str(folder / f"{number}{suffix}"), image[..., ::-1])
        row = {
            "file_name": f"{number}{suffix}",
            "text": f"the disc is {colour}",
            "split": ("val" if number % 5 == 4 else "train"),
        }
        rows.append(json.dumps(row))
    return rows


def write_data(root: Path, epochs: int) -> Path:
    """Photos, others for the domain score, and a recipe; returns the photos' list."""
    rows = draw_photos(root / "photos", 20, ".png")
    draw_photos(root / "data" / "photos" / "unlabelled", 6, ".jpg")
    listing = root / "photos" / "metadata.jsonl"
    listing.write_text("\n".join(rows) + "\n")
    (root / "tiny.yaml").write_text(yaml.safe_dump(RECIPE | {"epochs": epochs}))
    return listing


def words(root: Path, runs: Path, resume: bool) -> list[str]:
    """Of the command."""
    given = ["train", str(root / "tiny.yaml"), "--data", str(root / "photos"), "--runs", str(runs)]
    return [*given, *(["--resume"] if resume else [])]


def start(root: Path, runs: Path, kill: Kill | None, note: Callable[[str], None] | None = None) -> int:
    """Fork a session of the command, which goes on where there is a checkpoint; returns its process."""
    run = runs / "tiny"
    resume = any((run / name).exists() for name in ("last.ckpt", "previous.ckpt"))
    process = os.fork()
    if process:
        return process
    log = os.open(root / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    code = 1
    try:
        if note or (kill and kill.kind == "file"):
            watch(run, kill, note)
        elif kill and kill.kind == "checkpoint":
            slow_down(kill)
        sys.argv = ["lbie", *words(root, runs, resume)]
        lbie()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    finally:
        os._exit(code)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def watch(run: Path, kill: Kill | None, note: Callable[[str], None] | None) -> None:
    """See each operation on files of the run before it is done; at the one that the kill names, die."""
    seen = 0

    def hook(event: str, values: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"):
            return
        place = str(values[0])
        if not place.startswith(str(run)) or any(name in place for name in _GONE):
            return
        if event == "open" and not values[2] & (os.O_WRONLY | os.O_RDWR):
            return
        seen += 1
        if note:
            note(f"{event} {place}")
        if kill and seen == kill.count:
            die()

    sys.addaudithook(hook)


def slow_down(kill: Kill) -> None:
    """Let a checkpoint of the session take its time, and die within it."""
    save, write, calls = trainer.save_checkpoint, torch.save, 0

    class Slow:
        def __init__(self, file: Any) -> None:
            self.file = file

        def write(self, data: bytes) -> int:
            time.sleep(_PAUSE)
            return self.file.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    def slowly(path: Path, state: dict[str, Any]) -> None:
        nonlocal calls
        calls += 1
        if calls == kill.count:
            checkpoint.torch.save = lambda values, file: write(values, Slow(file))
            threading.Thread(target=lambda: (time.sleep(kill.delay), die()), daemon=True).start()
        save(path, state)

    trainer.save_checkpoint = slowly


def contents(run: Path) -> dict[str, str]:
    """SHA-256 of each file by its name, but for the checkpoints, which are compared by what they hold."""
    files = (p for p in run.rglob("*") if p.is_file() and not p.name.startswith(_GONE))
    return {
        p.relative_to(run).as_posix(): "" if p.suffix == ".ckpt" else hashlib.sha256(p.read_bytes()).hexdigest()
        for p in files
    }


def same(a: Any, b: Any) -> bool:
    """Bit for bit."""
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and a.numpy().tobytes() == b.numpy().tobytes()
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def look(run: Path, rows: list[dict[str, str]]) -> dict[str, Any]:
    """What a kill left: the step of the newest checkpoint, files aside, and what is there under its name but broken."""
    steps, broken = [], []
    for path in (run / "last.ckpt", run / "previous.ckpt"):
        try:
            steps.append(checkpoint.load_checkpoint(path)["progress"]["step"])
        except InputError:
            if path.exists():
                broken.append(path.name)
    table = run / "logs" / "metrics.csv"
    if table.exists():
        with table.open(newline="") as file:
            found = list(csv.DictReader(file))
        if any(
            {k: v for k, v in row.items() if v} != {k: v for k, v in true.items() if v}
            for row, true in zip(found, rows, strict=False)
        ):
            broken.append(table.name)
    if (run / "best").exists():
        try:
            EditingModel.load_folder(run / "best")
            json.loads((run / "best" / "validation.json").read_text())
        except (InputError, OSError, ValueError):
            broken.append("best")
    if (run / "curve.png").exists() and cv2.imread(str(run / "curve.png")) is None:
        broken.append("curve.png")
    aside = [p for p in run.rglob("*") if p.name.startswith((".lbie-", ".best-")) or p.suffix == ".part"]
    return {
        "step": max(steps, default=None),
        "newest_missing": bool(steps) and not (run / "last.ckpt").exists(),
        "best_missing": bool(steps) and not (run / "best").exists(),
        "aside": sorted({p.name[:6] if p.name.startswith(".best-") else p.suffix for p in aside}),
        "within_checkpoint": any(p.parent == run and p.suffix == ".part" for p in aside),
        "broken": broken,
    }


def killed_session(root: Path, runs: Path, kill: Kill) -> bool:
    """Start a session and see it killed; False where it ended before."""
    process = start(root, runs, kill)
    if kill.kind == "clock":
        time.sleep(kill.delay)
        os.kill(process, signal.SIGKILL)
    status = os.waitpid(process, 0)[1]
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        sys.exit(f"lbie train ended with {os.WEXITSTATUS(status)}: {(root / 'log').read_text()[-2000:]}")
    return os.WIFSIGNALED(status)


def differences(run: Path, whole: Path) -> list[str]:
    """Names of what two finished runs do not have in common, bit for bit."""
    here, there = contents(run), contents(whole)
    names = {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)}
    for name in ("last.ckpt", "previous.ckpt"):
        if not same(*(checkpoint.load_checkpoint(folder / name) for folder in (run, whole))):
            names.add(name)
    return sorted(names)


@dataclass(frozen=True)
class Whole:
    """The run without kills."""

    folder: Path
    seconds: float
    first: float
    """Seconds until its first checkpoint."""
    operations: int
    """On its files."""
    rows: list[dict[str, str]]
    """Of its metrics."""


def run_whole(root: Path) -> Whole:
    """Train without a kill, and see how long things take."""
    noted, began = root / "noted", time.perf_counter()
    with noted.open("a", buffering=1) as file:
        process = start(root, root / "whole", None, lambda line: file.write(f"{time.perf_counter() - began} {line}\n"))
        status = os.waitpid(process, 0)[1]
    seconds = time.perf_counter() - began
    if status:
        sys.exit(f"lbie train failed: {(root / 'log').read_text()[-2000:]}")
    lines, folder = noted.read_text().splitlines(), root / "whole" / "tiny"
    first = next(float(line.split()[0]) for line in lines if "last.ckpt" in line)
    with (folder / "logs" / "metrics.csv").open(newline="") as file:
        return Whole(folder, seconds, first, len(lines), list(csv.DictReader(file)))


def run_killed(root: Path, whole: Whole, options: argparse.Namespace) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """Train with kills, then to the end; what each left, and for each run that came to its end how it differs."""
    rng, run = random.Random(options.seed), root / "killed" / "tiny"
    epoch = (whole.seconds - whole.first) / options.epochs
    kills: list[dict[str, Any]] = []
    ends: list[list[str]] = []
    while len(kills) < options.kills:
        kill = {
            "clock": Kill("clock", delay=rng.uniform(0, whole.first + 2 * epoch)),
            "checkpoint": Kill("checkpoint", rng.randint(1, 3), rng.uniform(0, 0.6)),
            "file": Kill("file", rng.randint(1, round(2 * whole.operations / options.epochs))),
        }[KINDS[len(kills) % len(KINDS)]]
        if killed_session(root, run.parent, kill):
            kills.append({"kind": kill.kind, **look(run, whole.rows)})
            print(kills[-1], flush=True)
        else:  # it is one more run to compare, and another begins
            ends.append(differences(run, whole.folder))
            shutil.rmtree(run)
    command = [sys.executable, "-m", "lbie.cli", *words(root, run.parent, kills[-1]["step"] is not None)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"lbie train ended with {done.returncode}: {done.stderr[-2000:]}")
    return kills, [*ends, differences(run, whole.folder)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="write there, beside its other sections")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as work:
        root = Path(work)
        os.environ |= {"LBIE_DATA": str(root / "data"), "LBIE_CACHE": str(root / "cache"), "OMP_NUM_THREADS": "1"}
        listing = write_data(root, options.epochs)
        whole = run_whole(root)
        kills, ends = run_killed(root, whole, options)
        figures = {
            "kills": len(kills),
            "by_kind": dict(Counter(kill["kind"] for kill in kills)),
            "within_a_checkpoint": sum(kill["within_checkpoint"] for kill in kills),
            "between_its_renames": sum(kill["newest_missing"] for kill in kills),
            "with_files_aside": sum(bool(kill["aside"]) for kill in kills),
            "before_anything_was_saved": sum(kill["step"] is None for kill in kills),
            "steps_saved": [kill["step"] for kill in kills],
            "broken_under_its_own_name": sum(bool(kill["broken"]) for kill in kills),
            "runs_to_the_end": len(ends),
            "runs_that_differ": sum(map(bool, ends)),
            "differences": sorted({name for end in ends for name in end}),
            "compared": "all that last.ckpt and previous.ckpt hold (weights, their average, optimisers, schedule, "
            "metrics), best/, metrics.csv, curve.png, and the names of files",
            "steps_of_a_run": int(whole.rows[-1]["step"]),
            "seconds_without_kills": round(whole.seconds, 1),
        }
        section = figures | {"provenance": provenance(listing, options.seed)}
    print(json.dumps(figures, indent=1))
    if options.output:
        write_section(options.output, "training_kills", section)
    sys.exit(bool(figures["runs_that_differ"] or figures["broken_under_its_own_name"]))


if __name__ == "__main__":
    main()

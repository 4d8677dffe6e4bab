"""Training by two processes against one, on the same batches: the part `ddp` of results/cluster.json.

python benchmarks/ddp.py [--steps 50] [--processes 2] [-o results/cluster.json]

A small model with batch norms and random stops is trained on drawn shapes; the losses of all steps are compared, and the
weights at the end, in double precision and in single. In double precision nothing but a fault of the method could set them
apart. In single precision a sum over two halves is rounded otherwise than one over all; a stop that is drawn at its threshold
then falls otherwise, and from there on the runs are two.

Without word dropout: where sentences are read one by one it is drawn once for each distinct sentence of a batch, which two
processes see in another number.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch

from lbie.evaluation.report import machine, write_section
from lbie.training.recipe import load_recipe
from lbie.training.trainer import Trainer

BATCH = 8
RECIPE = {
    "data": "cosal",
    "model": {"task": "shapes", "out_channels": 8, "width": 16, "embedding": 16, "word_dropout": 0.0}
    | {"image_encoder": {"kind": "pooled", "channels": [4, 8, 16], "skips": False}, "decoder_channels": [16, 8, 4]}
    | {"working_size": 48}
    | {"by_sentence": True, "max_steps": 3, "estimator": "posterior", "mirror": False},
    "epochs": 1,
    "batch_size": BATCH,
    "learning_rate": 0.002,
}


def train(folder: Path, steps: int, double: bool) -> None:
    """One process's part: losses, seconds and weights go to `part.pt`."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64 if double else torch.float32)
    (folder.parent / "ddp.yaml").write_text(json.dumps(RECIPE | {"limit": BATCH * steps}))
    trainer = Trainer(load_recipe(str(folder.parent / "ddp.yaml")), None, folder)
    losses, seconds = [], []
    for step in range(steps):
        batch = trainer.batches.batch(step)
        batch = replace(batch, image=batch.image.to(torch.get_default_dtype()))
        began = time.perf_counter()
        losses.append(trainer._step(step, batch)["loss"])
        trainer.progress.step += 1
        seconds.append(time.perf_counter() - began)
    if trainer.processes.first:
        part = {"losses": losses, "seconds": seconds, "weights": trainer._trained.state_dict()}
        torch.save(part, folder / "part.pt")
    trainer.processes.close()


def run(root: Path, processes: int, steps: int, double: bool) -> dict[str, Any]:
    """Train by so many processes; returns losses, seconds and weights."""
    folder = root / f"{'double' if double else 'single'}-by-{processes}" / "run"
    folder.parent.mkdir()
    start = [sys.executable]
    if processes > 1:
        start += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    words = ["--part", str(folder), "--steps", str(steps), *(["--double"] if double else [])]
    subprocess.run([*start, __file__, *words], check=True)
    return torch.load(folder / "part.pt", weights_only=True)


def compare(one: dict[str, Any], several: dict[str, Any], processes: int) -> dict[str, Any]:
    """How far two runs are apart."""
    apart = [abs(a - b) for a, b in zip(one["losses"], several["losses"], strict=True)]
    weights = [
        float((a - several["weights"][name]).abs().max()) for name, a in one["weights"].items() if a.is_floating_point()
    ]
    return {
        "first_loss": one["losses"][0],
        "last_loss": one["losses"][-1],
        "losses_apart_at_most": max(apart),
        "losses_apart_by_tens": [max(apart[i : i + 10]) for i in range(0, len(apart), 10)],
        "weights_apart_at_most": max(weights),
        "seconds_a_step": {"1": round(median(one["seconds"]), 4), str(processes): round(median(several["seconds"]), 4)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--part", type=Path, help="train into this folder, as one of the processes")
    parser.add_argument("--double", action="store_true", help="that part in double precision")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/cluster.json"))
    options = parser.parse_args()
    if options.part:
        train(options.part, options.steps, options.double)
        return
    figures: dict[str, Any] = {"processes": options.processes, "steps": options.steps, "batch_size": BATCH}
    with tempfile.TemporaryDirectory() as work:
        for name, double in (("double", True), ("single", False)):
            parts = [run(Path(work), count, options.steps, double) for count in (1, options.processes)]
            figures[name] = compare(*parts, options.processes)
    apart = figures["double"]["losses_apart_at_most"]
    figures |= {"goal": 1e-5, "met_in_double": apart <= 1e-5}
    figures["met_in_single"] = figures["single"]["losses_apart_at_most"] <= 1e-5
    write_section(options.output, "ddp", figures | {"machine": machine()})
    print(json.dumps(figures, indent=1))
    sys.exit(not apart <= 1e-5)


if __name__ == "__main__":
    main()

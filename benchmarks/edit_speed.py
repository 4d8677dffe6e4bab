"""What an edit costs beside earlier weights, as ratios, in one interleaved run: results/edit_speed.json.

python benchmarks/edit_speed.py --before FOLDER [--model flowers] [-o results/edit_speed.json]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from lbie import Editor
from lbie.evaluation.report import machine, write_figures
from lbie.samples import sample_path

GOAL = 1.3
SENTENCE = "this flower has white petals and a yellow center"


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ratio(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Median of the ratios new over before, their quartiles, and both medians in ms."""
    new, before = np.array(pairs).T
    low, middle, high = np.percentile(new / before, (25, 50, 75))
    figures = {"ratio": middle, "low_quartile": low, "high_quartile": high}
    return {k: round(float(v), 4) for k, v in figures.items()} | {
        "new_ms": round(float(np.median(new)) * 1e3, 2),
        "before_ms": round(float(np.median(before)) * 1e3, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="flowers")
    parser.add_argument("--before", required=True, help="folder of the earlier weights")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--cold-rounds", type=int, default=7, help="of the whole command in a process of its own")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/edit_speed.json"))
    options = parser.parse_args()
    names = options.model, options.before
    editors = [Editor.from_pretrained(name, runtime="torch") for name in names]
    with tempfile.TemporaryDirectory() as folder:
        photo, out = Path(folder) / "photo.jpg", Path(folder) / "out.png"
        Image.open(sample_path("flower")).convert("L").resize((256, 256)).save(photo, quality=95)
        first, following, cold = [], [], []
        for i in range(options.rounds + 5):
            opened = [seconds(lambda e=e: e.set_image(photo).edit(SENTENCE)) for e in editors]  # type: ignore[misc]
            edited = [seconds(lambda e=e: e.edit(SENTENCE)) for e in editors]  # type: ignore[misc]
            if i >= 5:
                first.append((opened[0], opened[1]))
                following.append((edited[0], edited[1]))
        lbie = str(Path(sys.executable).with_name("lbie"))
        command = [lbie, "edit", str(photo), SENTENCE, "-o", str(out), "--model"]
        for _ in range(options.cold_rounds):
            times = [seconds(lambda n=n: subprocess.run([*command, n], check=True, capture_output=True)) for n in names]  # type: ignore[misc]
            cold.append((times[0], times[1]))
    figures = {
        "model": options.model,
        "size": "256 x 256",
        "command": ratio(cold),
        "open_and_edit": ratio(first),
        "next_edit": ratio(following),
        "goal": GOAL,
    }
    figures["met"] = all(figures[k]["ratio"] <= GOAL for k in ("command", "open_and_edit", "next_edit"))
    write_figures(options.output, figures | {"machine": machine()})
    print(figures)


if __name__ == "__main__":
    main()

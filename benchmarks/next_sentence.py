"""What the next sentence on the same photo costs, as a share of the first edit; at 256 pixels, in one run.

python benchmarks/next_sentence.py [--model flowers] [-o results/next_sentence.json]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from lbie import Editor
from lbie.evaluation.report import machine, write_figures
from lbie.samples import sample_path

GOAL = 0.40
SENTENCES = ("The flower is red in color.", "this flower has white petals and a yellow center", "a purple flower")


def measure(model: str, rounds: int, mirror: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds of opening and editing, ratio, seconds of the next edit; one value a round each."""
    editor = Editor.from_pretrained(model, runtime="torch")
    network = editor.runtime._model  # type: ignore[attr-defined]
    network.config = replace(network.config, mirror=mirror)
    first, following = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        Image.open(sample_path("flower")).convert("L").resize((256, 256)).save(path, quality=95)
        for i in range(rounds + 5):
            began = time.perf_counter()
            editor.set_image(path).edit(SENTENCES[i % 3])
            middle = time.perf_counter()
            editor.edit(SENTENCES[(i + 1) % 3])
            ended = time.perf_counter()
            if i >= 5:
                first.append(middle - began)
                following.append(ended - middle)
    return np.array(first), np.array(following) / np.array(first), np.array(following)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="flowers")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("-o", "--output", type=Path, default=Path("results/next_sentence.json"))
    options = parser.parse_args()
    first, ratio, following = measure(options.model, options.rounds, mirror=True)
    plain = measure(options.model, options.rounds, mirror=False)[1]
    figures = {
        "model": options.model,
        "size": "256 x 256",
        "rounds": options.rounds,
        "set_image_and_edit_ms": round(float(np.median(first)) * 1e3, 2),
        "next_edit_ms": round(float(np.median(following)) * 1e3, 2),
        "ratio_without_the_mirrored_pass": round(float(np.median(plain)), 4),
        "ratio": round(float(np.median(ratio)), 4),
        "ratio_quartiles": [round(float(q), 4) for q in np.percentile(ratio, (25, 75))],
        "goal": GOAL,
        "met": bool(np.median(ratio) <= GOAL),
        "machine": machine(),
    }
    write_figures(options.output, figures)
    print(figures)


if __name__ == "__main__":
    main()

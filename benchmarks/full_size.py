"""A 12-megapixel photo through the command line: its size, its luminance, the peak memory; measured on PNG.

python benchmarks/full_size.py [--model flowers] [-o results/full_size.json]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from lbie import Editor
from lbie.colour.lab import rgb_to_lab
from lbie.evaluation.report import machine, write_figures
from lbie.language.colour_names import CONTROL_COLOURS
from lbie.samples import sample_path

WIDTH, HEIGHT = 4000, 3000
GOALS = {"detail_correlation": 0.98, "outside_shift": 0.8, "peak_mib": 1536}


def photo(path: Path) -> np.ndarray:
    """Write the sample flower as a gray 12-megapixel PNG, with grain so that it has detail at that size."""
    small = Image.open(sample_path("flower")).convert("L").crop((36, 0, 604, 426))
    large = np.array(small.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), dtype=np.float32)
    grain = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 12, large.shape).astype(np.float32), (0, 0), 1.2)
    gray = (large + grain).clip(0, 255).astype(np.uint8)
    Image.fromarray(gray).save(path, compress_level=1)
    return gray


def measure(gray: np.ndarray, edited: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """Luminance figures of an edit: `gray` (H, W) uint8, `edited` (H, W, 3) uint8, `mask` (H, W) in [0, 1]."""
    before = rgb_to_lab(np.repeat(gray[..., None], 3, axis=2))[..., 0]
    after = rgb_to_lab(edited)[..., 0]
    high = [x - cv2.GaussianBlur(x, (0, 0), 3) for x in (before, after)]
    inside = mask > 0.5
    return {
        "detail_correlation": round(float(np.corrcoef(high[0][inside], high[1][inside])[0, 1]), 5),
        "inside_shift": round(float(np.abs(after - before)[inside].mean()), 4),
        "outside_shift": round(float(np.abs(after - before)[~inside].mean()), 4),
        "edited_share": round(float(inside.mean()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="flowers")
    parser.add_argument("-o", "--output", type=Path, default=Path("results/full_size.json"))
    options = parser.parse_args()
    figures: dict[str, Any] = {"model": options.model, "goals": GOALS, "colours": {}}
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "photo.png", Path(name) / "out.png"
        gray = photo(source)
        command = [
            sys.executable,
            "-m",
            "lbie.cli",
            "edit",
            str(source),
            "The flower is red in color.",
            "-o",
            str(output),
        ]
        subprocess.run([*command, "--model", options.model], check=True)
        figures["peak_mib"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)
        written = np.array(Image.open(output))
        figures["size"] = f"{written.shape[1]} x {written.shape[0]}"
        editor = Editor.from_pretrained(options.model).set_image(source)
        for colour in CONTROL_COLOURS:
            edit = editor.edit(f"The flower is {colour} in color.")
            figures["colours"][colour] = measure(gray, edit.rgb, edit.mask)
            print(colour, figures["colours"][colour])
            if colour == "red":
                assert (written == edit.rgb).all(), "the command line and the library differ"
    values = figures["colours"].values()
    figures["met"] = {
        "size": figures["size"] == f"{WIDTH} x {HEIGHT}",
        "detail": all(v["detail_correlation"] >= GOALS["detail_correlation"] for v in values),
        "outside": all(v["outside_shift"] <= GOALS["outside_shift"] for v in values),
        "memory": figures["peak_mib"] <= GOALS["peak_mib"],
    }
    figures["machine"] = machine()
    write_figures(options.output, figures)
    print(figures["met"], f"peak {figures['peak_mib']} MiB")


if __name__ == "__main__":
    main()

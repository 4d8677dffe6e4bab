from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from drawn import COLOURS
from lbie.colour.lab import rgb_to_lab
from lbie.data.flowers import load_arrays
from lbie.editor import Editor


def test_loss_falls_to_a_fraction(tiny_run: Path) -> None:
    with open(tiny_run / "logs" / "metrics.csv", newline="") as file:
        losses = [float(r["task"]) for r in csv.DictReader(file) if r.get("task")]
    assert losses[-1] < 0.35 * losses[0], losses


def test_colours_follow_the_sentence(tiny_model: Path, drawn_flowers: Path) -> None:
    arrays = load_arrays(drawn_flowers, "train", 144)
    editor = Editor.from_pretrained(tiny_model)
    for i in range(4):
        colour = list(COLOURS)[i]
        gray = np.repeat(np.asarray(rgb_to_lab(np.array(arrays.rgb[i])))[..., :1] * 2.55, 3, axis=2).astype(np.uint8)
        editor.set_image(gray)
        ab = rgb_to_lab(editor.edit(f"this flower is {colour} in color").rgb)[..., 1:]
        got = np.median(ab[arrays.region[i]], axis=0)
        wanted = {c: rgb_to_lab(np.array([v], np.uint8))[0, 1:] for c, v in COLOURS.items()}
        distance = {c: float(np.linalg.norm(got - point)) for c, point in wanted.items()}
        assert min(distance, key=lambda c: distance[c]) == colour, (colour, got, distance)

"""Flowers drawn by code, in the layout of the real data set."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

COLOURS = {"red": (200, 30, 30), "blue": (70, 90, 230), "yellow": (120, 100, 0), "white": (130, 130, 130)}


def flower(colour: str, seed: int, size: int = 96) -> np.ndarray:
    """A flower of six petals on green leaves, (size, size, 3) uint8; the lightness says little of the colour."""
    rng = np.random.default_rng(seed)
    image = np.empty((size, size, 3), np.uint8)
    image[:] = (20, 60, 20)
    for _ in range(8):
        x, y = (int(v) for v in rng.integers(0, size, 2))
        cv2.ellipse(image, (x, y), (size // 5, size // 9), float(rng.uniform(0, 180)), 0, 360, (40, 90, 30), -1)
    centre, turn = (size // 2, size // 2), float(rng.uniform(0, 60))
    for petal in range(6):
        angle = np.radians(60 * petal + turn)
        place = int(centre[0] + size * 0.2 * np.cos(angle)), int(centre[1] + size * 0.2 * np.sin(angle))
        cv2.ellipse(image, place, (size // 5, size // 9), float(np.degrees(angle)), 0, 360, COLOURS[colour], -1)
    noise = rng.normal(0, 3, (size, size, 1))
    return (image + noise).clip(0, 255).astype(np.uint8)


def petals(colour: str, rgb: np.ndarray) -> np.ndarray:
    """True petals of a drawn flower: pixels of its colour, noise aside."""
    near = np.abs(rgb.astype(int) - COLOURS[colour]).max(-1) < 16
    return cv2.morphologyEx(near.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def write_flowers(folder: Path, counts: dict[str, int]) -> Path:
    """Write `images/` and `metadata.jsonl` with so many photos a split; returns the folder."""
    (folder / "images").mkdir(parents=True)
    rows, number = [], 0
    for split, count in counts.items():
        for i in range(count):
            number += 1
            colour = list(COLOURS)[i % len(COLOURS)]
            name = f"images/image_{number:05d}.png"
            cv2.imwrite(str(folder / name), flower(colour, number)[..., ::-1])
            captions = [f"this flower is {colour} in color", f"the {colour} flower has six petals"] * 5
            row = {"file_name": name, "split": split, "class_id": number, "class_name": "drawn", "captions": captions}
            rows.append(json.dumps(row))
    (folder / "metadata.jsonl").write_text("\n".join(rows) + "\n")
    return folder

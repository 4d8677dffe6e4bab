"""A folder of photos drawn by code: coloured discs on textured ground, with sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drawn import COLOURS


def disc(colour: str, seed: int, size: int = 64) -> np.ndarray:
    """A coloured disc on textured brown ground, (size, size, 3) uint8."""
    rng = np.random.default_rng(seed)
    texture = cv2.resize(rng.normal(0, 12, (16, 16)), (size, size))[..., None]
    image = (np.array((110, 85, 60)) + texture).clip(0, 255).astype(np.uint8)
    centre = tuple(int(v) for v in rng.integers(size * 2 // 5, size * 3 // 5, 2))
    cv2.circle(image, centre, size // 4, COLOURS[colour], -1)
    return image


def write_photo(path: Path, rgb: np.ndarray) -> None:
    """Write a picture, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), rgb[..., ::-1])


def write_lines(path: Path, rows: list[Any]) -> None:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def write_folder(folder: Path, counts: dict[str, int], nested: bool = False) -> Path:
    """Write so many photos a split, either layout; returns the folder."""
    number, rows = 0, []
    for split, count in counts.items():
        own = []
        for i in range(count):
            number += 1
            colour, name = list(COLOURS)[i % len(COLOURS)], f"discs/{number}.png"
            write_photo(folder / (split if nested else "") / name, disc(colour, number))
            own.append({"file_name": name, "text": f"the zorb is {colour} in color"})
        if nested:
            write_lines(folder / split / "metadata.jsonl", own)
        rows += [row | {"split": split} for row in own]
    if not nested:
        write_lines(folder / "metadata.jsonl", rows)
    return folder

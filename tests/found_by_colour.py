"""A stand-in for a model that finds things: a phrase matches where the photo has the colours that it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from lbie import Editor
from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.registry import ModelCard
from lbie.runtime import Fused

COLOURS = {"red": (220, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 210)}
WORDS = (
    PADDING,
    UNKNOWN,
    *COLOURS,
    *["the", "cup", "dog", "cat", "on", "left", "right", "large", "and", "unsure", "with", "absent"],
)
CONFIG = ModelConfig(
    task="segment", in_channels=3, out_channels=1, image_encoder=ImageEncoderConfig(channels=(8, 8, 8)), width=16,
    embedding=8, decoder_channels=(8, 8), working_size=96, max_steps=3, presence=True, categories=2, mirror=False,
)  # fmt: skip


class FindsColours:
    """See `Runtime`."""

    config, vocabulary, device, size_multiple = CONFIG, Vocabulary(WORDS), "cpu", 8

    def __init__(self, folder: object = None, device: str = "cpu", kinds: bool = True) -> None:
        self.has_kinds = kinds
        self.encoded: list[tuple[int, ...]] = []
        """Shapes of the images encoded."""
        self.fused: list[int] = []
        """Phrases of each call."""

    def encode_image(self, image: np.ndarray, wraps: bool = False) -> tuple[Any, float]:
        self.encoded.append(image.shape)
        return (image[0].transpose(1, 2, 0) + 1) * 127.5, 1.0

    def fuse_phrases(self, image: Any, phrases: Sequence[tuple[int, ...]], max_steps: int | None = None) -> list[Fused]:
        self.fused.append(len(phrases))
        return [self._fuse(image, [WORDS[i] for i in ids]) for ids in phrases]

    def kinds(self, image: Any) -> np.ndarray | None:
        height, width = image.shape[0] // 8, image.shape[1] // 8
        things = cv2.resize(np.ptp(image, 2), (width, height), interpolation=cv2.INTER_AREA) > 60
        return np.stack([~things, things]).astype(np.float32) if self.has_kinds else None

    def _fuse(self, image: np.ndarray, words: list[str]) -> Fused:
        height, width = image.shape[:2]
        small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        inside = np.zeros(small.shape[:2], bool)
        for name, colour in COLOURS.items():
            if name in words:
                inside |= np.abs(small - colour).max(2) < 60
        presence = 0.05 if "absent" in words else 0.3 if "unsure" in words else 0.93 if inside.any() else 0.08
        grid = height // 8, width // 8
        attention = np.zeros((3, len(words), *grid), np.float32)
        attention[0] = 1 / len(words)
        logits = np.where(inside, 8, -8).astype(np.float32)[None]
        return Fused(logits, np.ones(grid, int), attention, grid[0] * grid[1], None, presence)


def finder(kinds: bool = True) -> Editor:
    """An editor with the stand-in."""
    return Editor(FindsColours(kinds=kinds), ModelCard("photos"))


def boxes(height: int = 96, width: int = 144) -> np.ndarray:
    """(H, W, 3) uint8: a red cup on the left and a green one on the right, of a gray, grainy ground."""
    grain = np.random.default_rng(0).integers(110, 150, (height, width), np.uint8)
    rgb = np.repeat(grain[..., None], 3, 2)
    for name, left in (("red", width // 8), ("green", 5 * width // 8)):
        rgb[height // 4 : 3 * height // 4, left : left + width // 4] = COLOURS[name]
    return rgb


def where(rgb: np.ndarray, *names: str) -> np.ndarray:
    """(H, W) bool: the things of these colours in `boxes`."""
    return np.any([(rgb == COLOURS[name]).all(2) for name in names], 0)


def write_stand_in(folder: Path) -> Path:
    """A model folder that resolves, to be loaded as `FindsColours`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(asdict(CONFIG)))
    (folder / "card.json").write_text(json.dumps({"name": "photos", "version": "1", "task": "segment"}))
    return folder


def write_photo(path: Path, rgb: np.ndarray, **options: Any) -> Path:
    """The photo as a file of the suffix's format."""
    Image.fromarray(rgb).save(path, **options)
    return path

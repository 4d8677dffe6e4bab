"""What is edited, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lbie.image_io import read_image
from lbie.runtime import Runtime
from lbie.samples import sample_path

SIZES = {"256 px": (256, 256), "1 MP": (1152, 864), "12 MP": (4000, 3000)}
"""Width and height of what is edited."""
BATCHES = (1, 2, 4, 8, 16, 32)
"""Sentences or phrases at once."""


@dataclass(frozen=True)
class Asked:
    """What a model is asked for."""

    sample: str
    """Name of the image."""
    sentences: tuple[str, ...]
    """Edits, one after the other."""
    pattern: str
    """Of the sentences or phrases that are fused at once, with two things in it."""
    first: tuple[str, ...]
    second: tuple[str, ...]

    def picture(self, size: str) -> np.ndarray:
        """(H, W, 3) uint8: the image, at one of `SIZES`; a drawing keeps its shape, on a wider sheet."""
        rgb, wanted = read_image(sample_path(self.sample)).rgb, SIZES[size]
        if self.sample != "shapes":
            return cv2.resize(rgb, wanted, interpolation=cv2.INTER_CUBIC)
        side = min(wanted)
        large = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_NEAREST)
        return cv2.copyMakeBorder(large, 0, 0, 0, wanted[0] - side, cv2.BORDER_CONSTANT, value=(255, 255, 255))

    def several(self, runtime: Runtime) -> list[tuple[int, ...]]:
        """Word ids of as many different sentences or phrases as the largest of `BATCHES`."""
        said = [self.pattern.format(one, other) for one in self.first for other in self.second][: BATCHES[-1]]
        return [runtime.vocabulary.encode(text, runtime.config.max_words).ids for text in said]


_COLOURS = ("white", "red", "orange", "yellow", "blue", "purple", "pink", "green")
ASKED = {
    "flowers": Asked(
        "flower",
        ("this flower has white petals and a yellow center", "The flower is red in color.", "a purple flower"),
        "this flower has {} petals and a {} center", _COLOURS, ("yellow", "green", "white", "orange"),
    ),
    "photos": Asked(
        "chelsea",
        ("make the cat on the left blue", "make the cat green", "brighten the cat"),
        "the {} on the {}", ("cat", "dog", "man", "woman", "car", "chair", "horse", "bird"),
        ("left", "right", "top", "bottom"),
    ),
    "sketch": Asked(
        "shapes",
        (
            "The circle is red. The shape above the circle is blue.",
            "The square is green. The shape left of the square is red.",
            "The circle is yellow.",
        ),
        "the {} {} is red", ("circle", "box", "triangle", "diamond", "ellipse", "rhombus", "disc", "oblong"),
        ("on the left", "on the right", "at the top", "at the bottom"),
    ),
}  # fmt: skip
"""By model."""

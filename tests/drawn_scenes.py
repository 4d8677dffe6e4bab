"""Drawn scenes with phrases: coloured rectangles on gray, for what needs no photos."""

from __future__ import annotations

import numpy as np

from lbie.data.scene import Instance, Phrase, Scene

KINDS = ("box", "bar")
COLOURS = {"red": (220, 30, 30), "green": (30, 180, 40), "blue": (40, 60, 220)}
TEXTS = ["red green blue box bar left right the"]


class DrawnScenes:
    """Two rectangles of different colours, a box and a bar or two boxes, one in either half of the picture."""

    def __init__(self, size: int, known: frozenset[str] | None = None) -> None:
        self.size, self.known = size, known

    def draw(self, rng: np.random.Generator) -> Scene:
        """A scene."""
        size = self.size
        image = np.full((size, size, 3), 128, np.uint8)
        things, half = [], size // 2
        for side, colour in enumerate(rng.permutation(list(COLOURS))[:2]):
            kind = KINDS[int(rng.integers(2))]
            wide = int(rng.integers(size // 4, size // 3))
            high = wide if kind == "box" else size * 3 // 4
            top = int(rng.integers(0, size - high + 1))
            left = side * half + int(rng.integers(0, half - wide + 1))
            mask = np.zeros((size, size), bool)
            mask[top : top + high, left : left + wide] = True
            image[mask] = COLOURS[colour]
            things.append(Instance(kind, mask))
        return Scene(f"drawn/{rng.integers(1 << 30)}", image, tuple(things), self.known)


def speak(scene: Scene, rng: np.random.Generator, count: int) -> list[Phrase]:
    """Side and colour of a thing, and a colour that nothing has."""
    colours = [_colour(scene, i) for i in range(len(scene.instances))]
    said = [Phrase(side, i) for i, side in enumerate(("the left", "right"))]
    said += [Phrase(f"{colour} {scene.instances[i].category}", i) for i, colour in enumerate(colours)]
    said += [Phrase(f"the {colour} bar", None, "none") for colour in COLOURS if colour not in colours]
    return [said[int(i)] for i in rng.permutation(len(said))[:count]]


def _colour(scene: Scene, index: int) -> str:
    here = scene.image[scene.instances[index].mask][0]
    return next(name for name, value in COLOURS.items() if tuple(here) == value)

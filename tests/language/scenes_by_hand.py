"""Scenes of rectangles, for phrases."""

from __future__ import annotations

import numpy as np

from lbie.data.scene import Instance, Scene

SIDE = 100


def scene(
    *things: tuple[str, tuple[int, int, int, int]], known: frozenset[str] | None = None, **colours: tuple
) -> Scene:
    """Rectangles (top, left, bottom, right) of 100 x 100 pixels; `colours` paints those of a category, else red."""
    image = np.full((SIDE, SIDE, 3), (120, 160, 90), np.uint8)
    instances = []
    for category, (top, left, bottom, right) in things:
        mask = np.zeros((SIDE, SIDE), bool)
        mask[top:bottom, left:right] = True
        image[mask] = colours.get(category, (200, 30, 30))
        instances.append(Instance(category, mask))
    return Scene("hand/1", image, tuple(instances), known)

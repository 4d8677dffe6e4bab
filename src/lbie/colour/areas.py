"""Areas of one colour that get another, under the light that falls on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def recolouring(
    share: np.ndarray, base: Sequence[float], light: np.ndarray | None, colour: Sequence[int]
) -> np.ndarray:
    """What is added to a picture where an area gets a colour.

    Args:
        share: (h, w) uint8, share of each pixel that is the area's.
        base: its RGB before the light falls on it.
        light: (h, w) float32, or None where it is even.
        colour: RGB that it gets.

    Returns:
        (h, w, 3) float32.
    """
    was = np.array(base, np.float32)
    was = was if light is None else was * light[..., None]
    return (share / np.float32(255))[..., None] * (np.array(colour, np.float32) - was)

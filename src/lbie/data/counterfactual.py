"""Counterfactual examples: the same photo with its flower in another colour, and a description that says so.

Without them a colorizer follows the species; with them it has to follow the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lbie.colour.lab import rgb_to_lab
from lbie.language.colour_names import CONTROL_COLOURS, swap_colour

TEMPLATES = (
    "The flower is {} in color.",
    "this flower is {} in color",
    "the flower has {} petals",
    "this flower has petals that are {}",
    "the petals are {}",
    "a {} flower",
    "make the flower {}",
    "this is a {} flower",
    "the flower is {}",
    "the petals of this flower are {} in color",
)
"""Ways to name the colour of a whole flower."""

_LEAST_SHARE, _MOST_SHARE = 0.06, 0.9  # of the photo that a region fills to be recoloured
_VIVID = 15.0  # chroma above which a flower has a hue of its own


def region_colours(rgb: np.ndarray, region: np.ndarray) -> np.ndarray:
    """Median ab of each photo's region: (N, H, W, 3) uint8 and (N, H, W) bool to (N, 2) float32."""
    colours = np.empty((len(rgb), 2), np.float32)
    for i in range(len(rgb)):
        colours[i] = np.median(rgb_to_lab(np.ascontiguousarray(rgb[i][region[i]]))[:, 1:], axis=0)
    return colours


def prototypes(colours: np.ndarray, families: Sequence[str | None]) -> dict[str, np.ndarray]:
    """Mean ab of the regions whose captions agree on each control colour: the reference points of colour control.

    Args:
        colours: (N, 2) from `region_colours`.
        families: the colour each photo's captions agree on, or None.
    """
    names = np.array([f or "" for f in families])
    return {c: colours[names == c].mean(0) for c in CONTROL_COLOURS if (names == c).any()}


def nearest(colours: np.ndarray, points: dict[str, np.ndarray]) -> np.ndarray:
    """Name of the prototype nearest in ab to each colour: (N, 2) to (N,) str."""
    names = np.array(list(points))
    distance = np.linalg.norm(colours[:, None] - np.stack(list(points.values())), axis=-1)  # (N, C)
    return names[distance.argmin(1)]


class Recolourer:
    """Draws counterfactual colours from those of real flowers."""

    def __init__(self, rgb: np.ndarray, region: np.ndarray, families: Sequence[str | None]) -> None:
        self.families = list(families)
        self.colours = region_colours(rgb, region)
        share = region.reshape(len(region), -1).mean(1)
        self.usable = (share > _LEAST_SHARE) & (share < _MOST_SHARE)
        points = prototypes(self.colours, families)
        names = np.array([f or "" for f in families])
        near = nearest(self.colours, points) if points else names  # captions may tell no colour at all
        self.bank = {c: self.colours[(names == c) & (near == c)] for c in points}
        """Colours of real flowers that are clearly what their captions call them."""
        self.bank = {c: bank for c, bank in self.bank.items() if len(bank)}

    def draw(self, index: int, captions: Sequence[str], rng: np.random.Generator) -> tuple[str, np.ndarray] | None:
        """A new description and the ab (2,) of the flower in it for photo `index`; None where it is not suitable."""
        old = self.families[index]
        choices = [c for c in self.bank if c != old]
        if not self.usable[index] or not choices:
            return None
        new = str(rng.choice(choices))
        target = self.bank[new][rng.integers(len(self.bank[new]))] * rng.uniform(1.0, 1.2)
        text = None
        if old and rng.random() < 0.5:
            text = swap_colour(captions[int(rng.integers(len(captions)))], old, new)
        return text or TEMPLATES[int(rng.integers(len(TEMPLATES)))].format(new), target


def recolour(ab: np.ndarray, region: np.ndarray, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Move a flower's colour and leave the rest, its heart included, as it is.

    Args:
        ab: (H, W, 2) float32.
        region: (H, W) bool, the flower.
        source: (2,) the flower's present colour.
        target: (2,) the colour it gets.

    Returns:
        (H, W, 2) float32. A flower with a hue is turned and scaled in the ab plane; a white one is shifted.
    """
    soft = cv2.GaussianBlur(region.astype(np.float32), (0, 0), 1.0)
    chroma = float(np.hypot(*source))
    if chroma > _VIVID:
        own = np.hypot(ab[..., 0], ab[..., 1])
        cosine = (ab @ source.astype(np.float32)) / np.maximum(own * chroma, 1e-6)
        angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        alike = np.where(own > 8, np.exp(-((np.maximum(angle - 20, 0) / 25) ** 2)), 1.0)
        turn = complex(*target) / complex(*source)
        matrix = np.array([[turn.real, turn.imag], [-turn.imag, turn.real]], np.float32)  # row vectors
        moved = ab @ matrix
    else:
        distance = np.linalg.norm(ab - source, axis=-1)
        alike = np.exp(-((np.maximum(distance - 8, 0) / 18) ** 2))
        moved = ab + (target - source)
    weight = (soft * alike)[..., None].astype(np.float32)
    return ab + weight * (np.clip(moved, -110, 110) - ab).astype(np.float32)

"""The colours of flowers in ab: of each photo, and the reference points of the control colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lbie.colour.lab import rgb_to_lab
from lbie.data.photos import PhotoArrays
from lbie.language.colour_names import CONTROL_COLOURS


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


def reference_points(arrays: PhotoArrays) -> dict[str, np.ndarray]:
    """`prototypes` of photos and their captions."""
    return prototypes(region_colours(arrays.rgb, arrays.region), [r.colour for r in arrays.records])


def nearest(colours: np.ndarray, points: dict[str, np.ndarray]) -> np.ndarray:
    """Name of the prototype nearest in ab to each colour: (N, 2) to (N,) str."""
    names = np.array(list(points))
    distance = np.linalg.norm(colours[:, None] - np.stack(list(points.values())), axis=-1)  # (N, C)
    return names[distance.argmin(1)]

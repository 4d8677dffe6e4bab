"""Answers that need no network: the whole picture, a box in its middle, all things, the largest of the kind."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from lbie.data.scene import Phrase, Scene

_CELLS = 48
"""Side of the grid on which the box is chosen; its sides are multiples of two cells."""
Box = tuple[float, float]
"""Height and width of a box in the middle, as shares of the picture's."""


def best_box(masks: Iterable[np.ndarray]) -> Box | None:
    """The box in the middle that has the largest overall IoU with masks (H, W) bool; None without a mask."""
    half = np.arange(1, _CELLS // 2 + 1)
    low, high = _CELLS // 2 - half, _CELLS // 2 + half
    inside, either = np.zeros((len(half), len(half))), np.zeros((len(half), len(half)))
    areas = np.outer(2 * half, 2 * half) / _CELLS**2
    for mask in masks:
        share = cv2.resize(mask.astype(np.float32), (_CELLS, _CELLS), interpolation=cv2.INTER_AREA).astype(float)
        sums = np.pad(share.cumsum(0).cumsum(1), ((1, 0), (1, 0)))  # (_CELLS + 1, _CELLS + 1)
        rows = sums[high] - sums[low]  # (K, _CELLS + 1)
        both = (rows[:, high] - rows[:, low]) / _CELLS**2  # (K, K)
        inside += both * mask.size
        either += (areas + share.mean() - both) * mask.size
    if not either.any():
        return None
    row, column = np.unravel_index(np.argmax(inside / either), inside.shape)
    return 2 * float(half[row]) / _CELLS, 2 * float(half[column]) / _CELLS


def box_mask(size: tuple[int, int], box: Box) -> np.ndarray:
    """The box as a mask (H, W) bool."""
    mask = np.zeros(size, bool)
    (top, bottom), (left, right) = (
        (round(n * (1 - share) / 2), round(n * (1 + share) / 2)) for n, share in zip(size, box, strict=True)
    )
    mask[top:bottom, left:right] = True
    return mask


def baseline_masks(scene: Scene, phrase: Phrase, box: Box | None, complete: bool) -> dict[str, np.ndarray]:
    """Masks (H, W) bool by name of the row.

    Args:
        scene: photo and things.
        phrase: one that names something.
        box: what `best_box` chose on other photos.
        complete: whether the scene lists all its things, with their kinds; without it, what needs them is left out.
    """
    size = (scene.image.shape[0], scene.image.shape[1])
    found = {"whole image": np.ones(size, bool)}
    if box:
        found["best centred box"] = box_mask(size, box)
    if complete:
        found["union of all instances"] = np.any([thing.mask for thing in scene.instances], axis=0)
        kind = scene.instances[phrase.target or 0].category
        alike = [thing.mask for thing in scene.instances if thing.category == kind]
        found["union of the named kind (oracle)"] = np.any(alike, axis=0)
        found["largest of the named kind (oracle)"] = max(alike, key=np.count_nonzero)
    return found

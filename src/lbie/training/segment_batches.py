"""Training batches of scenes with phrases; a pure function of seed and step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import cv2
import numpy as np
import torch

from lbie.data.scene import Phrase, Scene
from lbie.errors import InputError
from lbie.language.refer.facts import Facts
from lbie.language.vocabulary import Vocabulary
from lbie.tasks.padding import pad_ids
from lbie.tasks.photo_view import image_input
from lbie.tasks.segment import SegmentBatch
from lbie.training.recipe import Recipe

_LEAST_SHARE = 0.15
"""Of a region, below which no thing is its own."""
_TRIES = 50
"""Scenes drawn for one of which something can be said."""

Speak = Callable[[Scene, np.random.Generator, int], list[Phrase]]
"""At most so many phrases of a scene."""


class Scenes(Protocol):
    """Where scenes come from."""

    def draw(self, rng: np.random.Generator) -> Scene:
        """A scene; the same state of `rng` gives the same."""
        ...


class FewScenes:
    """A few photos, whole and as they are, for trials: a model that cannot learn these learns nothing."""

    def __init__(self, scenes: Sequence[Scene], size: int) -> None:
        self.scenes = [resized(scene, size, size) for scene in scenes]

    def draw(self, rng: np.random.Generator) -> Scene:
        """One of them."""
        return self.scenes[int(rng.integers(len(self.scenes)))]


class SegmentBatches:
    """Batch number `step` of a run, the same on every call and every machine."""

    def __init__(
        self, scenes: Scenes, speak: Speak, kinds: Sequence[str], vocabulary: Vocabulary, recipe: Recipe
    ) -> None:
        """Take a source of scenes, what makes phrases of them, and the kinds of things by their numbers."""
        self.scenes, self.speak, self.vocabulary, self.recipe = scenes, speak, vocabulary, recipe
        self.numbers = {kind: i + 1 for i, kind in enumerate(kinds)}

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass."""
        return max(1, self.recipe.segment.scenes // self.recipe.batch_size)

    def batch(self, step: int) -> SegmentBatch:
        """Batch number `step`, from 0.

        Raises:
            InputError: nothing can be said of any of many scenes.
        """
        rng = np.random.default_rng((self.recipe.seed, 2, step))
        drawn = [self._draw(rng) for _ in range(self.recipe.batch_size)]
        model = self.recipe.model
        said = [(i, scene, phrase) for i, (scene, phrases) in enumerate(drawn) for phrase in phrases]
        grid = tuple(side // model.stride for side in drawn[0][0].image.shape[:2])
        height, width = (side * 2 ** len(model.decoder_channels) for side in grid)
        masks = np.zeros((len(said), 1, height, width), np.float32)
        for row, (_, scene, phrase) in zip(masks, said, strict=True):
            if phrase.target is not None:
                row[0] = shrunk(scene.instances[phrase.target].mask, height, width)
        kinds = [kinds_map(scene, self.numbers, grid[0], grid[1]) for scene, _ in drawn]
        return SegmentBatch(
            torch.from_numpy(image_input(np.stack([scene.image for scene, _ in drawn]))),
            pad_ids([self.vocabulary.encode(phrase.text, model.max_words).ids for _, _, phrase in said]),
            torch.tensor([i for i, _, _ in said]),
            torch.from_numpy(masks),
            torch.tensor([phrase.target is not None for _, _, phrase in said]),
            torch.from_numpy(np.stack(kinds)),
            torch.from_numpy(np.stack([unlisted(scene, self.numbers) for scene, _ in drawn])),
            torch.from_numpy(np.stack([boxes_map(scene, grid[0], grid[1]) for scene, _ in drawn])),
        )

    def _draw(self, rng: np.random.Generator) -> tuple[Scene, list[Phrase]]:
        """A scene of which something can be said, and what is said."""
        for _ in range(_TRIES):
            scene = self.scenes.draw(rng)
            phrases = self.speak(scene, rng, self.recipe.segment.phrases)
            if phrases:
                return scene, phrases
        raise InputError(
            f"of {_TRIES} scenes none has a thing that a phrase can name: check the photos and their masks"
        )


def resized(scene: Scene, height: int, width: int) -> Scene:
    """A scene at another size, its shape changed where that asks for it."""
    size = (width, height)
    smaller = height * width < scene.image.shape[0] * scene.image.shape[1]
    image = cv2.resize(scene.image, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    things = [type(t)(t.category, shrunk(t.mask, height, width) > 0.5, t.shown) for t in scene.instances]
    return Scene(scene.photo_id, image, tuple(things), scene.known)


def shrunk(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """The share of each of (height, width) pixels that a mask (H, W) bool covers, float32."""
    return cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)


def kinds_map(scene: Scene, numbers: dict[str, int], height: int, width: int) -> np.ndarray:
    """The share of each kind, and first of none, in each region: (K, height, width) float32 that sums to 1 over K."""
    shares = np.zeros((len(numbers) + 1, height, width), np.float32)
    for kind in {thing.category for thing in scene.instances}:
        if kind in numbers:
            covered = np.any([thing.mask for thing in scene.instances if thing.category == kind], axis=0)
            shares[numbers[kind]] = shrunk(covered, height, width)
    total = shares.sum(0)
    shares /= np.maximum(total, 1)
    shares[0] = (1 - total).clip(min=0)
    return shares


def boxes_map(scene: Scene, height: int, width: int) -> np.ndarray:
    """Of each region the box and area of the thing that it shows most of, and its weight: (6, height, width) float32.

    Left, top, right and bottom are shares of the picture's sides, areas logs of the picture's. A thing counts as the
    root of its area: neither do the few large ones drown the small, nor the other way round.
    """
    values = np.zeros((6, height, width), np.float32)
    most = np.full((height, width), _LEAST_SHARE, np.float32)
    facts = Facts(scene)
    for thing, (top, left, bottom, right), area in zip(scene.instances, facts.box, facts.area, strict=True):
        if not area:
            continue
        share = shrunk(thing.mask, height, width)
        here = share > most
        most[here] = share[here]
        values[:5, here] = np.array([left, top, right, bottom, np.log(area)], np.float32)[:, None]
        values[5, here] = share[here] / np.sqrt(area * height * width)
    return values


def unlisted(scene: Scene, numbers: dict[str, int]) -> np.ndarray:
    """The kinds of which there may be more than is listed, (K,) bool."""
    found = np.zeros(len(numbers) + 1, bool)
    if scene.known is not None:
        for kind, number in numbers.items():
            found[number] = kind not in scene.known
    return found

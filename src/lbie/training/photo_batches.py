"""Training batches of photos: crops, gray inputs, captions and counterfactuals; a pure function of seed and step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import torch

from lbie.colour.lab import AB_SCALE, gray_to_lightness, lightness_input, luma, rgb_to_lab
from lbie.data.counterfactual import Counterfactual, Recolourer
from lbie.data.flower_parts import FlowerParts, tips
from lbie.data.photos import PhotoArrays
from lbie.data.recolour import paint, recolour, soften
from lbie.language.flower_sentences import SILENT, WHOLE
from lbie.language.vocabulary import Vocabulary
from lbie.model.palette import HEART, PETALS, TIPS
from lbie.tasks.colorize import ColorizeBatch
from lbie.tasks.hints import hint_map
from lbie.tasks.padding import pad_ids
from lbie.training.recipe import Recipe

_MOST_HINTS = 4
_ON_FLOWER = 0.6  # share of the hints that lie on a flower


@dataclass(frozen=True)
class _Example:
    """One photo of a batch."""

    lightness: np.ndarray
    """(H, W) float32."""
    ids: tuple[int, ...]
    ab: np.ndarray
    """(h, w, 2) float32."""
    flowers: np.ndarray
    """(h, w) float32 in [0, 1], or -1 where they are not known."""
    parts: np.ndarray
    """(h, w) int64: of the main flower; -1 elsewhere."""
    emphasis: np.ndarray
    """(h, w) float32."""
    hints: np.ndarray
    """(3, h', w') float32."""


class PhotoBatches:
    """Batch number `step` of a run, the same on every call and every machine."""

    def __init__(self, arrays: PhotoArrays, vocabulary: Vocabulary, recipe: Recipe) -> None:
        self.records = arrays.records[: recipe.limit]
        self.rgb, self.region = arrays.rgb[: recipe.limit], arrays.region[: recipe.limit]
        self.captions = [r.captions for r in self.records]
        self.vocabulary, self.recipe = vocabulary, recipe
        self.output_size = recipe.model.output_size
        self.families = [r.colour for r in self.records]
        self.recolourer = (
            Recolourer(self.rgb, self.region, self.families, recipe.parts) if recipe.counterfactual else None
        )
        self._parts = cache(lambda index: FlowerParts.find(self.rgb[index], self.region[index]))

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass; the incomplete last one is left out."""
        return max(1, len(self.records) // self.recipe.batch_size)

    def batch(self, step: int) -> ColorizeBatch:
        """Batch number `step`, from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng((self.recipe.seed, 1, epoch)).permutation(len(self.records))
        size = self.recipe.batch_size
        rng = np.random.default_rng((self.recipe.seed, 2, step))
        examples = [self._example(int(i), rng) for i in order[place * size : (place + 1) * size]]
        lightness, ab, flowers, parts, emphasis, hints = (
            torch.from_numpy(np.stack([getattr(e, name) for e in examples]))
            for name in ("lightness", "ab", "flowers", "parts", "emphasis", "hints")
        )
        return ColorizeBatch(
            lightness_input(lightness[:, None]),  # (B, 1, H, W)
            pad_ids([e.ids for e in examples]),
            ab.permute(0, 3, 1, 2).contiguous() / AB_SCALE,  # (B, 2, h, w)
            flowers[:, None],
            parts,
            emphasis,
            hints if self.recipe.hints else None,
        )

    def _example(self, index: int, rng: np.random.Generator) -> _Example:
        recipe, out = self.recipe, self.output_size
        work, full = recipe.model.working_size, self.rgb.shape[1]
        side = int(rng.integers(int(full * 0.72), full + 1))
        top, left = rng.integers(0, full - side + 1, 2)
        window = np.s_[top : top + side, left : left + side]
        layers = [self.rgb[index], self.region[index]]
        known = self.recolourer is not None and bool(self.recolourer.usable[index])
        if known:
            parts = self._parts(index)
            layers += [parts.flowers, parts.heart]
        layers = [layer[window] for layer in layers]
        if rng.random() < 0.5:
            layers = [layer[:, ::-1] for layer in layers]
        rgb = cv2.resize(layers[0], (work, work), interpolation=cv2.INTER_AREA if side >= work else cv2.INTER_LINEAR)
        lab = rgb_to_lab(rgb)
        # Gray photos come as luma more often than as L*.
        lightness = gray_to_lightness(luma(rgb)) if rng.random() < 0.6 else lab[..., 0]
        if rng.random() < 0.2:
            lightness = 100 * (lightness.clip(0, 100) / 100) ** rng.uniform(0.75, 1.3)
        ab = cv2.resize(lab[..., 1:], (out, out), interpolation=cv2.INTER_AREA)
        captions, family = self.captions[index], self.families[index]
        text, chance = captions[rng.integers(len(captions))], rng.random()
        emphasis = np.ones((out, out), np.float32)
        if self.recolourer and chance < recipe.counterfactual:
            drawn = self.recolourer.draw(index, captions, rng)
            if drawn:
                text = drawn.text
                ab, part = _repainted(ab, drawn, self.recolourer.colours[index], *layers[1:])
                emphasis += (recipe.part_weight - 1) * part
        elif family and chance < recipe.counterfactual + recipe.template:
            text = WHOLE[rng.integers(len(WHOLE))].format(family)
        flowers, where = np.full((out, out), -1, np.float32), np.full((out, out), -1)
        if known:
            flowers, where = soften(layers[2], out, 0.5), _places(layers[1], layers[3], out)
        hints = np.zeros((3, work // recipe.model.stride, work // recipe.model.stride), np.float32)
        if rng.random() < recipe.hints:
            hints = _drawn_hints(ab, layers[1], hints.shape[1:], rng)
            if rng.random() < 0.5:
                text = SILENT[rng.integers(len(SILENT))]
        ids = self.vocabulary.encode(text, recipe.model.max_words).ids
        return _Example(lightness.astype(np.float32), ids, ab.astype(np.float32), flowers, where, emphasis, hints)


def _repainted(
    ab: np.ndarray, wish: Counterfactual, source: np.ndarray, region: np.ndarray, flowers: np.ndarray, heart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The photo's ab (h, w, 2) as a counterfactual wants it, and where a part has its own colour, (h, w) float32."""
    size = len(ab)
    part = np.zeros((size, size), np.float32)
    if wish.petals is not None:
        ab = recolour(ab, soften(flowers, size), source, wish.petals)
    for mask, colour in ((heart, wish.heart), (tips(region) if region.any() else region, wish.tips)):
        if colour is not None:
            part = soften(mask, size, 0.7)
            ab = paint(ab, part, colour)
    return ab, part


def _places(region: np.ndarray, heart: np.ndarray, size: int) -> np.ndarray:
    """The parts of a flower (H, W) bool with its heart, as (size, size) int64; -1 outside."""
    places = np.full((size, size), -1)
    if region.any():
        for part, mask in ((PETALS, region), (TIPS, tips(region)), (HEART, heart & region)):
            places[soften(mask, size, 0.5) > 0.5] = part
    return places


def _drawn_hints(ab: np.ndarray, region: np.ndarray, grid: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A few hints at the true colours, the first on the flower: (3, *grid) float32."""
    size = len(ab)
    smooth = cv2.blur(ab, (3, 3))
    inside = np.argwhere(cv2.resize(region.astype(np.uint8), (size, size), interpolation=cv2.INTER_AREA) > 0)
    points = []
    for number in range(int(rng.integers(1, _MOST_HINTS + 1))):
        on_flower = len(inside) and (number == 0 or rng.random() < _ON_FLOWER)
        y, x = inside[rng.integers(len(inside))] if on_flower else rng.integers(0, size, 2)
        points.append(((x + 0.5) / size, (y + 0.5) / size, smooth[y, x]))
    return hint_map(points, grid)

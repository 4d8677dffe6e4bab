"""Training batches of photos: crops, gray inputs, captions and counterfactuals; a pure function of seed and step."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from lbie.colour.lab import AB_SCALE, gray_to_lightness, lightness_input, luma, rgb_to_lab
from lbie.data.counterfactual import TEMPLATES, Recolourer, recolour
from lbie.data.photos import PhotoArrays
from lbie.language.vocabulary import Vocabulary
from lbie.tasks.colorize import ColorizeBatch
from lbie.tasks.padding import pad_ids
from lbie.training.recipe import Recipe


class PhotoBatches:
    """Batch number `step` of a run, the same on every call and every machine."""

    def __init__(self, arrays: PhotoArrays, vocabulary: Vocabulary, recipe: Recipe) -> None:
        self.records = arrays.records[: recipe.limit]
        self.rgb, self.region = arrays.rgb[: recipe.limit], arrays.region[: recipe.limit]
        self.captions = [r.captions for r in self.records]
        self.vocabulary, self.recipe = vocabulary, recipe
        self.output_size = recipe.model.output_size
        self.families = [r.colour for r in self.records]
        self.recolourer = Recolourer(self.rgb, self.region, self.families) if recipe.counterfactual else None

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
        lightness = torch.from_numpy(np.stack([e[0] for e in examples]))[:, None]  # (B, 1, H, W)
        ab = torch.from_numpy(np.stack([e[2] for e in examples]).transpose(0, 3, 1, 2).copy())  # (B, 2, h, w)
        return ColorizeBatch(lightness_input(lightness), pad_ids([e[1] for e in examples]), ab / AB_SCALE)

    def _example(self, index: int, rng: np.random.Generator) -> tuple[np.ndarray, tuple[int, ...], np.ndarray]:
        work = self.recipe.model.working_size
        full = self.rgb.shape[1]
        side = int(rng.integers(int(full * 0.72), full + 1))
        top, left = rng.integers(0, full - side + 1, 2)
        window = np.s_[top : top + side, left : left + side]
        rgb, region = self.rgb[index][window], self.region[index][window]
        if rng.random() < 0.5:
            rgb, region = rgb[:, ::-1], region[:, ::-1]
        rgb = cv2.resize(rgb, (work, work), interpolation=cv2.INTER_AREA if side >= work else cv2.INTER_LINEAR)
        lab = rgb_to_lab(rgb)
        # Gray photos come as luma more often than as L*.
        lightness = gray_to_lightness(luma(rgb)) if rng.random() < 0.6 else lab[..., 0]
        if rng.random() < 0.2:
            lightness = 100 * (lightness.clip(0, 100) / 100) ** rng.uniform(0.75, 1.3)
        ab = cv2.resize(lab[..., 1:], (self.output_size,) * 2, interpolation=cv2.INTER_AREA)
        captions, family = self.captions[index], self.families[index]
        text, chance = captions[rng.integers(len(captions))], rng.random()
        recipe = self.recipe
        if self.recolourer and chance < recipe.counterfactual:
            drawn = self.recolourer.draw(index, captions, rng)
            if drawn:
                text, target = drawn
                small = cv2.resize(region.astype(np.uint8), (self.output_size,) * 2, interpolation=cv2.INTER_AREA) > 0
                ab = recolour(ab, small, self.recolourer.colours[index], target)
        elif family and chance < recipe.counterfactual + recipe.template:
            text = TEMPLATES[rng.integers(len(TEMPLATES))].format(family)
        ids = self.vocabulary.encode(text, recipe.model.max_words).ids
        return lightness.astype(np.float32), ids, ab.astype(np.float32)

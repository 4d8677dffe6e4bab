"""Lessons of words before a colorizer's run: what colours descriptions tell, without any image.

A run shows a rare name a few times only, each time with one photo; here language encoder and palette read thousands of
descriptions in minutes and learn which words tell the petals' colour, and which the heart's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.colour.lab import AB_SCALE
from lbie.data.counterfactual import Counterfactual, Recolourer
from lbie.language.flower_sentences import SILENT
from lbie.language.named_parts import CENTRE_WORDS
from lbie.language.shades import names_colour
from lbie.language.vocabulary import tokenize
from lbie.model.editing_model import EditingModel
from lbie.model.palette import HEART, PARTS, Palette
from lbie.tasks.padding import pad_ids
from lbie.training.lessons import learn

BATCH, EPOCHS, RATE = 384, 6, 3e-3
_OWN_SHARE, _SILENT_SHARE = 0.25, 0.03
"""Of the texts: captions, with the colour of their photo, and sentences that tell no colour."""
_TOLD_WEIGHT = 0.1  # of the loss of whether a part is told


@dataclass(frozen=True)
class WordLessons:
    """Descriptions and what they tell."""

    ids: Sequence[tuple[int, ...]]
    """K descriptions."""
    colours: np.ndarray
    """(K, PARTS, 2) float32 ab / 100, NaN where a description does not tell it."""
    told: np.ndarray
    """(K, PARTS) float32: 1 where a description tells a colour of the part, 0 where not, NaN where that is unknown."""

    @classmethod
    def draw(
        cls, recolourer: Recolourer, captions: Sequence[Sequence[str]], model: EditingModel, count: int, seed: int
    ) -> WordLessons:
        """Draw so many descriptions of photos, captions among them."""
        rng = np.random.default_rng((seed, 3))
        ids: list[tuple[int, ...]] = []
        colours, told = np.full((count, PARTS, 2), np.nan, np.float32), np.full((count, PARTS), np.nan, np.float32)
        usable = np.flatnonzero(recolourer.usable)
        for k in range(count if len(usable) else 0):
            index, kind = int(rng.choice(usable)), rng.random()
            own = captions[index]
            drawn = None if kind < _OWN_SHARE + _SILENT_SHARE else recolourer.draw(index, own, rng)
            if kind < _SILENT_SHARE:
                drawn = Counterfactual(SILENT[int(rng.integers(len(SILENT)))], None)
            if drawn:
                text, parts = drawn.text, (drawn.petals, drawn.heart, drawn.tips)
                told[k] = [part is not None for part in parts]
                if drawn.heart is None and not CENTRE_WORDS.isdisjoint(tokenize(text)):
                    told[k, HEART] = np.nan  # a caption's own, which the counterfactual does not know
            else:
                text = own[int(rng.integers(len(own)))]
                told[k, 0] = names_colour(text)
                parts = (recolourer.colours[index] if told[k, 0] else None, None, None)
            ids.append(model.vocabulary.encode(text, model.config.max_words).ids)
            for place, colour in enumerate(parts):
                if colour is not None:
                    colours[k, place] = colour / AB_SCALE
        return cls(ids, colours[: len(ids)], told[: len(ids)])

    def teach(self, model: EditingModel, seed: int, epochs: int = EPOCHS) -> float:
        """Train a model's language encoder and palette, in place; the mean error in ab of the last pass.

        A model without a palette learns with one that is thrown away.
        """
        torch.manual_seed(seed)
        encoder, palette = model.language_encoder, model.palette or Palette(model.config)
        parameters = [*encoder.parameters(), *palette.parameters()]
        encoder.train()

        def attempt(rows: np.ndarray, _: np.random.Generator) -> tuple[Tensor, float]:
            wanted, told = torch.from_numpy(self.colours[rows]), torch.from_numpy(self.told[rows])
            read = palette(encoder(pad_ids([self.ids[i] for i in rows])))
            here, known = ~wanted.isnan(), ~told.isnan()
            error = (read.colour[here] - wanted[here]).abs().mean()
            loss = error + _TOLD_WEIGHT * F.binary_cross_entropy_with_logits(read.logit[known], told[known])
            return loss, error.item() * AB_SCALE

        return learn(
            *(parameters, len(self.ids), attempt),
            batch=BATCH,
            epochs=epochs,
            rate=RATE,
            seed=seed,
            title="lessons of words",
            figure="error",
        )

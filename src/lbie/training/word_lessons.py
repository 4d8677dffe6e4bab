"""Lessons of words before a colorizer's run: what colours descriptions tell, without any image.

A run shows a rare name a few times only, each time with one photo; here the language encoder reads thousands of
descriptions in a minute and learns which words tell the petals' colour, and which the heart's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from lbie.colour.lab import AB_SCALE
from lbie.data.counterfactual import Counterfactual, Recolourer
from lbie.model.editing_model import EditingModel
from lbie.model.language_encoder import LanguageEncoder
from lbie.tasks.padding import pad_ids

BATCH, EPOCHS, RATE = 192, 6, 2e-3
_OWN_SHARE = 0.25  # of the texts that are captions, with the colour of their photo
_PARTS = 3  # petals, heart, tips


class _Reader(nn.Module):
    """Reads a colour for each part as a region would: by attention over the words."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(_PARTS, width) * width**-0.5)
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, width)
        self.colour = nn.Sequential(nn.ReLU(), nn.Linear(width, 2))

    def forward(self, encoder: LanguageEncoder, ids: Tensor) -> Tensor:
        """Word ids (B, N) to ab / 100 of each part, (B, 3, 2)."""
        language = encoder(ids)
        scores = self.query @ self.key(language.words).transpose(1, 2)  # (B, 3, N)
        low = torch.finfo(scores.dtype).min
        weights = scores.masked_fill(~language.mask[:, None], low).softmax(-1)
        return self.colour(weights @ self.value(language.words))


@dataclass(frozen=True)
class WordLessons:
    """Descriptions and what they tell."""

    ids: Sequence[tuple[int, ...]]
    """K descriptions."""
    colours: np.ndarray
    """(K, 3, 2) float32 ab / 100 of petals, heart and tips, NaN where a description does not tell it."""

    @classmethod
    def draw(
        cls, recolourer: Recolourer, captions: Sequence[Sequence[str]], model: EditingModel, count: int, seed: int
    ) -> WordLessons:
        """Draw so many descriptions of photos, captions among them."""
        rng = np.random.default_rng((seed, 3))
        ids: list[tuple[int, ...]] = []
        colours: list[list[np.ndarray]] = []
        usable = np.flatnonzero(recolourer.usable)
        while len(ids) < count and len(usable):
            index = int(rng.choice(usable))
            own = captions[index]
            if rng.random() < _OWN_SHARE:
                told = Counterfactual(own[int(rng.integers(len(own)))], recolourer.colours[index])
            else:
                told = recolourer.draw(index, own, rng) or Counterfactual(own[0], recolourer.colours[index])
            ids.append(model.vocabulary.encode(told.text, model.config.max_words).ids)
            none = np.full(2, np.nan)
            colours.append([none if c is None else c / AB_SCALE for c in (told.petals, told.heart, told.tips)])
        return cls(ids, np.array(colours, np.float32).reshape(-1, _PARTS, 2))

    def teach(self, encoder: LanguageEncoder, seed: int, epochs: int = EPOCHS) -> float:
        """Train a language encoder, in place; the mean error in ab of the last pass."""
        torch.manual_seed(seed)
        reader = _Reader(encoder.lstm.hidden_size * 2)
        parameters = [*encoder.parameters(), *reader.parameters()]
        batches = len(self.ids) // BATCH or 1
        optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * batches)
        encoder.train()
        rng, errors = np.random.default_rng((seed, 4)), [0.0]
        with tqdm(total=epochs * batches, desc="lessons of words") as bar:
            for _ in range(epochs):
                errors = []
                for rows in np.array_split(rng.permutation(len(self.ids)), batches):
                    wanted = torch.from_numpy(self.colours[rows])
                    read, told = reader(encoder, pad_ids([self.ids[i] for i in rows])), ~wanted.isnan()
                    loss = (read[told] - wanted[told]).abs().mean()
                    optimizer.zero_grad(set_to_none=True)
                    loss.backward()
                    nn.utils.clip_grad_norm_(parameters, 1.0)
                    optimizer.step()
                    schedule.step()
                    errors.append(loss.item() * AB_SCALE)
                    bar.update()
                bar.set_postfix(error=f"{np.mean(errors):.1f}")
        return float(np.mean(errors))

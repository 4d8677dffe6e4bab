"""Do gates earn their place: steps by hops, and what stopping early saves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from lbie.data.scene import Phrase
from lbie.evaluation.answers import Answer, word_ids
from lbie.evaluation.photo_ratio import PhotoRatio
from lbie.model.editing_model import EditingModel
from lbie.model.image_features import ImageFeatures
from lbie.tasks.padding import pad_ids

_COUNTED = 100
"""Phrases whose multiply-adds are counted."""


@dataclass
class Steps:
    """Takes answers and keeps the steps of their regions."""

    by_hops: defaultdict[str, PhotoRatio] = field(default_factory=lambda: defaultdict(PhotoRatio))
    """Mean steps of all regions of a photo, by hops of the phrase."""
    inside: defaultdict[str, PhotoRatio] = field(default_factory=lambda: defaultdict(PhotoRatio))
    """The same of the regions that lie on what is named."""
    stopped: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    """Number of regions that stopped at each step, from step 0 on."""
    adds: list[tuple[int, int]] = field(default_factory=list)
    """Multiply-adds of the fusion of some phrases, with gates and with all steps."""

    def add(self, answer: Answer) -> None:
        """Take an answer to a phrase with a known word."""
        counts = np.bincount(answer.stops.ravel(), minlength=len(self.stopped))
        counts[: len(self.stopped)] += self.stopped
        self.stopped = counts
        if answer.truth is None or not answer.phrase.template:
            return
        photo, hops = answer.scene.photo_id, str(answer.phrase.hops)
        self.by_hops[hops].add(photo, answer.steps)
        size = answer.stops.shape[::-1]
        on_it = cv2.resize(answer.truth.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
        if on_it.any():
            self.inside[hops].add(photo, float(answer.stops[on_it].mean()))

    @torch.inference_mode()
    def count(self, model: EditingModel, features: ImageFeatures, phrases: Sequence[Phrase]) -> None:
        """Count the multiply-adds of the fusion of a photo with each phrase alone, until enough are counted."""
        most = model.config.max_steps
        for phrase in phrases:
            ids = word_ids(model, phrase.text)
            if len(self.adds) >= _COUNTED or ids is None:
                continue
            language, found = model.encode_sentence(pad_ids([ids])), []
            for forced in (None, most):
                with FlopCounterMode(display=False) as counter:
                    model.fusion(features.start, language, most, force_steps=forced)
                found.append(counter.get_total_flops() // 2)
            self.adds.append((found[0], found[1]))

    def figures(self, most: int, seed: int) -> dict[str, Any]:
        """Steps by hops, how many more two hops take than one, where regions stop, and what is saved of T = `most`."""
        total = max(1, int(self.stopped.sum()))
        mean = float(self.stopped @ np.arange(len(self.stopped))) / total
        gated, whole = (sum(pair[i] for pair in self.adds) for i in (0, 1))
        return {
            "most_steps": most,
            "mean_steps": round(mean, 4),
            "share_by_step": {str(t): round(float(self._at(t)) / total, 4) for t in range(1, most + 1)},
            "steps_by_hops": {hops: ratio.interval(seed) for hops, ratio in sorted(self.by_hops.items())},
            "two_hops_less_one": self._two_less_one(self.by_hops, seed),
            "steps_by_hops_on_the_thing": {hops: ratio.interval(seed) for hops, ratio in sorted(self.inside.items())},
            "two_hops_less_one_on_the_thing": self._two_less_one(self.inside, seed),
            "saved": {
                "region_updates": round(1 - mean / most, 4),
                "multiply_adds": round(1 - gated / whole, 4) if whole else None,
                "phrases_counted": len(self.adds),
            },
        }

    def _at(self, step: int) -> int:
        return int(self.stopped[step]) if step < len(self.stopped) else 0

    @staticmethod
    def _two_less_one(ratios: dict[str, PhotoRatio], seed: int) -> dict[str, float] | None:
        return ratios["2"].minus(ratios["1"], seed) if {"1", "2"} <= ratios.keys() else None

"""Validation of a segmenter on photos that it is not trained on: overlap, the right thing, presence, a sheet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torchmetrics.functional.classification import binary_auroc

from lbie.data.scene import Phrase, Scene
from lbie.evaluation.answer_sheet import draw_answers
from lbie.evaluation.answers import Answer, answers, is_right
from lbie.model.editing_model import EditingModel

_SHEET_ROWS, _SHEET_COLUMNS = 8, 4


class SegmentValidation:
    """Figures over fixed phrases of fixed scenes."""

    def __init__(self, scenes: Sequence[Scene], phrases: Sequence[Sequence[Phrase]]) -> None:
        self.said = [(scene, list(own)) for scene, own in zip(scenes, phrases, strict=True) if own]

    def __call__(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Figures (lower `score` is better) and a picture sheet (H, W, 3) uint8 of some answers, evenly taken."""
        given = [answer for scene, phrases in self.said for answer in answers(model, scene, phrases)]
        count = _SHEET_ROWS * _SHEET_COLUMNS
        shown = given[:: max(1, len(given) // count)][:count]
        return figures(given), draw_answers(shown, _SHEET_COLUMNS)


def figures(given: Sequence[Answer]) -> dict[str, float]:
    """Overall IoU, mean IoU, share of IoU above .5, of people alone too; how often the right thing of several of its
    kind has the most overlap; area under the ROC curve of presence; steps. What cannot be told is left out.
    """  # fmt: skip
    named = [a for a in given if a.phrase.target is not None]
    pairs = np.array([a.overlap(a.phrase.target or 0) for a in named], float).reshape(-1, 2)
    iou = pairs[:, 0] / pairs[:, 1].clip(min=1)
    found: dict[str, float] = {}
    if named:
        found |= {"oiou": float(pairs[:, 0].sum() / pairs[:, 1].sum().clip(min=1))}
        found |= {"miou": float(iou.mean()), "p50": float((iou > 0.5).mean())}
        people = np.array([a.scene.instances[a.phrase.target or 0].category == "person" for a in named])
        if people.any():
            found["person"] = float(iou[people].mean())
    right = [is_right(a.scene, a.phrase.target or 0, a.mask) for a in named]
    told = [r for r in right if r is not None]
    if told:
        found["right"] = float(np.mean(told))
    there = torch.tensor([a.phrase.target is not None for a in given])
    if there.any() and not there.all():
        found["presence"] = float(binary_auroc(torch.tensor([a.presence for a in given]), there.int()))
    found["steps"] = float(np.mean([a.steps for a in given]))
    found["score"] = 1 - (found.get("oiou", 0.0) + found.get("miou", 0.0)) / 2
    return found

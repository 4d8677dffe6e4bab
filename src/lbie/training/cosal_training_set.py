"""CoSaL as a training set."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from lbie.data.cosal import generate
from lbie.data.cosal.shapes import PALETTE
from lbie.evaluation.cosal_scores import Exam, ask, iou_by_colour, iou_by_hops
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel, EditOutput
from lbie.tasks.shapes import ShapesBatch, guidance_loss, shapes_loss
from lbie.training.recipe import Recipe
from lbie.training.shape_batches import ShapeBatches
from lbie.training.start import starting_vocabulary

_EXAM, _SHEET, _SCALE = 500, 12, 2
_VOCABULARY_WORLDS = 3_000
"""Worlds of each suite of the train split whose words are learnt: they hold every word that the suite has."""


class CosalTrainingSet:
    """See `TrainingSet`."""

    curves = (("loss", "task"), ("val_paper", "val_wording", "val_named", "val_spatial"), ("steps", "val_steps"))

    def __init__(self, recipe: Recipe) -> None:
        suites = {suite: lesson.direct for lesson in recipe.cosal.lessons for suite in lesson.suites}
        suites.pop("tree", None)
        texts = [s for suite in suites for w in generate(suite, "train", _VOCABULARY_WORLDS) for s in w.sentences]
        self.guidance = recipe.cosal.guidance
        self.price = recipe.step_price if recipe.model.estimator == "posterior" else None
        self.vocabulary = starting_vocabulary(recipe.start_from, Vocabulary.build(texts, 1))
        self.batches = ShapeBatches(self.vocabulary, recipe)
        count, words = min(_EXAM, recipe.limit or _EXAM), recipe.model.max_words
        self.exams = {
            suite: Exam.of(generate(suite, "val", count, direct=direct), self.vocabulary, words)
            for suite, direct in suites.items()
        }

    def prepare(self, model: EditingModel) -> None:
        """Nothing: words are learnt with the drawings."""

    def limits(self, step: int) -> int | None:
        """T of the lesson."""
        return self.batches.lesson(step).max_steps

    def loss(self, out: EditOutput, batch: ShapesBatch) -> Tensor:
        """Weighted cross-entropy, and where the recipe guides it, the attention's."""
        loss = shapes_loss(out, batch.classes.to(out.output.device), self.price)
        return loss + self.guidance * guidance_loss(out, batch.told_by, batch.source) if self.guidance else loss

    def validate(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """IoU (reading a) of each suite, of chains also by kind of reference, and of their longest ones."""
        figures: dict[str, float] = {}
        steps, rows = [], []
        for suite, exam in self.exams.items():
            answers = ask(model, exam)
            steps.append(answers.steps.mean())
            rows += [np.hstack(list(PALETTE[m[: _SHEET // 2]])) for m in (exam.classes, answers.classes.clip(max=6))]
            if suite != "chain":
                figures[suite] = iou_by_colour(answers, exam)
                continue
            for name, chosen in exam.by_reference().items():
                by_hops = iou_by_hops(answers, exam, chosen)
                figures[name] = float(np.mean(list(by_hops.values())))
                figures[f"{name}_longest"] = by_hops[max(by_hops)]
        figures["score"] = 1 - float(np.mean([v for k, v in figures.items() if "_" not in k]))
        figures["steps"] = float(np.mean(steps))
        return figures, np.vstack(rows).repeat(_SCALE, 0).repeat(_SCALE, 1)

    def complete(self, model: EditingModel) -> bool:
        """Nothing is fitted apart."""
        return False

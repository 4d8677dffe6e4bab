"""Free drawings and CoSaL as a training set of the sketch model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lbie.data.cosal import generate
from lbie.data.cosal.free import generate_free
from lbie.evaluation.sketch_sheet import draw_pieces
from lbie.language.colour_numbers import sketch_vocabulary
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel, EditOutput
from lbie.tasks.shapes import guidance_loss
from lbie.tasks.sketch import SketchBatch, sketch_loss
from lbie.training.piece_examples import piece_examples
from lbie.training.recipe import Recipe
from lbie.training.sentence_lessons import SentenceLessons
from lbie.training.sketch_batches import SketchBatches, cosal_row, free_row, joined
from lbie.training.start import starting_vocabulary

_EXAM, _BATCH = 300, 50
_VOCABULARY = {"free": 400, "again": 200, "overlap": 200, "paper": 400, "wording": 1_500, "chain": 400}
"""Worlds of each suite of the train split whose words are learnt: they hold every word that there is."""
_LESSONS = 10
"""Passes over the lessons."""
_COSAL = ("paper", "wording", "chain")


class SketchTrainingSet:
    """See `TrainingSet`."""

    curves = (("loss", "task"), ("val_free", "val_overlap", "val_hand", "val_chain"), ("steps", "val_steps"))

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.guidance = recipe, recipe.cosal.guidance
        self.price = recipe.step_price if recipe.model.estimator == "posterior" else None
        self.vocabulary = starting_vocabulary(recipe.start_from, _vocabulary())
        self.batches = SketchBatches(self.vocabulary, recipe)
        self.exams = _exams(self.batches, min(_EXAM, recipe.limit or _EXAM))

    def prepare(self, model: EditingModel) -> None:
        """Lessons of sentences, where the recipe asks for them."""
        if self.recipe.word_lessons:
            words, most = self.batches.words, self.recipe.model.max_words
            lessons = SentenceLessons.draw(words, most, self.recipe.word_lessons)
            lessons.teach(model, self.recipe.seed, _LESSONS, self.recipe.rate_scale)

    def limits(self, step: int) -> int | None:
        """T of the lesson."""
        return self.batches.lesson(step).max_steps

    def loss(self, out: EditOutput, batch: SketchBatch) -> Tensor:
        """Cross-entropy, and where the recipe guides it, the attention's."""
        loss = sketch_loss(out, batch, self.price)
        return loss + self.guidance * guidance_loss(out, batch.told_by, batch.source) if self.guidance else loss

    @torch.inference_mode()
    def validate(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Share of right pieces of each suite, by drawing: told ones, and all others as one; and a picture sheet."""
        figures: dict[str, float] = {}
        steps: list[float] = []
        sheet: np.ndarray | None = None
        for suite, batches in self.exams.items():
            scores = []
            for batch in batches:
                out = model(batch.image, batch.ids)
                given = out.output.argmax(1)[:, 0]
                sheet = draw_pieces(batch, given) if sheet is None else sheet
                right = given == batch.colour[:, 0]
                there, told = batch.image.there, (batch.colour < model.config.colours)[:, 0] & batch.image.there
                rest = there & ~told
                whole = ((right | ~rest).all(1)).float()
                scores.append(((right & told).sum(1) + whole) / (told.sum(1) + 1))
                steps.append(float(out.trace.stop_step[:, 0][there].float().mean()))
            figures[suite] = float(torch.cat(scores).mean())
        figures["score"] = 1 - float(np.mean(list(figures.values())))
        figures["steps"] = float(np.mean(steps))
        assert sheet is not None
        return figures, sheet

    def complete(self, model: EditingModel) -> bool:
        """Nothing is fitted apart."""
        return False


def _vocabulary() -> Vocabulary:
    texts = []
    for suite, count in _VOCABULARY.items():
        worlds = generate(suite, "train", count) if suite in _COSAL else generate_free(suite, "train", count)
        texts += [sentence for world in worlds for sentence in world.sentences]
    return sketch_vocabulary(texts)


def _exams(batches: SketchBatches, count: int) -> dict[str, list[SketchBatch]]:
    words, most = batches.words, batches.recipe.model.max_words
    rng = np.random.default_rng(0)
    found: dict[str, list[SketchBatch]] = {}
    rows: dict[str, Sequence] = {
        suite: [free_row(example, example.said[0], words, most) for example in piece_examples(suite, "val", count)]
        for suite in batches.examples
    }
    for suite in _COSAL:
        rows[suite] = [
            cosal_row(w.classes, [words.encode(s, most).ids for s in w.sentences])
            for w in generate(suite, "val", count)
        ]
    for suite, several in rows.items():
        found[suite] = [joined(several[i : i + _BATCH], rng) for i in range(0, len(several), _BATCH)]
    return found

"""Lessons of words: what texts tell is learnt without an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lbie.data.counterfactual import Recolourer, possible_texts
from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.training.word_lessons import WordLessons


@pytest.fixture(scope="module")
def lessons(drawn_flowers: Path) -> tuple[WordLessons, EditingModel]:
    arrays = load_arrays(drawn_flowers, "train", CACHE_SIZE)
    captions = [r.captions for r in arrays.records]
    recolourer = Recolourer(arrays.rgb, arrays.region, [r.colour for r in arrays.records], 0.5)
    vocabulary = Vocabulary.build([*possible_texts(), *(c for own in captions for c in own)], 1)
    model = EditingModel(ModelConfig(width=32, embedding=16, word_dropout=0.0), vocabulary)
    return WordLessons.draw(recolourer, captions, model, 600, 0), model


def test_every_text_tells_a_colour(lessons: tuple[WordLessons, EditingModel]) -> None:
    made, _ = lessons
    assert len(made.ids) == 600 and made.colours.shape == (600, 3, 2)
    told = ~np.isnan(made.colours).any(2)
    assert told[:, 0].all() and 0.1 < told[:, 1].mean() < 0.6 and 0.01 < told[:, 2].mean() < 0.3
    assert np.nanmax(np.abs(made.colours)) < 1.5 and all(made.ids)


def test_the_encoder_learns_and_the_same_every_time(lessons: tuple[WordLessons, EditingModel]) -> None:
    made, model = lessons
    start = {k: v.clone() for k, v in model.language_encoder.state_dict().items()}
    first = made.teach(model.language_encoder, 0, epochs=1)
    later = {k: v.clone() for k, v in model.language_encoder.state_dict().items()}
    model.language_encoder.load_state_dict(start)
    assert made.teach(model.language_encoder, 0, epochs=1) == first
    assert all(torch.equal(v, later[k]) for k, v in model.language_encoder.state_dict().items())
    assert made.teach(model.language_encoder, 0, epochs=25) < first / 1.5
    assert all(p.isfinite().all() for p in model.language_encoder.parameters())

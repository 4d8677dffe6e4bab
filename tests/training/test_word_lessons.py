"""Lessons of words: what texts tell is learnt without an image."""

from __future__ import annotations

from dataclasses import replace
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
from lbie.model.palette import HEART, PETALS
from lbie.tasks.padding import pad_ids
from lbie.training.word_lessons import WordLessons


@pytest.fixture(scope="module")
def lessons(drawn_flowers: Path) -> tuple[WordLessons, EditingModel]:
    arrays = load_arrays(drawn_flowers, "train", CACHE_SIZE)
    captions = [r.captions for r in arrays.records]
    recolourer = Recolourer(arrays.rgb, arrays.region, [r.colour for r in arrays.records], 0.5)
    vocabulary = Vocabulary.build([*possible_texts(), *(c for own in captions for c in own)], 1)
    model = EditingModel(ModelConfig(width=32, embedding=16, word_dropout=0.0), vocabulary)
    return WordLessons.draw(recolourer, captions, model, 600, 0), model


def test_texts_tell_colours_of_parts(lessons: tuple[WordLessons, EditingModel]) -> None:
    made, _ = lessons
    assert len(made.ids) == 600 and made.colours.shape == (600, 3, 2) and made.told.shape == (600, 3)
    given = ~np.isnan(made.colours).any(2)
    assert 0.85 < given[:, 0].mean() < 1 and 0.1 < given[:, 1].mean() < 0.6 and 0.01 < given[:, 2].mean() < 0.3
    assert (made.told[given] == 1).all() and not (made.told[~given] == 1).any()
    assert np.nanmax(np.abs(made.colours)) < 1.5 and all(made.ids)


@pytest.mark.parametrize("palette", [True, False])
def test_the_model_learns_and_the_same_every_time(lessons: tuple[WordLessons, EditingModel], palette: bool) -> None:
    made, model = lessons
    model = EditingModel(replace(model.config, matte=palette, palette=palette), model.vocabulary)
    start = {k: v.clone() for k, v in model.state_dict().items()}
    first = made.teach(model, 0, epochs=1)
    later = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(start)
    assert made.teach(model, 0, epochs=1) == first
    assert all(torch.equal(v, later[k]) for k, v in model.state_dict().items())
    assert made.teach(model, 0, epochs=150) < first / 1.5
    assert all(p.isfinite().all() for p in model.parameters())


def test_a_taught_palette_reads_which_part_has_which_colour(
    lessons: tuple[WordLessons, EditingModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lbie.training.word_lessons.BATCH", 60)
    made, model = lessons
    model = EditingModel(replace(model.config, matte=True, palette=True), model.vocabulary)
    made.teach(model, 0, epochs=60)
    texts = ["white petals and a blue stamen", "a white flower", "a pretty flower"]
    ids = pad_ids([model.vocabulary.encode(t, 64).ids for t in texts])
    with torch.inference_mode():
        told = model.eval().palette(model.encode_sentence(ids))  # type: ignore[misc]
    assert (told.logit[1:, HEART] < told.logit[0, HEART]).all()
    assert (told.logit[:2, PETALS] > told.logit[2, PETALS] + 1).all()
    blue = told.colour[0, HEART]
    assert blue[1] < -0.2 and told.colour[0, PETALS].norm() < blue.norm()

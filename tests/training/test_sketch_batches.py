from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lbie.data.cosal.free import UNTOUCHED, free_world, generate_free
from lbie.data.cosal.free.worlds import redescribed
from lbie.editing.piece_view import view_pieces
from lbie.editing.pieces import find_pieces
from lbie.language.colour_numbers import MOST_COLOURS, sketch_vocabulary
from lbie.language.vocabulary import FIRST_COLOUR, UNKNOWN_ID
from lbie.model.editing_model import EditingModel
from lbie.model.piece_batch import AREA, BOTTOM, FILLED, LEFT, RIGHT, THERE, TOP, X, Y
from lbie.training.piece_examples import piece_examples, shapes_of
from lbie.training.recipe import Recipe, load_recipe
from lbie.training.sketch_batches import SketchBatches
from lbie.training.sketch_training_set import SketchTrainingSet
from lbie.training.trainer import Trainer
from training_steps import after, assert_equal

SMALL: dict[str, Any] = {
    "limit": 12,
    "word_lessons": 40,
    "batch_size": 24,
    "epochs": 4,
    "model.width": 16,
    "model.embedding": 8,
    "model.image_encoder.channels": [4, 8],
    "cosal.lessons": [
        {"until": 0.5, "suites": {"paper": 1, "free": 1}, "max_steps": 2, "by_hand": 0},
        {"until": 1.0, "suites": {"chain": 1, "wording": 1, "free": 1, "overlap": 1}, "by_hand": 0},
    ],
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LBIE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def made(cache: Any) -> SketchTrainingSet:
    return SketchTrainingSet(recipe())


def recipe(**values: Any) -> Recipe:
    return load_recipe("sketch", SMALL | values)


def test_examples_are_the_drawings_and_are_kept() -> None:
    fresh, kept = piece_examples("free", "train", 4), piece_examples("free", "train", 4)
    for one, other in zip(fresh, kept, strict=True):
        for name in ("crops", "places", "shape", "kind"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        for said, also in zip(one.said, other.said, strict=True):
            assert said.sentences == also.sentences
            np.testing.assert_array_equal(said.source, also.source)
    world = free_world("free", "train", 2)
    assert fresh[2].said[0].sentences == world.sentences
    assert fresh[2].said[1].sentences == redescribed(world, "train", 1).sentences != world.sentences
    assert len({s.sentences for s in fresh[2].said}) > 1


def test_pieces_are_seen_as_they_lie() -> None:
    found_some = 0
    for world in generate_free("free", "val", 12):
        found = find_pieces(world.source)
        crops, places = view_pieces(found.pieces, found.ink)
        longer = max(world.source.shape[:2])
        for number, crop, place in zip(shapes_of(found.pieces, world), crops, places, strict=True):
            if number == UNTOUCHED:
                continue
            found_some += 1
            inside = world.inside[number]
            y, x = np.nonzero(inside)
            assert place[[LEFT, TOP]] * longer == pytest.approx([x.min(), y.min()], abs=3)
            assert place[[RIGHT, BOTTOM]] * longer == pytest.approx([x.max() + 1, y.max() + 1], abs=3)
            assert place[[X, Y]] * longer == pytest.approx([x.mean() + 0.5, y.mean() + 0.5], abs=2)
            assert np.exp(place[AREA]) * longer**2 == pytest.approx(inside.sum(), rel=0.25)
            assert bool(place[FILLED]) == (world.shapes[number].look.manner == "filled") and place[THERE] == 1
            assert crop[0].max() > 200 and crop[0].mean() > 20
    assert found_some > 30


def test_a_batch_is_a_function_of_seed_and_step(made: SketchTrainingSet) -> None:
    again = SketchBatches(made.vocabulary, recipe())
    again.batch(1)
    one, two = made.batches.batch(3), again.batch(3)
    assert_equal(vars(one.image), vars(two.image))
    for name in ("ids", "colour", "kind", "told_by", "source"):
        assert torch.equal(getattr(one, name), getattr(two, name)), name
    assert not torch.equal(one.colour, made.batches.batch(4).colour)


def test_both_halves_are_at_the_same_lesson(made: SketchTrainingSet) -> None:
    for step in (0, 1, 2, 3):
        ours, theirs = made.batches.lesson(step), made.batches.cosal.lesson(step)
        assert (ours.until, ours.max_steps) == (
            theirs.until,
            theirs.max_steps,
        ) and theirs.suites.keys() < ours.suites.keys()
    assert made.batches.lesson(1) is not made.batches.lesson(2)


def test_colours_are_numbers_that_the_sentences_mention(made: SketchTrainingSet) -> None:
    seen: Counter[int] = Counter()
    for step in range(12):
        batch = made.batches.batch(step)
        assert batch.colour.shape == batch.kind.shape == batch.told_by.shape == batch.source.shape
        there = batch.image.there
        assert torch.equal(batch.colour[:, 0] >= 0, there)
        for i in range(len(there)):
            named = set((batch.ids[i][batch.ids[i] >= FIRST_COLOUR] - FIRST_COLOUR).tolist())
            for colour, told in zip(batch.colour[i, 0].tolist(), batch.told_by[i, 0].tolist(), strict=True):
                if 0 <= colour < MOST_COLOURS:
                    assert colour in named
                    assert told < len(batch.ids[i]) and batch.ids[i, told].any()
                    seen[colour] += 1
    assert len(seen) > 10, "numbers change places"


def test_the_sentence_that_tells_a_piece_names_its_colour_or_its_source(made: SketchTrainingSet) -> None:
    handed_on = 0
    for step in range(12):
        batch = made.batches.batch(step)
        for i, k in torch.nonzero((batch.told_by[:, 0] >= 0) & (batch.told_by[:, 0] < batch.ids.shape[1])).tolist():
            words = batch.ids[i, batch.told_by[i, 0, k]].tolist()
            source = int(batch.source[i, 0, k])
            if source < 0:
                assert (
                    FIRST_COLOUR + int(batch.colour[i, 0, k]) in words
                    or UNKNOWN_ID in words
                    or not any(FIRST_COLOUR <= w < FIRST_COLOUR + MOST_COLOURS for w in words)
                )
            else:
                handed_on += 1
                assert batch.colour[i, 0, source] == batch.colour[i, 0, k]
    assert handed_on > 10


def test_every_word_of_every_split_is_known() -> None:
    texts = [
        s for suite in ("free", "again", "overlap") for w in generate_free(suite, "train", 400) for s in w.sentences
    ]
    known = {*sketch_vocabulary(texts).words}
    fresh = [s for w in generate_free("palette", "test", 60) for s in w.sentences]
    assert not {*sketch_vocabulary(fresh).words} - known


def test_resumed_is_uninterrupted(tmp_path: Path) -> None:
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    assert Trainer(recipe(), None, straight).run().step == 4
    with pytest.MonkeyPatch.context() as patch:
        after(patch, 2, signal.SIGTERM)
        assert Trainer(recipe(), None, parts).run().step == 2
    assert Trainer(recipe(), None, parts, resume=True).run().step == 4
    assert_equal(*(torch.load(folder / "last.ckpt", weights_only=True) for folder in (straight, parts)))
    assert EditingModel.load_folder(straight / "best").config.task == "sketch"

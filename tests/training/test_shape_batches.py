"""Every example of a batch, whatever was permuted, left out or spoilt, is answered by the symbolic solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lbie.data.cosal import generate
from lbie.data.cosal.arrays import NONE, WorldArrays, decode_statement, encode_statement, resolve
from lbie.data.cosal.programme import Form, Statement
from lbie.data.cosal.shapes import BACKGROUND, COLOURS, KINDS, NO_SHAPE, UNTOLD, draw_shape_maps
from lbie.data.cosal.solver import solve
from lbie.data.cosal.templates import COLOUR_NAMES
from lbie.language.vocabulary import UNKNOWN_ID, Vocabulary, tokenize
from lbie.model.config import ModelConfig
from lbie.tasks.shapes import ShapesBatch
from lbie.training.options import CosalOptions, Lesson
from lbie.training.recipe import Recipe
from lbie.training.shape_batches import ShapeBatches

ALL = {"paper": 1.0, "wording": 1.0, "chain": 1.0}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.build((s for suite in ALL for w in generate(suite, "train", 300) for s in w.sentences), 1)


def batches(
    vocabulary: Vocabulary,
    lessons: tuple[Lesson, ...],
    *,
    contradictions: float = 0.1,
    dangling: float = 0.2,
    **values: Any,
) -> ShapeBatches:
    fixed: dict[str, Any] = {"data": "cosal", "limit": 40, "batch_size": 24, "epochs": 10}
    options = CosalOptions(lessons=lessons, contradictions=contradictions, dangling=dangling)
    return ShapeBatches(vocabulary, Recipe("x", cosal=options, model=ModelConfig(task="shapes"), **(fixed | values)))


def sentences(batch: ShapesBatch, row: int, vocabulary: Vocabulary) -> list[list[str]]:
    lines = [[vocabulary.words[i] for i in line if i] for line in batch.ids[row].tolist()]
    return [line for line in lines if line]


def test_arrays_give_programmes_back() -> None:
    for suite in ALL:
        worlds = list(generate(suite, "val", 20))
        arrays = WorldArrays.of(worlds, 20, "x")
        for i, world in enumerate(worlds):
            assert [decode_statement(tuple(row)) for row in arrays.programme[i].tolist()] == list(world.programme)
            assert encode_statement(world.programme[0]) == tuple(arrays.programme[i, 0])
        colours = resolve(arrays.programme, np.ones((20, 9), bool))
        assert (colours == np.stack([w.colours for w in worlds])).all()


def test_what_is_not_said_is_not_known() -> None:
    arrays = WorldArrays.of(generate("chain", "val", 30), 30, "x")
    colours = resolve(arrays.programme, np.zeros((30, 9), bool))
    assert (colours == NONE).all()
    holds = arrays.hops != 1  # all that lies behind the first hop hangs in the air
    colours = resolve(arrays.programme, holds)
    told = np.zeros((30, 9), bool)
    np.put_along_axis(told, arrays.programme[..., 1].astype(int), arrays.hops == 0, 1)
    assert ((colours != NONE) == told).all()


@pytest.mark.parametrize("suite", [*ALL, "tree"])
def test_the_solver_agrees_with_every_symmetry(suite: str, vocabulary: Vocabulary) -> None:
    made = batches(vocabulary, (Lesson(suites={suite: 1.0}, troubles=False, by_hand=0.0),))
    for step in range(3):
        batch = made.batch(step)
        for i in range(len(batch.image)):
            classes = batch.classes[i].numpy()
            shapes = _kinds(batch, i, vocabulary)
            text = [" ".join(line) for line in sentences(batch, i, vocabulary)]
            assert (solve(text, shapes) == classes).all(), text


@pytest.mark.parametrize("suite", ["paper", "chain", "tree"])
def test_each_shape_knows_its_sentence_and_its_source(suite: str, vocabulary: Vocabulary) -> None:
    """Another colour in place of that sentence colours the shape and contradicts none; the source has its colour."""
    made = batches(vocabulary, (Lesson(suites={suite: 1.0}, troubles=False, by_hand=0.0),))
    batch, referred = made.batch(0), 0
    for i in range(6):
        shapes = _kinds(batch, i, vocabulary)
        lines = [" ".join(line) for line in sentences(batch, i, vocabulary)]
        assert (batch.told_by[i].numpy()[shapes == NO_SHAPE] == NONE).all()
        for kind in range(len(KINDS)):
            (told,) = np.unique(batch.told_by[i].numpy()[shapes == kind])
            (source,) = np.unique(batch.source[i].numpy()[shapes == kind])
            (colour,) = np.unique(batch.classes[i].numpy()[shapes == kind])
            other = (int(colour) + 1) % len(COLOURS)
            changed = list(lines)
            changed[told] = Statement(Form.DIRECT, kind, other).text()
            assert (solve(changed, shapes)[shapes == kind] == other).all()
            if source != NONE:
                row, column = divmod(int(source), 3)
                cell = batch.classes[i, 16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
                assert np.unique(cell[cell != BACKGROUND]).tolist() == [colour]
                referred += 1
    assert (referred > 0) == (suite != "paper")


def test_sentences_may_refer_to_what_is_not_told(vocabulary: Vocabulary) -> None:
    lessons = (Lesson(suites={"chain": 1.0}, by_hand=0.0),)
    for share in (0.0, 1.0):
        made = batches(vocabulary, lessons, dangling=share)
        loose = 0
        for step in range(6):
            batch = made.batch(step)
            some = ((batch.classes != UNTOLD) & (batch.classes != BACKGROUND)).flatten(1).any(1)
            told = (batch.told_by >= 0) & (batch.told_by < batch.ids.shape[1])
            open_end = (told & (batch.classes == UNTOLD)).flatten(1).any(1)
            loose += int((open_end & some).sum())
        assert (loose > 10) if share else (loose == 0)


def test_of_sentences_that_contradict_the_one_that_holds_is_known(vocabulary: Vocabulary) -> None:
    made = batches(vocabulary, (Lesson(suites={"paper": 1.0}, direct=(9,), by_hand=0.0),), contradictions=1.0)
    batch, ten = made.batch(0), 0
    for i in range(len(batch.image)):
        lines = sentences(batch, i, vocabulary)
        ten += len(lines) == 10
        for told, colour in {
            *zip(batch.told_by[i].flatten().tolist(), batch.classes[i].flatten().tolist(), strict=True)
        }:
            if told not in (NONE, batch.ids.shape[1]):
                assert tokenize(COLOUR_NAMES[colour][0])[-1] in lines[told]
    assert ten > 10


def _kinds(batch: ShapesBatch, row: int, vocabulary: Vocabulary) -> np.ndarray:
    """The shape map of a picture, each cell recognised by the nearest stamp that the generator draws."""
    ink = batch.image[row, 0].numpy() < 0
    out = np.full(ink.shape, NO_SHAPE, np.uint8)
    for y in range(0, 48, 16):
        for x in range(0, 48, 16):
            cell = ink[y : y + 16, x : x + 16]
            found = [k for k, stamps in _stamps().items() if any((s == cell).all() for s in stamps)]
            assert len(found) == 1, found
            out[y : y + 16, x : x + 16] = np.where(cell, found[0], NO_SHAPE)
    return out


_cache: dict[int, list[np.ndarray]] = {}


def _stamps() -> dict[int, list[np.ndarray]]:
    if not _cache:
        arrays = WorldArrays.of(generate("paper", "train", 40), 40, "x")
        chains = WorldArrays.of(generate("chain", "train", 40), 40, "x")
        for source in (arrays, chains):
            maps = draw_shape_maps(source.arrangement, source.geometry)
            for i in range(len(source)):
                for place, kind in enumerate(source.arrangement[i].tolist()):
                    row, column = divmod(place, 3)
                    cell = maps[i, 16 * row : 16 * row + 16, 16 * column : 16 * column + 16] != NO_SHAPE
                    _cache.setdefault(kind, []).extend([cell, cell[:, ::-1]])
    return _cache


def test_a_batch_is_a_function_of_seed_and_step(vocabulary: Vocabulary) -> None:
    lessons = (Lesson(until=0.5, direct=(9,)), Lesson(suites=ALL))
    one, two = batches(vocabulary, lessons), batches(vocabulary, lessons)
    for step in (0, 9, 2):
        a, b = one.batch(step), two.batch(step)
        assert torch.equal(a.image, b.image) and torch.equal(a.ids, b.ids) and torch.equal(a.classes, b.classes)
    other = batches(vocabulary, lessons, seed=1).batch(0)
    assert not torch.equal(other.classes, one.batch(0).classes)


def test_lessons_follow_each_other(vocabulary: Vocabulary) -> None:
    made = batches(
        vocabulary, (Lesson(until=0.3, max_steps=2), Lesson(suites={"chain": 1.0}, most_hops=1, troubles=False))
    )
    assert made.steps_per_epoch == 1 and [made.lesson(s).max_steps for s in (0, 2, 3, 99)] == [2, 2, None, None]
    assert 3 <= len(sentences(made.batch(5), 0, vocabulary)) <= 5, "two direct sentences and those of one hop"
    assert (made.batch(5).classes == UNTOLD).any()


def test_troubles_void_sentences_and_shapes(vocabulary: Vocabulary) -> None:
    made = batches(vocabulary, (Lesson(suites=ALL, by_hand=0.5),))
    unknown = untold = ten = missing = 0
    for step in range(8):
        batch = made.batch(step)
        assert batch.image.min() >= -1 and batch.image.max() <= 1
        assert batch.classes.min() >= 0 and batch.classes.max() == UNTOLD
        unknown += int((batch.ids == UNKNOWN_ID).any((1, 2)).sum())
        untold += int((batch.classes == UNTOLD).any(2).any(1).sum())
        ten += int(((batch.ids != 0).any(2).sum(1) == 10).sum())
        cells = (batch.classes != BACKGROUND).unflatten(1, (3, 16)).unflatten(3, (3, 16)).any(4).any(2)
        missing += int((cells.sum((1, 2)) < len(KINDS)).sum())
    assert min(unknown, untold, ten, missing) > 5

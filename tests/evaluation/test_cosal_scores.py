from __future__ import annotations

import numpy as np
import pytest
import torch

from lbie.data.cosal import generate
from lbie.data.cosal.shapes import BACKGROUND, NO_SHAPE, UNTOLD
from lbie.evaluation.cosal_scores import (
    Answers,
    Exam,
    Manner,
    ask,
    ask_each,
    hop_ratios,
    iou_by_colour,
    iou_by_hops,
    iou_by_shape,
    steps_of_shapes,
)
from lbie.evaluation.cosal_worst import WorstWorlds
from lbie.model.editing_model import EditingModel

LIGHT_GREEN, RED = 1, 2
PAPER = 48 * 48 - 9 * 16
CELL_PAPER = 16 * 16 - 16


def answer(exam: Exam, classes: np.ndarray, steps: np.ndarray | None = None) -> Answers:
    return Answers(classes, np.ones((len(exam), 3, 3), np.uint8) if steps is None else steps, 0)


@pytest.fixture
def classes(squares: Exam) -> np.ndarray:
    """The right answer, to spoil."""
    return squares.classes.copy()


def test_perfect_answers_give_one(squares: Exam, shapes_model: EditingModel) -> None:
    drawn = [Exam.of(generate(s, "test", 20), shapes_model.vocabulary, 64) for s in ("paper", "wording", "chain")]
    for exam in (squares, *drawn):
        found = answer(exam, exam.classes)
        assert iou_by_colour(found, exam) == iou_by_shape(found, exam) == 1.0
        assert set(iou_by_hops(found, exam, np.ones(len(exam), bool)).values()) == {1.0}
        worst = WorstWorlds()
        worst.add("none", found, exam)
        assert worst.found == []


def test_one_shape_in_a_wrong_colour(squares: Exam, classes: np.ndarray) -> None:
    classes[squares.shapes == 0] = RED  # of two blue shapes one; there are two red ones
    found = answer(squares, classes)
    assert iou_by_colour(found, squares) == pytest.approx((16 / 32 + 32 / 48 + 5) / 7)
    assert iou_by_shape(found, squares) == pytest.approx(9 / 10)


def test_background_painted(squares: Exam, classes: np.ndarray) -> None:
    classes[:, :16, :16] = 0  # the first cell, all of it in its shape's colour
    found = answer(squares, classes)
    paper = (PAPER - CELL_PAPER) / PAPER
    assert iou_by_colour(found, squares) == pytest.approx((32 / (32 + CELL_PAPER) + paper + 5) / 7)
    assert iou_by_shape(found, squares) == pytest.approx((16 / 256 + 8 + paper) / 10)


def test_background_in_the_colour_of_another_cell(squares: Exam, classes: np.ndarray) -> None:
    cell = np.zeros_like(squares.shapes, bool)
    cell[:, :16, :16] = True
    classes[cell & (squares.shapes == NO_SHAPE)] = LIGHT_GREEN
    found = answer(squares, classes)
    paper = (PAPER - CELL_PAPER) / PAPER
    assert iou_by_colour(found, squares) == pytest.approx((32 / (32 + CELL_PAPER) + paper + 5) / 7)
    assert iou_by_shape(found, squares) == pytest.approx((9 + paper) / 10)


def test_shape_left_as_it_was_or_white(squares: Exam, classes: np.ndarray) -> None:
    classes[squares.shapes == 0] = UNTOLD
    found = answer(squares, classes)
    assert iou_by_colour(found, squares) == pytest.approx((16 / 32 + 6) / 7)
    assert iou_by_shape(found, squares) == pytest.approx(9 / 10)
    classes[squares.shapes == 0] = BACKGROUND
    found, paper = answer(squares, classes), PAPER / (PAPER + 16)
    assert iou_by_colour(found, squares) == pytest.approx((16 / 32 + paper + 5) / 7)
    assert iou_by_shape(found, squares) == pytest.approx((8 + paper) / 10)


def test_cells_in_any_order(squares: Exam, classes: np.ndarray) -> None:
    moved = np.array([[4, 0, 8, 1, 2, 3, 7, 5, 6]], np.uint8)
    shapes = np.append(moved[0], NO_SHAPE).astype(np.uint8)[squares.shapes]
    exam = Exam(moved, shapes, squares.colours, squares.hops, squares.spatial, [()], [[]])
    painted = exam.classes.copy()
    painted[shapes == 7] = RED
    found = answer(exam, painted, np.arange(1, 10, dtype=np.uint8).reshape(1, 3, 3))
    assert iou_by_hops(found, exam, [True]) == {0: 1.0, 1: 1.0, 2: 1.0, 4: 0.5}
    assert steps_of_shapes(found, exam)[0].tolist() == [2, 4, 5, 6, 1, 8, 9, 7, 3]


def test_by_hops(squares: Exam, classes: np.ndarray) -> None:
    classes[squares.shapes == 2] = LIGHT_GREEN  # one of three shapes at one hop
    found = answer(squares, classes)
    assert iou_by_hops(found, squares, [True]) == {0: 1.0, 1: pytest.approx(2 / 3), 2: 1.0, 4: 1.0}
    ratios = hop_ratios(found, squares, [True])
    assert ratios.above.tolist() == [[32, 32, 32, 0, 32]] and ratios.below.tolist() == [[32, 48, 32, 0, 32]]


def test_steps_are_those_under_the_shape(squares: Exam) -> None:
    steps = np.ones((1, 6, 6), np.uint8)
    steps[0, :2, :2] = [[1, 3], [5, 7]]  # the first cell: its square covers a quarter of each region
    assert steps_of_shapes(answer(squares, squares.classes, steps), squares)[0].tolist() == [4.0] + [1.0] * 8


def test_asked_in_several_manners(shapes_model: EditingModel) -> None:
    exam = Exam.of(generate("chain", "test", 5), shapes_model.vocabulary, 64)
    manners = [Manner(), Manner(force_steps=3), Manner(8, stop_probability=1e-6), Manner(max_steps=2)]
    found = ask_each(shapes_model, exam, manners)
    assert found[1].executed == 5 * 9 * 3 and (found[1].steps == 3).all()
    assert (found[2].steps == 1).all() and (found[3].steps <= 2).all()
    for manner, one in zip(manners[:2], found, strict=False):
        alone = ask(shapes_model, exam, force_steps=manner.force_steps)
        assert (alone.classes == one.classes).all() and (alone.steps == one.steps).all()
    assert shapes_model.fusion.stop_probability == shapes_model.config.stop_probability


def test_some_worlds_are_as_all(shapes_model: EditingModel) -> None:
    exam = Exam.of(generate("wording", "test", 6), shapes_model.vocabulary, 64)
    some = exam.only(np.array([4, 1]))
    assert some.sentences == [exam.sentences[4], exam.sentences[1]] and some.ids[0] == exam.ids[4]
    assert (some.classes == exam.classes[[4, 1]]).all()
    assert len(exam.only(slice(3))) == 3
    with torch.inference_mode():
        assert torch.equal(some.image(slice(None)), exam.image(slice(None))[[4, 1]])


def test_digest_is_of_pictures_and_sentences(shapes_model: EditingModel) -> None:
    exams = [Exam.of(generate(s, "test", 3), shapes_model.vocabulary, 64) for s in ("paper", "paper", "wording")]
    assert exams[0].digest() == exams[1].digest() != exams[2].digest()

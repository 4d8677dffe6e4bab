"""A reader written apart from the generator understands every sentence and finds every colour."""

from __future__ import annotations

import numpy as np
import pytest

from lbie.data.cosal import SPLITS, SUITES, World, generate
from lbie.data.cosal.programme import NEIGHBOURS, Form, Statement
from lbie.data.cosal.solver import solve
from lbie.data.cosal.templates import DIRECT, RELATIONAL
from lbie.data.cosal.wording import word_statement
from lbie.errors import InputError


def failures(suite: str, split: str, count: int, seed: int = 0) -> list[int]:
    worlds = generate(suite, split, count, seed=seed, direct=(1, 4, 6, 9))
    return [w.index for w in worlds if not np.array_equal(solve(w.sentences, w.shapes), w.classes)]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("suite", SUITES)
def test_a_few_hundred_are_solved(suite: str, split: str) -> None:
    assert failures(suite, split, 400, seed=1) == []


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("suite", SUITES)
def test_ten_thousand_are_solved(suite: str, split: str) -> None:
    assert failures(suite, split, 10_000) == []


@pytest.fixture(scope="module")
def world() -> World:
    return next(generate("paper", "test", 1, direct=(9,)))


@pytest.mark.parametrize("split", SPLITS)
def test_every_template_says_what_it_should(split: str, world: World) -> None:
    """Each template once for each relation, with varying names."""
    rng = np.random.default_rng(0)
    middle = int(world.arrangement[4])
    for templates, form in ((DIRECT, Form.DIRECT), (RELATIONAL, Form.RELATIONAL)):
        for number in range(len(templates[split])):
            for relation, cell in NEIGHBOURS[4]:
                target = int(world.arrangement[cell])
                for _ in range(6):
                    colour = int(rng.integers(6))
                    place = (relation, middle) if form is Form.RELATIONAL else (None, None)
                    said = Statement(form, target, colour, *place)
                    chance = [(number + 0.5) / len(templates[split]), *rng.random(5)]
                    text = word_statement(said, split, chance)
                    rest = [s.text() for s in world.programme if s.target != target]
                    solved = solve([text, *rest], world.shapes)
                    assert set(solved[world.shapes == target]) == {colour}, text


def test_other_words(world: World) -> None:
    """The issue's own examples."""
    middle, rest = int(world.arrangement[4]), [s.text() for s in world.programme]
    names = {7: "diamond", 5: "triangle", 8: "circle"}
    for w in generate("paper", "test", 200, direct=(9,)):
        middle = int(w.arrangement[4])
        if middle not in names:
            continue
        rest = [s.text() for s in w.programme]
        for text, cell, colour in (
            (f"to the left of the {names[middle]} there is a gray shape", 3, 4),
            (f"below the {names[middle]} goes yellow", 7, 5),
            (f"colour the {names[middle]} red", 4, 2),
        ):
            kind = int(w.arrangement[cell])
            others = [t for t, s in zip(rest, w.programme, strict=True) if s.target != kind]
            assert set(solve([*others, text], w.shapes)[w.shapes == kind]) == {colour}


def test_the_order_does_not_matter() -> None:
    for suite in SUITES:
        for w in generate(suite, "test", 30):
            np.testing.assert_array_equal(solve(w.sentences[::-1], w.shapes), w.classes)


def test_what_cannot_be_solved_is_said(world: World) -> None:
    sentences = list(world.sentences)
    with pytest.raises(InputError, match="no sentence tells the colour of: "):
        solve(sentences[1:], world.shapes)
    corner = next(s for s in world.programme if s.target == world.arrangement[0])
    kind = corner.text().removeprefix("The ").split(" is ")[0]
    with pytest.raises(InputError, match=f"no shape beside the {kind}"):
        solve([*sentences, f"The color of the shape above the {kind} is red."], world.shapes)
    for colour in ("red", "blue"):
        if colour not in corner.text():
            with pytest.raises(InputError, match=f"the {kind} is said to be .* and {colour}"):
                solve([*sentences, f"The {kind} is {colour}."], world.shapes)
    for nonsense in ("", "The circle is nice.", "Hello.", "The red circle and the blue diamond."):
        with pytest.raises(InputError, match="not a sentence about shapes"):
            solve([*sentences, nonsense], world.shapes)
    loop = ["The circle has the same color as the diamond.", "The diamond has the same color as the circle."]
    told = [s.text() for s in world.programme if s.target not in (7, 8)]
    with pytest.raises(InputError, match=r"no sentence tells the colour of: (circle, diamond|diamond, circle)"):
        solve([*told, *loop], world.shapes)

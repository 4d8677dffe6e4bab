"""Sentences about free drawings: plain, and read alike by a reader that knows nothing of how they were made."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest

from free_reader import COLOURS, read_world
from lbie.data.cosal.free import FREE_SUITES, UNTOUCHED, FreeWorld, free_world, generate_free
from lbie.data.cosal.free import templates as own
from lbie.data.cosal.free.programme import ANY, FORMS, Instruction, Pick, Reference
from lbie.data.cosal.free.solver import APART, LARGER, Scene, UnclearError, find, solve_programme
from lbie.data.cosal.worlds import SPLITS
from lbie.language.vocabulary import tokenize

GEOMETRIC = [suite for suite in FREE_SUITES if suite != "palette-paper"]


def misread(world: FreeWorld) -> bool:
    """Whether the reader finds another answer."""
    colours = [None if by is None else world.mentions[by].rgb for by in read_world(world)]
    wanted = [None if c == UNTOUCHED else tuple(world.palette[c].tolist()) for c in world.told]
    return colours != wanted


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("suite", GEOMETRIC)
def test_sentences_are_read_as_they_are_meant(suite: str, split: str) -> None:
    wrong = [(w.index, w.sentences) for w in generate_free(suite, split, 25, seed=1) if misread(w)]
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("suite", GEOMETRIC)
def test_two_thousand_are_read_as_they_are_meant(suite: str, split: str) -> None:
    assert [w.index for w in generate_free(suite, split, 2000) if misread(w)] == []


def test_the_programme_gives_the_answer() -> None:
    for suite in GEOMETRIC:
        for world in generate_free(suite, "val", 40):
            solution = solve_programme(world.programme, world.scene)
            assert [UNTOUCHED if c is None else c for c in solution.colours] == world.told.tolist()
            assert [UNTOUCHED if c is None else c for c in solution.told_by] == world.told_by.tolist()
            assert solution.hops == tuple(world.hops) and max(solution.hops) <= 3
            assert len(world.sentences) == len(world.programme) == len(world.mentions) > 0


def test_every_form_occurs_and_some_shapes_stay() -> None:
    worlds = [w for suite in ("free", "overlap", "again") for w in generate_free(suite, "train", 150)]
    assert {form for w in worlds for form in w.forms} == set(FORMS)
    assert {int(h) for w in worlds for h in w.hops} == {0, 1, 2, 3}
    untouched = np.mean([c == UNTOUCHED for w in worlds for c in w.told])
    assert 0.15 < untouched < 0.5
    assert all(not said.again for w in worlds if w.suite != "again" for said in w.programme)
    assert sum(said.again for w in worlds if w.suite == "again" for said in w.programme) > 100


def test_told_once_but_for_again() -> None:
    for world in generate_free("free", "test", 60):
        told = frozenset[int]()
        for said in world.programme:
            targets = find(said.target, world.scene, told)
            assert not targets & told
            told |= targets
        assert sorted(told) == np.flatnonzero(world.told != UNTOUCHED).tolist()


def test_mentions_point_at_the_colour() -> None:
    for suite in FREE_SUITES:
        for world in generate_free(suite, "test", 40):
            for sentence, mention, said in zip(world.sentences, world.mentions, world.programme, strict=False):
                assert (mention is None) == (said.source is not None)
                if mention is not None:
                    words = tokenize(sentence)[mention.start : mention.end]
                    assert words == tokenize(mention.name) and mention.name.lower() in sentence.lower()
                    if not suite.startswith("palette"):
                        assert {COLOURS[w] for w in words if w in COLOURS} == {said.colour}


def template_sets() -> dict[str, own.Sets]:
    return {name: value for name, value in vars(own).items() if isinstance(value, dict) and set(value) == {*SPLITS}}


def test_splits_share_no_template() -> None:
    shared = {"REST_OF_ONE", "LANDMARK_OF_TWO", "LANDMARK_SIDE", "LANDMARK_SIZE"}  # one way to say it in all
    for name, sets in template_sets().items():
        assert all(sets[split] for split in SPLITS)
        if name not in shared:
            for a, b in combinations(SPLITS, 2):
                assert set(sets[a]) & set(sets[b]) <= {"everything else"}, name


def test_no_word_is_new_in_val_or_test() -> None:
    words = {split: set[str]() for split in SPLITS}
    for name, sets in template_sets().items():
        for split in SPLITS:
            texts = [re.sub(r"\{[a-z]+\}", " ", t) for t in sets[split]]
            words[split] |= {word for text in texts for word in tokenize(text)}
        assert name
    assert words["val"] <= words["train"] and words["test"] <= words["train"]


def scene(*boxes: tuple[int, float, float, float]) -> Scene:
    """Squares: kind, centre x, y, side."""
    square = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    return Scene.of_outlines([b[0] for b in boxes], [square * b[3] + b[1:3] for b in boxes])


def test_side_needs_a_clear_gap() -> None:
    left = Reference(Pick.SIDE, (8,), 2)
    assert find(left, scene((8, 20, 50, 10), (8, 40, 50, 10))) == {0}
    assert find(left, scene((8, 20, 50, 10), (8, 20 + 10 * APART + 0.01, 50, 10))) == {0}
    with pytest.raises(UnclearError):
        find(left, scene((8, 20, 50, 10), (8, 20 + 10 * APART - 0.01, 50, 10)))
    with pytest.raises(UnclearError):  # its centre lies further left, but its end does not
        find(left, scene((8, 45, 50, 20), (8, 50, 90, 60)))


def test_size_needs_a_clear_ratio() -> None:
    largest = Reference(Pick.SIZE, ANY, largest=True)
    side = 10 * LARGER**0.5
    assert find(largest, scene((0, 20, 20, 10), (8, 60, 60, side + 0.01))) == {1}
    with pytest.raises(UnclearError):
        find(largest, scene((0, 20, 20, 10), (8, 60, 60, side - 0.01)))
    second = Reference(Pick.SIZE, ANY, rank=2)
    assert find(second, scene((0, 20, 20, 30), (8, 60, 60, 20), (7, 90, 90, 10))) == {1}


def test_place_is_the_nearest_straight_on() -> None:
    above = Reference(Pick.PLACE, ANY, 0, landmark=Reference(Pick.ONLY, (8,)))
    assert find(above, scene((8, 50, 80, 10), (0, 50, 60, 10), (7, 50, 20, 10))) == {1}
    for rival in ((7, 70, 62, 10), (7, 45, 52, 4)):
        with pytest.raises(UnclearError, match="more than one"):
            find(above, scene((8, 50, 80, 10), (0, 50, 60, 10), rival))
    with pytest.raises(UnclearError, match="nothing lies there"):
        find(above, scene((8, 50, 20, 10), (0, 50, 60, 10)))


def test_what_is_not_plain_is_refused() -> None:
    drawn = scene((8, 20, 20, 10), (8, 60, 20, 10), (0, 20, 60, 10))
    circle, box = Reference(Pick.ONLY, (8,)), Reference(Pick.ONLY, (0,))
    left, both = Reference(Pick.SIDE, (8,), 2), Reference(Pick.ALL, (8,))
    for programme, message in (
        ([Instruction(circle, 1)], "2 such shapes"),
        ([Instruction(Reference(Pick.ALL, (0,)), 1)], "not several"),
        ([Instruction(Reference(Pick.REST, (8,)), 1)], "are left"),
        ([Instruction(left, 1), Instruction(both, 2)], "sentence 2 tells again"),
        ([Instruction(left, 1, again=True)], "sentence 1 tells again"),
        ([Instruction(box, None, left)], "has none yet"),
    ):
        with pytest.raises(UnclearError, match=message):
            solve_programme(programme, drawn)
    changed = [Instruction(both, 1), Instruction(box, None, left), Instruction(left, 3, again=True)]
    found = solve_programme(changed, drawn)
    assert found.colours == (3, 1, 1) and found.told_by == (2, 0, 1) and found.hops == (0, 0, 1)


def test_issue_examples_are_said() -> None:
    texts = "\n".join(s for suite in ("free", "again") for w in generate_free(suite, "train", 400) for s in w.sentences)
    for said in (
        r"the left circle",
        r"the smallest triangle",
        r"the second \w+ from the top",
        r"both \w+",
        "all \\w+s",
    ):
        assert re.search(said, texts, re.I), said
    assert re.search(r"^Now make ", texts, re.M)


def test_one_world_by_number() -> None:
    world = free_world("free", "train", 5)
    (same,) = generate_free("free", "train", 1, start=5)
    assert world.sentences == same.sentences and (world.source == same.source).all()

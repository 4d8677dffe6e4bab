"""Scores of free drawings: the truth is perfect, and each fault costs what it should."""

from __future__ import annotations

import numpy as np
import pytest

from lbie.data.cosal.free import FREE_SUITES, UNTOUCHED, generate_free
from lbie.evaluation.free_scores import (
    REST,
    UNCOUNTED,
    FreeScores,
    colour_differences,
    painted_by_class,
    painted_in_picture,
    score_parts,
)


@pytest.mark.parametrize("suite", FREE_SUITES)
def test_the_truth_is_perfect(suite: str) -> None:
    for world in generate_free(suite, "test", 12):
        answers = [world.told_map, painted_in_picture(world.target, world)]
        if not suite.startswith("palette"):
            answers.append(painted_by_class(world.classes))
        for answer in answers:
            assert {part.iou for part in score_parts(answer, world)} == {1.0}
        assert colour_differences(world.target, world).tolist() == [0.0] * len(world.shapes)


def test_one_part_for_each_told_shape_and_one_for_the_rest() -> None:
    for world in generate_free("again", "test", 12):
        parts = score_parts(world.told_map, world)
        told = np.flatnonzero(world.told != UNTOUCHED)
        assert [part.form for part in parts] == [*(world.form_of(i) for i in told.tolist()), REST]
        assert [part.hops for part in parts[:-1]] == world.hops[told].tolist()


def test_faults_cost() -> None:
    world = next(w for w in generate_free("free", "test", 80) if 1 < (w.told != UNTOUCHED).sum() < len(w.shapes))
    nothing = np.full(world.owner.shape, UNTOUCHED)
    *shapes, rest = score_parts(nothing, world)
    assert {part.iou for part in shapes} == {0.0}
    stays = (world.told_map == UNTOUCHED).mean()
    assert rest.iou == pytest.approx(stays)
    shape = int(np.flatnonzero(world.told != UNTOUCHED)[0])
    half = world.told_map.astype(int).copy()
    ys, xs = np.nonzero(world.inside[shape])
    kept = len(ys) // 2
    half[ys[kept:], xs[kept:]] = UNTOUCHED
    assert score_parts(half, world)[0].iou == pytest.approx(kept / len(ys))
    spilt = world.told_map.astype(int).copy()
    free = np.argwhere(world.owner == UNTOUCHED)
    nearest = free[np.argsort(np.abs(free - (ys.mean(), xs.mean())).sum(1))[:10]]
    spilt[nearest[:, 0], nearest[:, 1]] = world.told[shape]
    assert score_parts(spilt, world)[0].iou == pytest.approx(len(ys) / (len(ys) + 10))


def test_a_picture_is_read_by_its_nearest_colour() -> None:
    world = next(generate_free("palette", "test", 1, start=3))
    noisy = world.target.astype(int) + np.random.default_rng(0).integers(-2, 3, world.target.shape)
    answer = painted_in_picture(noisy.clip(0, 255).astype(np.uint8), world)
    counted = answer != UNCOUNTED
    assert counted.mean() > 0.8 and (answer == world.told_map)[counted].mean() > 0.97
    with pytest.raises(ValueError, match="the picture is"):
        painted_in_picture(world.target[1:], world)
    with pytest.raises(ValueError, match="the picture is"):
        colour_differences(world.target[1:], world)


def test_colour_differences_are_of_each_shape() -> None:
    world = next(generate_free("palette", "test", 1, start=3))
    shape = int(np.flatnonzero(world.told != UNTOUCHED)[0])
    wrong = world.target.copy()
    wrong[world.inside[shape]] = 255 - wrong[world.inside[shape]]
    found = colour_differences(wrong, world)
    assert found[shape] > 10 and np.delete(found, shape).tolist() == [0.0] * (len(found) - 1)


def test_groups() -> None:
    worlds = list(generate_free("free", "test", 40))
    good = FreeScores.of(worlds, [w.told_map for w in worlds])
    bad = FreeScores.of(worlds, [np.full(w.owner.shape, UNTOUCHED) for w in worlds])
    assert good.average().mean() == 1.0
    parts = [part for several in bad.parts for part in several]
    assert bad.average().mean() == pytest.approx(np.mean([part.iou for part in parts]))
    forms = bad.by_form()
    assert set(forms) == {part.form for part in parts} and REST in forms
    for form, ratios in forms.items():
        own = [part.iou for part in parts if part.form == form]
        assert ratios.mean() == pytest.approx(np.mean(own)) and ratios.below.sum() == len(own)
    assert set(good.by_count()) == {"2 to 4", "5 to 8", "9 to 12"}
    assert set(good.by_manner()) == {"filled", "outlined", "hand", "several"}
    assert set(good.by_hops()) >= {"0", "1"}
    for groups in (good.by_count(), good.by_manner(), good.by_hops()):
        assert {ratios.mean() for ratios in groups.values()} == {1.0}
    assert good.average().interval()["low"] == 1.0

"""How the nine kinds of shapes are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lbie.data.cosal import generate
from lbie.data.cosal.shapes import (
    BACKGROUND,
    CELL,
    COLOURS,
    HIGHEST,
    KINDS,
    LOWEST,
    NO_SHAPE,
    PALETTE,
    draw_shape,
    draw_shape_map,
    draw_shape_maps,
    paint,
)

MIDDLE = (LOWEST + HIGHEST) / 2


def geometries(kind: int, count: int = 200) -> np.ndarray:
    unit = np.random.default_rng(kind).random((count, LOWEST.shape[1]))
    return LOWEST[kind] + unit * (HIGHEST[kind] - LOWEST[kind])


@pytest.mark.parametrize("kind", range(9), ids=KINDS)
def test_a_shape_is_whole_inside_its_cell(kind: int) -> None:
    """A cell drawn alone is the same as inside a larger picture: nothing reaches over its border."""
    for geometry in geometries(kind):
        alone = draw_shape(kind, geometry)
        assert alone.shape == (CELL, CELL) and set(np.unique(alone)) == {0, 1}
        border = np.concatenate([alone[0], alone[-1], alone[:, 0], alone[:, -1]])
        assert not border.any()
        assert cv2.connectedComponents(alone, connectivity=8)[0] == 2


def test_geometry_against_numbers_by_hand() -> None:
    rectangle = draw_shape(0, np.array([0.1, 0.29, 0.7, 0.89, 0, 0, 0, 0]))
    expected = np.zeros((16, 16), np.uint8)
    expected[4:15, 1:12] = 1  # corners (1, 4) and (11, 14), both included
    np.testing.assert_array_equal(rectangle, expected)
    for kind, (width, height) in {1: (11, 5), 2: (5, 11), 3: (11, 3), 4: (5, 6)}.items():
        ys, xs = np.nonzero(draw_shape(kind, MIDDLE[kind]))
        assert (np.ptp(xs) + 1, np.ptp(ys) + 1) == (width, height), KINDS[kind]
    for kind in (3, 4):  # the lower half of the whole ellipse
        half, whole = draw_shape(kind, MIDDLE[kind]), draw_shape(kind - 2, MIDDLE[kind - 2])
        np.testing.assert_array_equal(half[9:], whole[9:])
        assert not half[:8].any()
    circle = draw_shape(8, MIDDLE[8])
    assert (circle.any(0).sum(), circle.any(1).sum()) == (11, 11)
    np.testing.assert_array_equal(circle, circle.T)
    top, bottom = ((draw_shape(kind, MIDDLE[kind]).sum(1) > 0).nonzero()[0][[0, -1]] for kind in (5, 6))
    assert draw_shape(5, MIDDLE[5])[top[0]].sum() <= 2 and draw_shape(6, MIDDLE[6])[bottom[1]].sum() <= 2
    triangle = draw_shape(5, np.array([0.2, 0.7, 0.7, 0.7, 0.45, 0.2, 0, 0]))
    inverse = draw_shape(6, np.array([0.2, 0.2, 0.7, 0.2, 0.45, 0.7, 0, 0]))
    np.testing.assert_array_equal(np.trim_zeros(triangle.sum(1)), np.trim_zeros(inverse.sum(1))[::-1])


@pytest.mark.parametrize("cell", [16, 40, 341])
def test_many_are_drawn_as_one_is(cell: int) -> None:
    worlds = list(generate("paper", "test", 20, seed=3))
    maps = draw_shape_maps(np.stack([w.arrangement for w in worlds]), np.stack([w.geometry for w in worlds]))
    for world, expected in zip(worlds, maps, strict=True):
        drawn = draw_shape_map(world.arrangement, world.geometry, cell)
        assert drawn.shape == (3 * cell, 3 * cell)
        if cell == 16:
            np.testing.assert_array_equal(drawn, expected)
        small = cv2.resize(drawn, (48, 48), interpolation=cv2.INTER_NEAREST)
        assert (small == expected).mean() > 0.85


def test_pictures_of_a_world() -> None:
    for world in generate("paper", "train", 50):
        assert sorted(world.arrangement.tolist()) == list(range(9))
        for cell, kind in enumerate(world.arrangement):
            row, column = divmod(cell, 3)
            part = np.s_[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            assert set(np.unique(world.shapes[part])) == {kind, NO_SHAPE}
            on = world.shapes[part] == kind
            assert (world.classes[part][on] == world.colours[kind]).all()
            assert (world.classes[part][~on] == BACKGROUND).all()
        assert world.source.dtype == world.target.dtype == np.uint8
        np.testing.assert_array_equal(world.source == 0, np.repeat((world.shapes != NO_SHAPE)[..., None], 3, 2))
        np.testing.assert_array_equal(world.target, PALETTE[world.classes])
        assert set(np.unique(world.source)) == {0, 255}


def test_the_classes_are_the_papers_colours() -> None:
    rgb = dict(zip((*COLOURS, "white"), map(tuple, PALETTE.tolist()), strict=True))
    assert rgb == {
        "blue": (0, 0, 255),
        "light-green": (0, 255, 0),
        "red": (255, 0, 0),
        "black": (0, 0, 0),
        "gray": (128, 128, 128),
        "yellow": (255, 255, 0),
        "white": (255, 255, 255),
    }
    colours = np.arange(9) % 6
    painted = paint(np.arange(10, dtype=np.uint8), colours)
    assert painted.tolist() == [*colours.tolist(), BACKGROUND] and painted.dtype == np.uint8

"""Painting flowers in other colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drawn import COLOURS, flower, petals
from lbie.colour.lab import rgb_to_lab
from lbie.data.recolour import paint, recolour, soften

LAB = {name: rgb_to_lab(np.array([rgb], np.uint8))[0, 1:] for name, rgb in COLOURS.items()}


@pytest.mark.parametrize("old", COLOURS)
@pytest.mark.parametrize("new", COLOURS)
def test_recolour_moves_the_flower_and_nothing_else(old: str, new: str) -> None:
    rgb = flower(old, 4)
    region = petals(old, rgb)
    ab = rgb_to_lab(rgb)[..., 1:]
    out = recolour(ab, soften(region, len(ab)), LAB[old], LAB[new])
    assert out.shape == ab.shape and out.dtype == np.float32
    inside = cv2.erode(region.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert np.linalg.norm(np.median(out[inside], axis=0) - LAB[new]) < 5
    far = cv2.dilate(region.astype(np.uint8), np.ones((15, 15), np.uint8)) == 0
    assert far.sum() > 500
    np.testing.assert_array_equal(out[far], ab[far])


def test_recolour_leaves_the_heart_of_another_colour() -> None:
    rgb = flower("red", 4)
    region = petals("red", rgb)
    rgb[44:52, 44:52] = (240, 220, 40)
    ab = rgb_to_lab(rgb)[..., 1:]
    out = recolour(ab, np.ones(region.shape, np.float32), LAB["red"], LAB["blue"])
    assert np.linalg.norm(out[48, 48] - ab[48, 48]) < 12  # it would be 150 as a part of the flower


def test_paint_gives_a_part_its_colour_and_leaves_the_rest() -> None:
    ab = rgb_to_lab(flower("red", 2))[..., 1:]
    part = np.zeros(ab.shape[:2], np.float32)
    part[30:60, 30:60] = 1
    target = np.array([-20.0, 40.0])
    out = paint(ab, part, target)
    np.testing.assert_allclose(out[part > 0].mean(0), target, atol=0.1)
    assert 0 < out[part > 0].std(0).mean() < ab[part > 0].std(0).mean()
    np.testing.assert_array_equal(out[part == 0], ab[part == 0])
    np.testing.assert_array_equal(paint(ab, part * 0, target), ab)


@pytest.mark.parametrize("size", [16, 64, 96])
def test_softened_masks_keep_their_share(size: int) -> None:
    mask = np.zeros((96, 96), bool)
    mask[24:72, 24:72] = True
    soft = soften(mask, size)
    assert soft.shape == (size, size) and soft.dtype == np.float32
    assert soft.min() >= 0 and soft.max() <= 1 + 1e-6
    assert soft.mean() == pytest.approx(0.25, abs=0.01)

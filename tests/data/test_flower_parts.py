"""Parts of drawn flowers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawn import flower, petals
from lbie.data.flower_parts import HEART_RADIUS, FlowerParts, distance_to_centre, tips


def daisy(heart: tuple[int, int, int], radius: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A round red flower of radius 32 with a heart, on leaves; its region."""
    rgb = np.full((96, 96, 3), (20, 60, 20), np.uint8)
    region = np.zeros((96, 96), np.uint8)
    cv2.circle(region, (48, 48), 32, 1, -1)
    rgb[region > 0] = (200, 30, 30)
    cv2.circle(rgb, (48, 48), radius, heart, -1)
    return rgb, region > 0


def test_the_heart_is_the_patch_that_differs() -> None:
    rgb, region = daisy((240, 220, 40), 14)
    found = FlowerParts.find(rgb, region).heart
    truth = (rgb == (240, 220, 40)).all(-1)
    assert (found & truth).sum() / (found | truth).sum() > 0.95


def test_a_flower_of_one_colour_has_the_central_disc() -> None:
    rgb, region = daisy((200, 30, 30))
    found = FlowerParts.find(rgb, region).heart
    np.testing.assert_array_equal(found, distance_to_centre(region) <= HEART_RADIUS)
    assert found.sum() == pytest.approx(np.pi * (HEART_RADIUS * 32) ** 2, rel=0.1)


def test_a_patch_at_the_edge_is_no_heart() -> None:
    rgb, region = daisy((200, 30, 30))
    cv2.circle(rgb, (70, 48), 6, (240, 220, 40), -1)
    assert not FlowerParts.find(rgb, region).heart[48, 70]


def test_other_flowers_of_the_kind_are_found_and_leaves_are_not() -> None:
    rgb = np.concatenate([flower("red", 1), flower("red", 2)], 1)
    region = np.zeros(rgb.shape[:2], bool)
    region[:, :96] = petals("red", rgb[:, :96])
    other = petals("red", rgb[:, 96:])
    found = FlowerParts.find(rgb, region).flowers[:, 96:]
    assert (found & other).sum() / (found | other).sum() > 0.7
    different = np.concatenate([flower("red", 1), flower("blue", 2)], 1)
    assert FlowerParts.find(different, region).flowers[:, 96:].mean() < 0.02


@given(st.integers(0, 50), st.integers(20, 90))
def test_masks_of_any_photo_have_its_size(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (size, size, 3), np.uint8)
    region = rng.random((size, size)) < rng.uniform(0.01, 1)
    region[size // 2, size // 2] = True
    parts = FlowerParts.find(rgb, region)
    assert parts.flowers.shape == parts.heart.shape == region.shape and (parts.flowers >= region).all()
    assert parts.heart.any() and not (tips(region) & ~region).any()


def test_tips_are_far_from_the_centre() -> None:
    _, region = daisy((200, 30, 30))
    ends = tips(region)
    assert ends.any() and distance_to_centre(region)[ends].min() > 0.55 and not ends[48, 48]

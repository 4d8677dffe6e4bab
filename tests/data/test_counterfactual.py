"""Regions of flowers and their recolouring."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drawn import COLOURS, flower
from lbie.colour.lab import rgb_to_lab
from lbie.data.counterfactual import TEMPLATES, Recolourer, nearest, prototypes, recolour, region_colours
from lbie.data.regions import centre_region
from lbie.language.colour_names import families_in

LAB = {name: rgb_to_lab(np.array([rgb], np.uint8))[0, 1:] for name, rgb in COLOURS.items()}


def petals(colour: str, rgb: np.ndarray) -> np.ndarray:
    """True petals of a drawn flower: pixels of its colour, noise aside."""
    near = np.abs(rgb.astype(int) - COLOURS[colour]).max(-1) < 16
    return cv2.morphologyEx(near.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


@pytest.fixture(scope="module")
def photos() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Photos (8, 96, 96, 3), regions and families: each of four colours twice."""
    names = list(COLOURS) * 2
    rgb = np.stack([flower(c, i) for i, c in enumerate(names)])
    return rgb, np.stack([centre_region(p) for p in rgb]), names


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("size", [96, 112, 144])
def test_the_centre_region_is_the_flower(colour: str, size: int) -> None:
    for seed in range(4):
        rgb = flower(colour, seed, size)
        found, truth = centre_region(rgb), petals(colour, rgb)
        assert found.shape == (size, size) and found.dtype == bool
        assert (found & truth).sum() / (found | truth).sum() > 0.7


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_photo_has_the_central_disc(level: int) -> None:
    region = centre_region(np.full((80, 80, 3), level, np.uint8))
    assert region[40, 40] and not region[0, 0] and 0.1 < region.mean() < 0.35


def test_a_region_does_not_depend_on_what_was_asked_before() -> None:
    rgb = flower("red", 1)
    first = centre_region(rgb)
    cv2.setRNGSeed(99)
    centre_region(flower("blue", 2))
    np.testing.assert_array_equal(centre_region(rgb), first)


def test_colours_of_regions_are_those_of_the_petals(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    rgb, region, names = photos
    colours = region_colours(rgb, region)
    assert np.linalg.norm(colours - np.stack([LAB[n] for n in names]), axis=1).max() < 4
    points = prototypes(colours, [*names[:-1], None])
    assert set(points) == set(COLOURS)
    np.testing.assert_allclose(points["white"], colours[3])  # the other white one has no agreed colour
    np.testing.assert_allclose(points["red"], (colours[0] + colours[4]) / 2, rtol=1e-5)
    assert list(nearest(colours, points)) == names


@pytest.mark.parametrize("old", COLOURS)
@pytest.mark.parametrize("new", COLOURS)
def test_recolour_moves_the_flower_and_nothing_else(old: str, new: str) -> None:
    rgb = flower(old, 4)
    region = petals(old, rgb)
    ab = rgb_to_lab(rgb)[..., 1:]
    out = recolour(ab, region, LAB[old], LAB[new])
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
    out = recolour(ab, region | True, LAB["red"], LAB["blue"])
    assert np.linalg.norm(out[48, 48] - ab[48, 48]) < 12  # it would be 150 as a part of the flower


def test_drawn_descriptions_name_the_new_colour_and_no_other(
    photos: tuple[np.ndarray, np.ndarray, list[str]],
) -> None:
    made = Recolourer(*photos)
    rng = np.random.default_rng(0)
    seen, written = set(), set()
    for _ in range(200):
        drawn = made.draw(0, ["a scarlet flower with red petals", "nice"], rng)
        assert drawn is not None
        text, target = drawn
        (new,) = families_in(text)
        assert new in set(COLOURS) - {"red"}
        ratio = np.linalg.norm(target) / max(1e-6, np.linalg.norm(LAB[new]))
        if new != "white":
            assert 0.9 < ratio < 1.3 and np.dot(target, LAB[new]) > 0.95 * np.linalg.norm(target) * np.linalg.norm(
                LAB[new]
            )
        seen.add(new)
        written.add(text)
    assert seen == set(COLOURS) - {"red"}
    assert "a blue flower with blue petals" in written and any(t.format("blue") in written for t in TEMPLATES)


def test_unsuitable_photos_are_not_drawn(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    rgb, region, names = photos
    region = region.copy()
    region[1] = False
    region[1, :9, :9] = True  # too small
    region[3] = True  # all of the photo
    made, rng = Recolourer(rgb, region, names), np.random.default_rng(0)
    assert [made.draw(i, ["a flower"], rng) is None for i in range(5)] == [False, True, False, True, False]
    undecided = Recolourer(rgb, region, [None, *names[1:]])
    for _ in range(20):  # captions that agree on no colour are not rewritten
        text, _ = undecided.draw(0, ["a red and blue flower"], rng) or ("", None)
        assert any(text == t.format(c) for t in TEMPLATES for c in undecided.bank), text
    alone = Recolourer(rgb[:1], region[:1], ["red"])
    assert alone.draw(0, ["red"], rng) is None  # no other colour to choose


def test_captions_that_tell_no_colour_give_nothing_to_draw(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    rgb, region, _ = photos
    silent = Recolourer(rgb, region, [None] * len(rgb))
    assert silent.draw(0, ["a flower"], np.random.default_rng(0)) is None

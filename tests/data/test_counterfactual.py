"""Regions of flowers and their recolouring."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drawn import COLOURS, flower, petals
from lbie.colour.lab import rgb_to_lab
from lbie.data.counterfactual import Recolourer
from lbie.data.flower_colours import nearest, prototypes, region_colours
from lbie.data.regions import centre_region
from lbie.language.colour_names import families_in
from lbie.language.flower_sentences import WHOLE
from lbie.language.named_colours import taught_names
from lbie.language.named_parts import parts_in

LAB = {name: rgb_to_lab(np.array([rgb], np.uint8))[0, 1:] for name, rgb in COLOURS.items()}


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


def test_drawn_descriptions_name_the_new_colour(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    made, rng = Recolourer(*photos), np.random.default_rng(0)
    written: dict[str, list[np.ndarray]] = {}
    for _ in range(400):
        drawn = made.draw(0, ["a scarlet flower with red petals", "nice"], rng)
        assert drawn is not None and drawn.petals is not None and drawn.heart is None and drawn.tips is None
        assert np.isfinite(drawn.petals).all()
        written.setdefault(drawn.text, []).append(drawn.petals)
    assert "a blue flower with blue petals" in written
    said = [text.format("blue") for text in WHOLE]
    assert sum(text in written for text in said) > 5
    for text in {*said, "a blue flower with blue petals"} & written.keys():
        for target in written[text]:  # of the hue of real blue flowers
            cosine = target @ LAB["blue"] / np.linalg.norm(target) / np.linalg.norm(LAB["blue"])
            assert cosine > 0.97
    names = taught_names()[0]
    assert any(text == t.format(name) for text in written for t in WHOLE for name in names if name not in COLOURS)


def test_parts_get_colours_that_differ(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    made, rng = Recolourer(*photos, parts=1.0), np.random.default_rng(0)
    drawn = [made.draw(0, ["a flower"], rng) for _ in range(200)]
    assert all(d and d.petals is not None and (d.heart is None) != (d.tips is None) for d in drawn)
    for d in drawn:
        other = d.heart if d.heart is not None else d.tips
        assert np.linalg.norm(d.petals - other) >= 20
    assert 10 < sum(d.tips is not None for d in drawn) < 90
    plain = [d for d in drawn if d.heart is not None and families_in(d.text) == {"red", "white"}]
    for d in plain:
        petals, centre = parts_in(d.text)
        if {petals, centre} == {"red", "white"}:  # not all wordings are clear to that parser
            whiter = np.linalg.norm(d.petals) < np.linalg.norm(d.heart)
            assert whiter == (petals == "white"), d.text


def test_vivid_colours_have_the_hue_of_real_flowers(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    made, rng = Recolourer(*photos), np.random.default_rng(0)
    for colour in ("red", "blue"):
        point = made.points[colour]
        for _ in range(20):
            shade = made.vivid(colour, rng)
            assert shade @ point / np.linalg.norm(shade) / np.linalg.norm(point) > 0.97


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
        drawn = undecided.draw(0, ["a red and blue flower"], rng)
        assert drawn and drawn.text != "a red and blue flower" and "flower and" not in drawn.text


def test_captions_that_tell_no_colour_leave_names(photos: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    rgb, region, _ = photos
    silent, rng = Recolourer(rgb, region, [None] * len(rgb), parts=0.5), np.random.default_rng(0)
    assert all(silent.draw(0, ["a flower"], rng) is not None for _ in range(20))

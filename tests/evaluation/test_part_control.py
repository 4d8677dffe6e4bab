from __future__ import annotations

import cv2
import numpy as np
import pytest

from lbie.evaluation.part_control import PAIRS, TEMPLATES, part_colours, part_masks, told_parts
from lbie.language.colour_names import CONTROL_COLOURS
from lbie.language.named_parts import parts_in


def disc(size: int, centre: tuple[int, int], radius: int) -> np.ndarray:
    return cv2.circle(np.zeros((size, size), np.uint8), centre, radius, 1, -1) > 0


def test_masks_of_a_disc() -> None:
    region = disc(128, (50, 70), 40)
    centre, petals = part_masks(region)
    y, x = np.nonzero(centre)
    assert (x.mean(), y.mean()) == pytest.approx((50, 70), abs=0.5)
    assert centre.sum() == pytest.approx(0.3**2 * region.sum(), rel=0.05)
    assert petals.sum() == pytest.approx((1 - 0.45**2) * region.sum(), rel=0.05)
    assert not (centre & petals).any() and not (petals & ~region).any()


def test_masks_move_with_the_region() -> None:
    region = disc(96, (40, 40), 20) | disc(96, (55, 40), 12)
    moved = np.roll(region, (7, 11), (0, 1))
    for mask, other in zip(part_masks(region), part_masks(moved), strict=True):
        assert (np.roll(mask, (7, 11), (0, 1)) == other).all()


def test_masks_of_one_pixel_and_of_none() -> None:
    region = np.zeros((9, 9), bool)
    with pytest.raises(ValueError, match="empty"):
        part_masks(region)
    region[4, 5] = True
    assert part_masks(region)[0].sum() == 1


def test_part_colours() -> None:
    region = disc(96, (48, 48), 40)
    picture = np.full((96, 96, 3), (20, 90, 20), np.uint8)
    picture[region] = (200, 40, 40)
    picture[disc(96, (48, 48), 14)] = (230, 210, 40)
    petals, centre = part_colours(picture[None], region[None])
    assert petals[0, 0] > 50 and centre[0, 1] > 60 and abs(centre[0, 0]) < 20


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_sentences_say_what_they_measure(template: str, pair: tuple[str, str]) -> None:
    assert pair[0] != pair[1] and {*pair} <= {*CONTROL_COLOURS}
    assert parts_in(template.format(*pair)) == pair


def test_told_parts() -> None:
    both = ["white petals with a yellow center", "this flower has petals that are white and has yellow stamen"]
    nothing = ["a pretty flower"]
    assert told_parts(both + nothing * 8, CONTROL_COLOURS) == ("white", "yellow")
    assert told_parts(both + nothing * 9, CONTROL_COLOURS) is None  # too few
    assert told_parts([*both, "pink petals", "pink petals"], CONTROL_COLOURS) is None  # no agreement
    assert told_parts(["white petals and a white center"], CONTROL_COLOURS) is None
    assert told_parts(["white petals and a green center"], CONTROL_COLOURS) is None

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import lab2rgb, rgb2lab

from lbie.colour import gamut
from lbie.colour.gamut import MOST_SHIFT


def flat(lightness: float, chroma: float, hue: float, side: int = 12) -> tuple[np.ndarray, np.ndarray]:
    turn = np.radians(hue)
    ab = np.full((side, side, 2), (chroma * np.cos(turn), chroma * np.sin(turn)), np.float32)
    return np.full((side, side), lightness, np.float32), ab


def map_to_gamut(light: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shift and ab."""
    shift, a, b = gamut.map_to_gamut(light, ab)
    return shift, np.dstack([a, b])


def clipped(lab: np.ndarray) -> float:
    """How far clipping to sRGB moves a colour, by scikit-image and not by the code under test."""
    return float(np.abs(rgb2lab(lab2rgb(lab)) - lab).max())


@given(st.floats(0, 100), st.floats(0, 180), st.floats(0, 360))
@settings(deadline=None)
@pytest.mark.filterwarnings("ignore:.*negative Z values")
def test_the_result_can_be_shown_and_keeps_its_hue(lightness, chroma, hue):
    light, wanted = flat(lightness, chroma, hue)
    shift, ab = map_to_gamut(light, wanted)
    assert (shift.shape, ab.shape) == (light.shape, wanted.shape)
    assert shift.dtype == ab.dtype == np.float32
    assert np.abs(shift).max() <= MOST_SHIFT + 1e-3
    assert clipped(np.dstack([light + shift, ab])) < 1.5
    size = np.hypot(ab[..., 0], ab[..., 1])
    assert (size <= chroma + 1e-3).all()
    cross = wanted[..., 0] * ab[..., 1] - wanted[..., 1] * ab[..., 0]
    assert np.abs(cross).max() <= 0.01 * max(chroma, 1)
    assert (wanted * ab).sum(-1).min() >= -1e-3


@pytest.mark.parametrize(("lightness", "chroma", "hue"), [(60, 30, 0), (50, 20, 120), (70, 25, 280), (40, 0, 0)])
def test_colours_that_can_be_shown_stay(lightness, chroma, hue):
    light, wanted = flat(lightness, chroma, hue)
    shift, ab = map_to_gamut(light, wanted)
    np.testing.assert_allclose(ab, wanted, atol=1e-3)
    np.testing.assert_allclose(shift, 0, atol=1e-3)


@pytest.mark.parametrize(("lightness", "chroma", "hue", "sign"), [(90, 80, 40, -1), (20, 80, 100, 1)])
def test_lightness_makes_room_for_a_strong_colour(lightness, chroma, hue, sign):
    shift, ab = map_to_gamut(*flat(lightness, chroma, hue))
    assert (sign * shift > 3).all()
    unmoved = map_to_gamut(*flat(lightness, chroma, hue, 1))[1]
    assert np.hypot(*ab[6, 6]) >= np.hypot(*unmoved[0, 0]) - 1e-3


@pytest.mark.parametrize("size", [(64, 64), (40, 300), (1, 30), (30, 1), (1, 1)])
def test_lightness_stays_where_there_is_no_colour(size):
    rng = np.random.default_rng(0)
    light = rng.uniform(0, 100, size).astype(np.float32)
    ab = rng.normal(0, 60, (*size, 2)).astype(np.float32)
    ab[: (size[0] + 1) // 2] = 0
    shift, mapped = map_to_gamut(light, ab)
    assert (shift[: (size[0] + 1) // 2] == 0).all()
    assert (mapped[: (size[0] + 1) // 2] == 0).all()
    assert np.isfinite(shift).all() and np.isfinite(mapped).all()

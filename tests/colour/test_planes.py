"""Lab by tables against the definition, and there and back."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.color import rgb2lab

from lbie.colour.lab import rgb_to_lab
from lbie.colour.planes import by_lightness, to_planes, to_rgb

EVERY_THIRD = np.stack(np.meshgrid(*[np.arange(0, 256, 3, np.uint8)] * 3, indexing="ij"), -1).reshape(86, -1, 3)
GRAY = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)


def test_it_is_lab_and_nearer_to_it_than_opencv() -> None:
    exact = rgb2lab(EVERY_THIRD)
    off = np.abs(np.dstack(to_planes(EVERY_THIRD)[1:]) - exact).max((0, 1))
    assert (off < 0.07).all()
    assert (off < np.abs(rgb_to_lab(EVERY_THIRD) - exact).max((0, 1))).all()


@pytest.mark.parametrize("rgb", [EVERY_THIRD, GRAY, EVERY_THIRD[:1, :1], EVERY_THIRD[:, 3:4]])
def test_there_and_back_nothing_is_lost(rgb: np.ndarray) -> None:
    np.testing.assert_array_equal(to_rgb(to_planes(rgb)[1:]), rgb)


def test_gray_of_any_lightness_is_gray() -> None:
    _, lightness, a, b = to_planes(GRAY)
    assert not a.any() and not b.any()
    for shift in (-3.3, 7.77):
        rgb = to_rgb((np.clip(lightness + np.float32(shift), 0, 100), a, b))
        assert (rgb == rgb[..., :1]).all()


def test_colours_outside_the_gamut_are_clipped() -> None:
    lightness = np.array([[0.0, 100.0, 50.0, 50.0]], np.float32)
    a, b = np.array([[-90.0, 90.0, 128.0, -128.0]], np.float32), np.array([[90.0, -90.0, 128.0, -128.0]], np.float32)
    rgb = to_rgb((lightness, a, b))[0].astype(int)
    assert rgb[2, 0] == 255 and rgb[2, 2] == 0 and rgb[3, 0] == 0


def test_tables_give_what_the_function_gives() -> None:
    luminance, lightness, *_ = to_planes(EVERY_THIRD)
    table = by_lightness(lambda level: np.sqrt(level + 16))
    np.testing.assert_allclose(table[luminance], np.sqrt(lightness + 16), atol=1e-5)

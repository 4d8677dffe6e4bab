from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from skimage.color import rgb2lab

from lbie.colour.lab import gray_to_lightness, lab_to_rgb, luma, rgb_to_lab

CUBE = np.stack(np.meshgrid(*[np.arange(0, 256, 15, dtype=np.uint8)] * 3), -1).reshape(-1, 18, 3)
RAMP = np.arange(256, dtype=np.uint8)


def test_lab_agrees_with_scikit_image():
    """OpenCV interpolates a table: a small part of what an eye tells apart (2.3), not more."""
    difference = np.abs(rgb_to_lab(CUBE) - rgb2lab(CUBE))
    assert difference.mean() < 0.1
    assert (difference.max((0, 1)) < [0.2, 0.5, 0.5]).all()
    np.testing.assert_allclose(gray_to_lightness(RAMP), rgb2lab(np.repeat(RAMP[:, None], 3, 1))[:, 0], atol=0.2)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (5, 3), (4, 6, 3), (2, 3, 4, 3)])
def test_shapes(shape):
    rgb = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    lab = rgb_to_lab(rgb)
    assert (lab.shape, lab.dtype) == (shape, np.float32)
    np.testing.assert_allclose(lab, rgb_to_lab(rgb.astype(np.float32) / 255), atol=1e-3)
    assert (lab_to_rgb(lab).shape, lab_to_rgb(lab).dtype) == (shape, np.float32)
    assert luma(rgb).shape == shape[:-1]


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, max_side=6).map(lambda s: (*s, 3))))
def test_round_trip_to_a_level(rgb):
    np.testing.assert_allclose(np.rint(lab_to_rgb(rgb_to_lab(rgb)) * 255), rgb, atol=1)


def test_round_trip_is_exact_nearly_everywhere():
    back = np.rint(lab_to_rgb(rgb_to_lab(CUBE)) * 255)
    assert (back != CUBE).mean() < 0.02
    gray = np.repeat(RAMP[:, None], 3, 1)
    np.testing.assert_array_equal(np.rint(lab_to_rgb(rgb_to_lab(gray)) * 255), gray)


@given(hnp.arrays(np.float32, (8, 3), elements=st.floats(-200, 200, width=32)))
def test_what_no_screen_shows_is_clipped(lab):
    rgb = lab_to_rgb(lab)
    assert rgb.min() >= 0 and rgb.max() <= 1


def test_ends():
    np.testing.assert_allclose(
        rgb_to_lab(np.array([[0] * 3, [255] * 3], np.uint8)), [[0, 0, 0], [100, 0, 0]], atol=0.02
    )


@pytest.mark.parametrize("gray", [RAMP, RAMP.reshape(16, 16), RAMP.reshape(16, 16)[:, ::2], RAMP[:1]])
def test_lightness_of_gray(gray):
    expected = rgb_to_lab(np.repeat(gray[..., None], 3, -1))[..., 0]
    for levels in (gray, gray.astype(np.float32) / 255):
        lightness = gray_to_lightness(levels)
        assert lightness.dtype == np.float32
        np.testing.assert_allclose(lightness, expected, atol=1e-3)


def test_luma_is_pillows():
    every = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    for rgb in (every, CUBE):
        np.testing.assert_array_equal(luma(rgb), np.array(Image.fromarray(rgb).convert("L")))

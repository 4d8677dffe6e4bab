from __future__ import annotations

import numpy as np
import pytest

from lbie.colour.compose import GUIDED_SIDE, LightnessSource, compose, fit_chroma, lightness_of
from lbie.colour.lab import rgb_to_lab

SIZES = [(1, 1), (1, 300), (300, 1), (2, 9), (37, 61), (300, 200), (700, 1300), (4, 40_000), (40_000, 4)]


def noise(size: tuple[int, int], gray: bool = True) -> np.ndarray:
    values = np.random.default_rng(0).integers(60, 200, (*size, 1 if gray else 3), dtype=np.uint8)
    return np.ascontiguousarray(np.broadcast_to(values, (*size, 3)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("gray", [True, False])
def test_without_colour_the_lightness_comes_back(size, gray):
    rgb = noise(size, gray)
    source = LightnessSource.of(rgb, gray)
    assert max(source.lightness.shape) <= GUIDED_SIDE
    out, applied = compose(source, np.zeros((*source.lightness.shape, 2), np.float32))
    assert (out.shape, out.dtype) == (rgb.shape, np.uint8)
    assert not applied.any()
    np.testing.assert_allclose(lightness_of(out, True), lightness_of(rgb, gray), atol=0.4)
    if gray:
        np.testing.assert_allclose(out.astype(int), rgb.astype(int), atol=1)


@pytest.mark.parametrize("size", SIZES)
def test_a_flat_colour_reaches_every_pixel(size):
    source = LightnessSource.of(np.full((*size, 3), 128, np.uint8), True)
    wanted = fit_chroma(source, np.full((4, 4, 2), (20, -12), np.float32))
    np.testing.assert_allclose(wanted, np.full_like(wanted, 1) * np.float32([20, -12]), atol=0.1)
    lab = rgb_to_lab(compose(source, wanted)[0])
    np.testing.assert_allclose(lab, np.broadcast_to(np.float32([53.6, 20, -12]), lab.shape), atol=1)


@pytest.mark.parametrize("size", [(120, 160), (1500, 2000)])
def test_chroma_lies_where_it_was_put(size):
    """The upper left quarter is coloured, and is brighter: its border is sharp to a few pixels at any size."""
    rgb = np.full((*size, 3), 90, np.uint8)
    rgb[: size[0] // 2, : size[1] // 2] = 180
    source = LightnessSource.of(rgb, True)
    ab = np.zeros((30, 40, 2), np.float32)
    ab[:15, :20] = (25, 15)
    out, _ = compose(source, fit_chroma(source, ab))
    chroma = np.hypot(*np.moveaxis(rgb_to_lab(out)[..., 1:], -1, 0))
    edge = size[1] // 2
    inside, outside = chroma[size[0] // 4, edge - size[1] // 32], chroma[size[0] // 4, edge + size[1] // 32]
    assert inside > 20 and outside < 9
    assert abs(chroma[10, 10] - np.hypot(25, 15)) < 2
    assert chroma[-10, -10] < 1


def test_strips_leave_no_seams():
    rgb = np.full((1800, 1300, 3), 128, np.uint8)
    source = LightnessSource.of(rgb, True)
    ramp = np.linspace(0, 25, source.lightness.shape[0], dtype=np.float32)
    ab = np.broadcast_to(ramp[:, None, None], (*source.lightness.shape, 2)).copy()
    out = compose(source, ab)[0].astype(int)
    assert np.abs(np.diff(out, axis=0)).max() <= 1
    assert np.abs(np.diff(out, axis=1)).max() == 0

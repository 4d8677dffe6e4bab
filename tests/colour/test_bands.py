"""Bands of a large photo against the whole of it at once."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lbie.colour import bands as banding
from lbie.colour.bands import bands, enlargement, resized
from lbie.colour.compose import LightnessSource, compose
from lbie.editing.change import Change
from lbie.editing.changes import apply_change
from lbie.language.colour_words import NamedColour


@pytest.mark.parametrize("size", [(1, 1), (900, 1200), (3, 300_000), (70_000, 5)])
def test_bands_cover_a_picture_once(size: tuple[int, int]) -> None:
    rows = np.concatenate([np.arange(size[0])[band] for band in bands(*size)])
    np.testing.assert_array_equal(rows, np.arange(size[0]))


@pytest.mark.parametrize("maps", [(7, 9), (7, 9, 3), (1, 40, 2), (40, 1, 4)])
@pytest.mark.parametrize("size", [(61, 83), (7, 9), (1, 200), (40_000, 3), (40, 40)])
def test_parts_of_an_enlargement_are_those_of_the_whole(maps: tuple[int, ...], size: tuple[int, int]) -> None:
    small = np.random.default_rng(0).normal(0, 40, maps).astype(np.float32)
    whole = cv2.resize(small, size[::-1], interpolation=cv2.INTER_LINEAR)
    part = enlargement(small, size)
    rows = [slice(top, min(size[0], top + 7)) for top in range(0, min(size[0], 700), 7)]
    joined = np.concatenate([part(some, slice(None)) for some in rows])
    np.testing.assert_allclose(joined, whole[: len(joined)].reshape(joined.shape), atol=2e-4)
    for columns in (slice(0, 1), slice(size[1] // 3, size[1] // 3 + 5)):
        np.testing.assert_array_equal(part(rows[-1], columns), joined[rows[-1], columns])


@pytest.mark.parametrize("shape", [(2400, 3200, 3), (2400, 3200), (2401, 3200, 3), (300, 400, 3)])
def test_the_mean_of_an_area_by_halves_is_that_of_the_whole(shape: tuple[int, ...]) -> None:
    noise = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    rgb = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 8), None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)
    for size in ((768, 1024), (256, 341), (7, 900)):
        at_once = cv2.resize(rgb, size[::-1], interpolation=cv2.INTER_AREA)
        off = np.abs(resized(rgb, size, cv2.INTER_AREA).astype(int) - at_once)
        assert off.max() <= 4 and off.mean() < 0.5


def _changes(rgb: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    kinds = [Change("colour", NamedColour("blue", (30, 60, 200))), *(Change(k) for k in ("blur", "darken", "gray out"))]
    ab = np.random.default_rng(1).normal(0, 25, (300, 400, 2)).astype(np.float32)
    ab = cv2.GaussianBlur(cv2.resize(ab, (1024, 768)), (0, 0), 20) * 9
    coloured = compose(LightnessSource.of(rgb, False), ab)[0]
    return [coloured, *(apply_change(rgb, mask, change).rgb for change in kinds)]


def test_no_seams_at_any_height_of_the_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result of the whole at once, which a band of all pixels is, and of bands of a few rows: the same."""
    rng = np.random.default_rng(0)
    rgb = cv2.resize(rng.integers(0, 255, (30, 40, 3), np.uint8), (1200, 900), interpolation=cv2.INTER_CUBIC)
    mask = cv2.resize(rng.integers(0, 2, (9, 12), np.uint8) * 255, (1200, 900), interpolation=cv2.INTER_LINEAR)
    monkeypatch.setattr(banding, "_PIXELS", rgb.size)
    whole = _changes(rgb, mask)
    for rows in (1, 7, 100):
        monkeypatch.setattr(banding, "_PIXELS", 1200 * rows)
        for one, other in zip(whole, _changes(rgb, mask), strict=True):
            assert np.abs(one.astype(int) - other).max() <= 1
            assert (one != other).mean() < 1e-3


@pytest.mark.parametrize("size", [(3, 40_000), (40_000, 3)])
def test_longer_than_remap_takes(size: tuple[int, int]) -> None:
    rgb, mask = np.full((*size, 3), 120, np.uint8), np.full(size, 255, np.uint8)
    for change in (Change("darken"), Change("colour", NamedColour("blue", (30, 60, 200)))):
        out = apply_change(rgb, mask, change).rgb
        assert (out == out[0, 0]).all() and (out != rgb).any()

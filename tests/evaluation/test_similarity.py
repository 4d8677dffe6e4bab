from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn import flower
from lbie.evaluation.similarity import colourfulness, psnr, similarity_figures, ssim


@pytest.fixture(scope="module")
def true() -> np.ndarray:
    return np.stack([flower(c, i) for i, c in enumerate(("red", "blue", "yellow"))])


def gray(pictures: np.ndarray) -> np.ndarray:
    return np.stack([np.array(Image.fromarray(p).convert("L").convert("RGB")) for p in pictures])


def test_truth_is_perfect(true: np.ndarray) -> None:
    assert np.isinf(psnr(true, true)).all()
    assert ssim(true, true) == pytest.approx(1, abs=1e-5)
    figures = similarity_figures(true, true)
    assert figures["psnr"] is None
    assert figures["ssim"]["value"] == figures["colourfulness_ratio"]["value"] == 1


def test_psnr_by_hand() -> None:
    black = np.zeros((2, 16, 16, 3), np.uint8)
    off = black.copy()
    off[0] += 1  # squared error 1
    off[1, :8] += 10  # squared error 50
    assert psnr(off, black) == pytest.approx([20 * np.log10(255), 10 * np.log10(255**2 / 50)], rel=1e-5)


def test_worse_pictures_are_less_alike(true: np.ndarray) -> None:
    blurred = [np.stack([cv2.GaussianBlur(p, (0, 0), s) for p in true]) for s in (0.8, 1.6, 3.2)]
    for measure in (psnr, ssim):
        values = np.array([measure(b, true) for b in blurred])
        assert (np.diff(values, axis=0) < 0).all()


def test_batches_do_not_matter(true: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = psnr(gray(true), true), ssim(gray(true), true)
    monkeypatch.setattr("lbie.evaluation.similarity._BATCH", 2)
    assert psnr(gray(true), true) == pytest.approx(whole[0])
    assert ssim(gray(true), true) == pytest.approx(whole[1])


def test_gray_has_no_colour(true: np.ndarray) -> None:
    assert colourfulness(gray(true)) == pytest.approx(0, abs=1e-9)
    assert similarity_figures(gray(true), true)["colourfulness_ratio"] == {"value": 0, "low": 0, "high": 0}


@settings(max_examples=30, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(0, 9))
def test_colourfulness_by_hand(rgb: tuple[int, int, int], seed: int) -> None:
    red, green, blue = rgb
    flat = np.full((1, 4, 4, 3), rgb, np.uint8)
    assert colourfulness(flat)[0] == pytest.approx(0.3 * np.hypot(red - green, (red + green) / 2 - blue))
    noise = np.random.default_rng(seed).integers(0, 256, (1, 6, 6, 3), np.uint8)
    shuffled = np.random.default_rng(seed).permutation(noise.reshape(1, 36, 3), axis=1).reshape(noise.shape)
    assert colourfulness(shuffled) == pytest.approx(colourfulness(noise))
    assert colourfulness(noise // 2) < colourfulness(noise)

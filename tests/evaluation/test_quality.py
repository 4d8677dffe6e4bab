from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from lbie.evaluation.quality import fid, imagenet_features, kid, quality_figures


def features(count: int, seed: int, mean: float = 0, spread: float = 1) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(mean, spread, (count, 320)).astype(np.float32))


def test_fid_by_the_formula() -> None:
    one, other = features(400, 0), features(400, 1, 0.3, 1.2)
    means, covariances = (
        [x.double().mean(0).numpy() for x in (one, other)],
        [np.cov(x.double().numpy().T) for x in (one, other)],
    )
    cross = np.trace(sqrtm(covariances[0] @ covariances[1]).real)
    wanted = np.sum((means[0] - means[1]) ** 2) + np.trace(covariances[0] + covariances[1]) - 2 * cross
    assert fid(one, other) == pytest.approx(wanted, rel=1e-3)


def test_kid_by_the_formula() -> None:
    one, other = features(40, 0), features(40, 1, 0.5)
    kernel = [(a @ b.T / 320 + 1).double() ** 3 for a, b in ((one, one), (other, other), (one, other))]
    within = sum((k.sum() - k.diagonal().sum()) / (40 * 39) for k in kernel[:2])
    assert kid(one, other) == pytest.approx(float(within - 2 * kernel[2].mean()), rel=1e-3)


def test_figures_of_perfect_and_of_poor_pictures() -> None:
    true = features(60, 0)
    perfect = quality_figures(true, true, true + 1)
    assert perfect is not None and perfect["photos_a_half"] == 30
    assert perfect["fid"]["own_over_true"] == {"value": 1, "low": 1, "high": 1}
    assert abs(perfect["kid"]["own_over_gray"]["value"]) < 0.1
    poor = quality_figures(true, true + 0.5, true + 1)
    assert poor is not None
    for key in ("fid", "kid"):
        assert poor[key]["true_photos"]["value"] < poor[key]["own_caption"]["value"] < poor[key]["gray"]["value"]
    assert quality_figures(true, true, true + 1) == perfect  # a function of the seed
    assert quality_figures(true[:3], true[:3], true[:3]) is None


def test_imagenet_features() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    found = imagenet_features(pictures, "noise")
    assert found.shape == (2, 320) and found.isfinite().all() and found.std() > 0
    assert torch.allclose(found[1:], imagenet_features(pictures[1:], "noise"), atol=1e-3)

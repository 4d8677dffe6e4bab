"""FID and KID: whether pictures as a whole look like true photos to a network that knows ImageNet."""

from __future__ import annotations

import warnings
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance
from tqdm import tqdm

from lbie.model.efficientnet_lite import OUT_CHANNELS, EfficientNetLite0

HALVINGS = 10
"""Random ways to halve the photos: figures are the mean over them, intervals their 95 % range (half-sampling)."""
_SIDE, _BATCH = 224, 32
"""Pixels at which the network was trained on ImageNet."""


class Given(nn.Module):
    """Stands in for the network of a torchmetrics distance: features go in, so that each photo is read once."""

    num_features = OUT_CHANNELS[-1]

    def forward(self, features: Tensor) -> Tensor:
        """(B, F) to (B, F)."""
        return features


@torch.inference_mode()
def imagenet_features(pictures: np.ndarray, label: str) -> Tensor:
    """Pooled features of the last stage of EfficientNet-Lite0 with ImageNet weights.

    Args:
        pictures: (N, H, W, 3) uint8, square.
        label: of the progress bar.

    Returns:
        (N, 320) float32.
    """
    network = EfficientNetLite0()
    network.load_imagenet()
    network.eval()
    parts = []
    for start in tqdm(range(0, len(pictures), _BATCH), desc=f"features of {label}"):
        large = np.stack([cv2.resize(p, (_SIDE, _SIDE)) for p in pictures[start : start + _BATCH]])
        unit = (torch.from_numpy(large).permute(0, 3, 1, 2).float() - 127) / 128  # as the weights were trained
        parts.append(network(unit)[-1].mean((2, 3)))
    return torch.cat(parts)


def fid(real: Tensor, made: Tensor) -> float:
    """Frechet distance (Heusel et al. 2017) between two sets of features, (N, 320) each, at least two of each."""
    return _distance(FrechetInceptionDistance(Given()), real, made)[0]


def kid(real: Tensor, made: Tensor) -> float:
    """Kernel distance (Binkowski et al. 2018) between two sets of features, (N, 320) each, of the same size.

    All features at once instead of the mean over random subsets: unbiased, may be a little below 0.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that it keeps the features: there are few
        return _distance(KernelInceptionDistance(Given(), subsets=1, subset_size=len(real)), real, made)[0]


def _distance(
    metric: FrechetInceptionDistance | KernelInceptionDistance, real: Tensor, made: Tensor
) -> tuple[float, ...]:
    metric.update(real.double(), real=True)  # doubles: torchmetrics shuffles, and sums depend on the order
    metric.update(made.double(), real=False)
    found = metric.compute()
    return tuple(float(x) for x in (found if isinstance(found, tuple) else (found,)))


def quality_figures(true: Tensor, own: Tensor, gray: Tensor, seed: int = 0) -> dict[str, Any] | None:
    """FID and KID of pictures to the true photos, beside those of other true photos and of gray ones.

    Every figure compares a random half of the true photos with the other half, as it is, coloured by the model, or
    gray: equal numbers, and no photo against a picture of itself, which would flatter both distances.

    Args:
        true: (N, 320) features of the true photos.
        own: likewise of the model's pictures of the same photos.
        gray: likewise of the gray photos.
        seed: of the halves.

    Returns:
        Figures; None where there are fewer than four photos.
    """
    size = len(true) // 2
    if size < 2:
        return None
    rng, found = np.random.default_rng(seed), []
    for _ in tqdm(range(HALVINGS), desc="FID and KID"):
        order = rng.permutation(len(true))
        one, other = order[:size], order[size : 2 * size]
        made = [features[other] for features in (true, own, gray)]
        found.append([[measure(true[one], m) for m in made] for measure in (fid, kid)])
    values = np.array(found)  # (HALVINGS, 2, 3)
    figures: dict[str, Any] = {"photos_a_half": size, "halvings": HALVINGS}
    for i, key in enumerate(("fid", "kid")):
        figures[key] = {
            name: _range(values[:, i, j], None) for j, name in enumerate(("true_photos", "own_caption", "gray"))
        }
    figures["fid"]["own_over_true"] = _range(values[:, 0, 1], values[:, 0, 0])
    figures["kid"]["own_over_gray"] = _range(values[:, 1, 1], values[:, 1, 2])
    return figures


def _range(above: np.ndarray, below: np.ndarray | None) -> dict[str, float]:
    """Mean, or ratio of means, with the 95 % range over the halvings, (HALVINGS,) each."""
    below = np.ones_like(above) if below is None else below
    low, high = np.percentile(above / below, (2.5, 97.5))
    value = above.mean() / below.mean()
    return {"value": round(float(value), 6), "low": round(float(low), 6), "high": round(float(high), 6)}

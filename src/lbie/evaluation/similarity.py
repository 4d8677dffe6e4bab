"""How much finished pictures resemble the true photos: PSNR, SSIM, colourfulness."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lbie.evaluation.report import interval

_BATCH = 128


def psnr(pictures: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture over its three sRGB channels, in dB (torchmetrics).

    Args:
        pictures: (N, H, W, 3) uint8.
        truth: likewise.

    Returns:
        (N,) float32; infinite where a picture equals its truth.
    """
    from torchmetrics.functional.image import peak_signal_noise_ratio

    return np.concatenate(
        [
            peak_signal_noise_ratio(a, b, data_range=(0.0, 255.0), reduction="none", dim=(1, 2, 3)).numpy()
            for a, b in _batches(pictures, truth)
        ]
    )


def ssim(pictures: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Structural similarity of each picture (Wang et al. 2004), the mean over its sRGB channels (torchmetrics).

    The window is the published Gaussian, 11 pixels wide, sigma 1.5.

    Args:
        pictures: (N, H, W, 3) uint8, H and W at least 11.
        truth: likewise.

    Returns:
        (N,) float32, at most 1.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    parts = []
    for a, b in _batches(pictures, truth):
        part = structural_similarity_index_measure(a, b, data_range=255.0, reduction="none")
        assert isinstance(part, Tensor)  # a tuple only where the full map is asked for
        parts.append(part.numpy())
    return np.concatenate(parts)


def colourfulness(pictures: np.ndarray) -> np.ndarray:
    """Colourfulness M of each picture (Hasler and Suesstrunk 2003): 0 is gray, about 60 is colourful.

    Args:
        pictures: (N, H, W, 3) uint8.

    Returns:
        (N,) float64: the spread of the opponent channels R - G and (R + G) / 2 - B, plus .3 of their mean's length.
    """
    found = np.empty(len(pictures))
    for i, picture in enumerate(pictures):
        red, green, blue = picture.astype(float).reshape(-1, 3).T
        opponent = np.stack([red - green, (red + green) / 2 - blue])
        found[i] = np.hypot(*opponent.std(1)) + 0.3 * np.hypot(*opponent.mean(1))
    return found


def similarity_figures(pictures: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """`psnr` (None where infinite), `ssim`, `colourfulness` and `colourfulness_ratio`, with intervals.

    The ratio is that of the mean colourfulness of the pictures to that of the true photos.

    Args:
        pictures: (N, H, W, 3) uint8.
        truth: likewise, the true photos.
    """
    noise, colour = psnr(pictures, truth), colourfulness(pictures)
    return {
        "psnr": interval(noise) if np.isfinite(noise).all() else None,
        "ssim": interval(ssim(pictures, truth)),
        "colourfulness": interval(colour),
        "colourfulness_ratio": interval(colour, colourfulness(truth)),
    }


def _batches(*pictures: np.ndarray) -> list[tuple[Tensor, ...]]:
    """(N, H, W, 3) uint8 arrays side by side as batches (B, 3, H, W) float32."""
    return [
        tuple(torch.from_numpy(np.array(p[i : i + _BATCH])).permute(0, 3, 1, 2).float() for p in pictures)
        for i in range(0, len(pictures[0]), _BATCH)
    ]

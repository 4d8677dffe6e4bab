"""Colorization: the ab plane of Lab from the lightness and a description."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.colour.lab import AB_SCALE
from lbie.model.editing_model import EditOutput

CONTROL_SENTENCE = "The flower is {} in color."
"""The sentence of the paper's second figure, with which colour control is measured."""
LAPLACE_SCALE = 0.05
"""Scale b of the Laplace likelihood exp(-|error| / b) of the marginal estimator, in units of the output."""


@dataclass(frozen=True)
class ColorizeBatch:
    """Training examples."""

    image: Tensor
    """(B, 1, H, W) lightness in [-1, 1]."""
    ids: Tensor
    """(B, N) int64 word ids, 0 where there is no word."""
    ab: Tensor
    """(B, 2, h, w) target ab / 100, at the decoder's resolution."""


def pad_ids(rows: list[tuple[int, ...]]) -> Tensor:
    """Word ids of several descriptions to one (B, N) tensor, padded with 0."""
    out = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row)
    return out


def colorize_loss(out: EditOutput, ab: Tensor, saturation: float) -> Tensor:
    """L1 over ab, heavier where the true colour is saturated; adversarial terms would be added beside it.

    Args:
        out: the model's output; ab (B, 2, h, w), or (B, T, 2, h, w) with the marginal estimator.
        ab: (B, 2, h, w) target.
        saturation: extra weight of a pixel of chroma 50.

    Returns:
        A scalar. With the marginal estimator, -log of the likelihood summed over the stopping step, times the
        Laplace scale (so that both estimators have the same unit).
    """
    weight = 1 + saturation * (ab.norm(dim=1) * AB_SCALE / 50).clamp(max=2)  # (B, h, w)
    if out.output.ndim == 4:
        return ((out.output - ab).abs().mean(1) * weight).mean()
    assert out.trace.log_stop is not None
    error = (out.output - ab[:, None]).abs().mean(2) * weight[:, None]  # (B, T, h, w)
    log_stop = out.trace.log_stop  # (B, T, H, W)
    error = F.adaptive_avg_pool2d(error, (log_stop.shape[-2], log_stop.shape[-1]))  # (B, T, H, W)
    return -LAPLACE_SCALE * torch.logsumexp(log_stop - error / LAPLACE_SCALE, 1).mean()

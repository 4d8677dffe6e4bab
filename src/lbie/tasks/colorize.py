"""Colorization: the ab plane of Lab from the lightness and a description."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.colour.lab import AB_SCALE
from lbie.model.editing_model import EditOutput
from lbie.tasks.stopping import stopping_loss

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
    flowers: Tensor | None = None
    """(B, 1, h, w) in [0, 1]: what the sentence speaks of; below 0 where it is not known. None: nowhere known."""
    parts: Tensor | None = None
    """(B, h, w) int64: the part of the main flower, of those of `Palette`; -1 elsewhere. None: nowhere known."""
    emphasis: Tensor | None = None
    """(B, h, w): by what the weight of a pixel is multiplied; None for 1 throughout."""
    hints: Tensor | None = None
    """(B, 3, H, W) as `HintEncoder` takes them, ab / 100; None where there are none."""

    @property
    def image_of(self) -> None:
        """Each photo has one sentence."""


def matte_loss(out: EditOutput, flowers: Tensor) -> Tensor:
    """Binary cross-entropy of the matte where it is known what the sentence speaks of.

    Args:
        out: the model's output, with what is behind: (B, C + 1, h, w).
        flowers: (B, 1, h, w) in [0, 1], below 0 where it is not known.

    Returns:
        A scalar, 0 where nothing is known.
    """
    assert out.behind is not None
    known = (flowers >= 0).to(flowers.dtype)
    each = F.binary_cross_entropy_with_logits(out.behind[:, -1:], flowers.clamp(min=0), weight=known, reduction="sum")
    return each / known.sum().clamp(min=1)


def palette_loss(out: EditOutput, ab: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
    """How well the model knows where the parts are, and what colours the words give them.

    Args:
        out: the output of a model with a palette.
        ab: (B, 2, h, w) target.
        parts: (B, h, w) int64, -1 where they are not known.

    Returns:
        Cross-entropy of the parts, and L1 of the painted colours where their part is told: two scalars, 0 where
        nothing is known.
    """
    assert out.parts is not None and out.told is not None and out.painted is not None
    known = (parts >= 0).to(ab.dtype)  # (B, h, w)
    each = F.cross_entropy(out.parts, parts, ignore_index=-1, reduction="sum") / known.sum().clamp(min=1)
    told = torch.einsum("bphw,bp->bhw", out.parts.softmax(1), out.told.logit.sigmoid()).detach() * known  # (B, h, w)
    error = (out.painted - ab).abs().mean(1)
    return each, (error * told).sum() / told.sum().clamp(min=1)


def colorize_loss(out: EditOutput, ab: Tensor, saturation: float, emphasis: Tensor | None = None) -> Tensor:
    """L1 over ab, heavier where the true colour is saturated; adversarial terms would be added beside it.

    Args:
        out: the model's output: ab (B, 2, h, w); with the marginal estimator the readout too.
        ab: (B, 2, h, w) target.
        saturation: extra weight of a pixel of chroma 50.
        emphasis: (B, h, w) further weights, or None.

    Returns:
        A scalar. With the marginal estimator, plus -log of the likelihood of each region's mean colour, summed over
        its stopping step, times the Laplace scale (so that both have the same unit).
    """
    weight = 1 + saturation * (ab.norm(dim=1) * AB_SCALE / 50).clamp(max=2)  # (B, h, w)
    if emphasis is not None:
        weight = weight * emphasis
    pixels = ((out.output - ab).abs().mean(1) * weight).mean()
    if out.readout is None or out.trace.log_stop is None:
        return pixels
    size = (out.readout.shape[-2], out.readout.shape[-1])
    colour, weight = F.adaptive_avg_pool2d(ab, size), F.adaptive_avg_pool2d(weight, size)
    error = (out.readout - colour[:, None]).abs().mean(2) * weight[:, None]  # (B, T, H, W)
    even = torch.ones_like(weight)
    return pixels + LAPLACE_SCALE * stopping_loss(error / LAPLACE_SCALE, even, out.trace.log_stop, None)

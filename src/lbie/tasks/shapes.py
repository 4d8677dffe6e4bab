"""Colouring shapes: a class for each pixel, from a drawing and sentences."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.data.cosal.shapes import BACKGROUND
from lbie.model.editing_model import EditOutput
from lbie.tasks.stopping import stopping_loss

SHAPE_WEIGHT = 10.0
"""Weight of a pixel of a shape in the loss; the background's is 1 (release)."""


@dataclass(frozen=True)
class ShapesBatch:
    """Training examples."""

    image: Tensor
    """(B, 1, H, W): 1 paper, -1 ink."""
    ids: Tensor
    """(B, S, L) int64 word ids of the sentences, 0 where there is no word."""
    classes: Tensor
    """(B, H, W) int64, below `CLASSES`."""
    told_by: Tensor
    """(B, H, W) int64: the sentence, of S, that tells a shape's colour; S where none does, -1 for paper."""
    source: Tensor
    """(B, H, W) int64: the cell, of 9, of the shape whose colour a shape takes by reference; -1 elsewhere."""

    @property
    def hints(self) -> None:
        """Drawings take no colour hints."""

    @property
    def image_of(self) -> None:
        """Each drawing has one description."""


def shapes_loss(out: EditOutput, classes: Tensor, price: float | None = None) -> Tensor:
    """Cross-entropy over pixels, those of shapes weighted `SHAPE_WEIGHT`.

    Args:
        out: the model's output: logits (B, C, H, W); with the readout, unless the estimator is Gumbel's.
        classes: (B, H, W) int64 target.
        price: of a step, with the posterior estimator; else None.

    Returns:
        A scalar. With a readout, plus `stopping_loss`.
    """
    weight = torch.where(classes == BACKGROUND, 1.0, SHAPE_WEIGHT)  # (B, H, W)
    pixels = (F.cross_entropy(out.output, classes, reduction="none") * weight).sum() / weight.sum()
    if out.readout is None or out.trace.log_stop is None:
        return pixels
    size = (out.readout.shape[-2], out.readout.shape[-1])
    labels = F.one_hot(classes, out.output.shape[1]) * weight.unsqueeze(-1)  # (B, H, W, C)
    labels = F.adaptive_avg_pool2d(labels.permute(0, 3, 1, 2), size)  # (B, C, h, w)
    total = labels.sum(1)  # (B, h, w)
    error = -(out.readout.log_softmax(2) * (labels / total[:, None])[:, None]).sum(2)  # (B, T, h, w)
    return pixels + stopping_loss(error, total, out.trace.log_stop, price)


def guidance_loss(out: EditOutput, told_by: Tensor, source: Tensor) -> Tensor:
    """How far regions are from reading the sentence that tells them, and from looking up the shape it refers to.

    Args:
        out: the model's output in training mode.
        told_by: (B, H, W), as in `ShapesBatch`.
        source: likewise.

    Returns:
        A scalar: -log of the attention that the right one gets, averaged over the T steps of the regions that have
        one; 0 where nothing is guided.
    """
    size = (out.trace.stop_step.shape[1], out.trace.stop_step.shape[2])
    loss = out.output.new_zeros(())
    sentences = out.trace.sentences
    if sentences is not None:
        sentences = torch.cat([sentences, 1 - sentences.sum(-1, keepdim=True)], -1)  # the last: nothing
    for attention, target in ((sentences, told_by), (out.trace.found, source)):
        if attention is None or not (target >= 0).any():
            continue
        wanted = F.one_hot(target.to(out.output.device) + 1, attention.shape[-1] + 1)[..., 1:].float()  # (B, H, W, C)
        wanted = F.adaptive_avg_pool2d(wanted.permute(0, 3, 1, 2), size).flatten(2).transpose(1, 2)  # (B, h * w, C)
        right = attention.clamp(min=1e-6).log().mean(1)  # (B, h * w, C)
        loss = loss - (wanted * right).sum() / wanted.sum()
    return loss

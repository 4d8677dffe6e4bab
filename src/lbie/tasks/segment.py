"""Segmentation by language: where in a photo is what a phrase names, and is it there at all."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.model.editing_model import EditOutput
from lbie.tasks.stopping import stopping_loss

_SMOOTH = 1.0
"""Pixels added to both sides of the overlap: no phrase divides by nothing."""


@dataclass(frozen=True)
class SegmentBatch:
    """Training examples: B photos, and P phrases of them."""

    image: Tensor
    """(B, 3, H, W) RGB in [-1, 1]."""
    ids: Tensor
    """(P, N) int64 word ids, 0 where there is no word."""
    image_of: Tensor
    """(P,) int64, below B: the photo that each phrase is of."""
    mask: Tensor
    """(P, 1, h, w) float in [0, 1], at the decoder's resolution: the share of a pixel that the phrase names."""
    present: Tensor
    """(P,) bool: whether the phrase names something."""
    kinds: Tensor
    """(B, K, h', w') float, at the regions' resolution: the share of each kind in a region, the first for none of them;
    sums to 1 over K."""
    unlisted: Tensor
    """(B, K) bool: kinds of which things may be in the photo without being listed: what is none may be one of them."""

    boxes: Tensor
    """(B, 6, h', w') float, at the regions' resolution: box and area of the thing that most of a region shows, as
    `BOX_VALUES`, and what the region counts in their loss, 0 where there is none."""

    @property
    def hints(self) -> None:
        """Masks take no colour hints."""


@dataclass(frozen=True)
class LossWeights:
    """What each part of the loss counts; see `SegmentOptions`."""

    overlap: float
    absent: float
    category: float
    boxes: float
    presence: float
    stopping: float
    price: float | None
    """Of a step, with the posterior estimator; else None."""


def segment_loss(out: EditOutput, batch: SegmentBatch, weights: LossWeights) -> Tensor:
    """Cross-entropy of pixels, overlap of masks, kinds of things, presence, and the stopping of regions.

    Args:
        out: the model's output in training mode: logits (P, 1, h, w); with the readout, unless the estimator is
            Gumbel's.
        batch: the examples, on the same device.
        weights: of the parts; that of the pixels' cross-entropy is 1.

    Returns:
        A scalar.
    """
    present = batch.present.to(batch.mask.dtype)  # (P,)
    counts = present + weights.absent * (1 - present)
    pixels = F.binary_cross_entropy_with_logits(out.output, batch.mask, reduction="none").mean((1, 2, 3))
    loss = (pixels * counts).sum() / counts.sum()
    loss = loss + weights.overlap * (overlap_loss(out.output, batch.mask) * present).sum() / present.sum().clamp(min=1)
    if out.categories is not None:
        loss = loss + weights.category * kinds_loss(out.categories, batch.kinds, batch.unlisted)
    if out.boxes is not None:
        loss = loss + weights.boxes * boxes_loss(out.boxes, batch.boxes)
    if out.presence is not None:
        loss = loss + weights.presence * F.binary_cross_entropy_with_logits(out.presence, present)
    if out.readout is not None and out.trace.log_stop is not None:
        size = (out.readout.shape[-2], out.readout.shape[-1])
        share = F.adaptive_avg_pool2d(batch.mask, size)[:, None].expand_as(out.readout)  # (P, T, 1, h', w')
        error = F.binary_cross_entropy_with_logits(out.readout, share, reduction="none").squeeze(2)
        even = counts.view(-1, 1, 1).expand(-1, *size)
        loss = loss + weights.stopping * stopping_loss(error, even, out.trace.log_stop, weights.price)
    return loss


def overlap_loss(logits: Tensor, mask: Tensor) -> Tensor:
    """1 - soft Dice of each mask: logits and masks (P, 1, h, w) to (P,) in [0, 1]."""
    probability = logits.sigmoid()
    both, sizes = (probability * mask).sum((1, 2, 3)), (probability + mask).sum((1, 2, 3))
    return 1 - (2 * both + _SMOOTH) / (sizes + _SMOOTH)


def kinds_loss(logits: Tensor, shares: Tensor, unlisted: Tensor) -> Tensor:
    """Cross-entropy of the kinds of things in regions.

    Args:
        logits: (B, K, h, w).
        shares: (B, K, h, w), sums to 1 over K, the first for none.
        unlisted: (B, K) bool: what the photo may show without its being listed. Of a region of none it is only known
            that it is none or one of these.

    Returns:
        A scalar, the mean over the regions.
    """
    log_p = logits.log_softmax(1)
    allowed = unlisted.clone()
    allowed[:, 0] = True
    low = torch.finfo(log_p.dtype).min / 2
    none = torch.logsumexp(log_p.masked_fill(~allowed[..., None, None], low), 1)  # (B, h, w)
    return -((shares[:, 1:] * log_p[:, 1:]).sum(1) + shares[:, 0] * none).mean()


def boxes_loss(boxes: Tensor, wanted: Tensor) -> Tensor:
    """1 - generalised IoU of boxes, and a tenth of how far off the logs of the areas are.

    Source: Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.

    Args:
        boxes: (B, 5, h, w).
        wanted: (B, 6, h, w), the last of them the weights.

    Returns:
        A scalar, the weighted mean over the regions.
    """
    left, top, right, bottom, area = boxes.unbind(1)
    left_w, top_w, right_w, bottom_w, area_w, weight = wanted.unbind(1)
    own, other = (right - left) * (bottom - top), (right_w - left_w) * (bottom_w - top_w)
    across = (torch.minimum(right, right_w) - torch.maximum(left, left_w)).clamp(min=0)
    both = across * (torch.minimum(bottom, bottom_w) - torch.maximum(top, top_w)).clamp(min=0)
    union = own + other - both
    hull = (torch.maximum(right, right_w) - torch.minimum(left, left_w)) * (
        torch.maximum(bottom, bottom_w) - torch.minimum(top, top_w)
    )
    eps = torch.finfo(union.dtype).eps
    giou = both / union.clamp(min=eps) - (hull - union) / hull.clamp(min=eps)
    each = 1 - giou + 0.1 * (area - area_w).abs()
    return (each * weight).sum() / weight.sum().clamp(min=1)

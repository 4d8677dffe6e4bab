"""Small layers of the fusion."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def layers(width: int, count: int) -> nn.Module:
    """Vectors to vectors. A layer in between can tell a pair of things (above, circle) from either of them."""
    if count == 1:
        return nn.Linear(width, width)
    between = [nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width)]
    return nn.Sequential(*between, nn.LayerNorm(width, elementwise_affine=False))


def fact_weights(width: int, facts: int) -> nn.Module:
    """Language vectors to how much each fact counts; nothing counts at first."""
    last = nn.Linear(2 * width, facts)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), last)


def one_question(scores: Tensor, nothing: Tensor | None = None) -> Tensor:
    """Scores (B, K, C, Q) of C candidates to attention (B, K, C): one question that fits is enough.

    With a score of `nothing`, which is the same to all regions, that gets the rest of the attention.
    """
    if nothing is None and scores.shape[3] == 1:
        return scores.flatten(2).softmax(-1)
    if nothing is None:
        return scores.flatten(2).softmax(-1).view(scores.shape).sum(-1)
    all_scores = torch.cat([scores.flatten(2), nothing.expand(*scores.shape[:2], 1)], -1)  # (B, K, C * Q + 1)
    return all_scores.softmax(-1)[..., :-1].reshape(scores.shape).sum(-1)


def low_where_not(there: Tensor, dtype: torch.dtype) -> Tensor:
    """0 where something is there, else so low that it gets no attention."""
    none = torch.zeros((), dtype=dtype, device=there.device)
    return torch.where(there, none, none + torch.finfo(dtype).min / 2)

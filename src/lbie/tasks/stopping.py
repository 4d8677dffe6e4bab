"""Learning at which step a region stops, from what each of its states says of the truth."""

from __future__ import annotations

import math

import torch
from torch import Tensor

GATE_WEIGHT = 0.1
"""Posterior estimator: weight of the gates' own loss, which reaches the states too."""


def stopping_loss(error: Tensor, weight: Tensor, log_stop: Tensor, price: float | None) -> Tensor:
    """-log of the likelihood of each region's truth, summed over its stopping step.

    Without a price the gates learn from that likelihood alone (the marginal estimator; release). A gate that has become
    sure to go on then hardly learns, however many later steps are as good. With one (the posterior estimator) states
    learn as if every step was as likely, so that those after the best step stay good, and gates are taught the
    posterior of the stopping step, under which a step more has to be worth its price.

    Args:
        error: (B, T, h, w): -log likelihood of the truth given the state after each step.
        weight: (B, h, w) of each region.
        log_stop: (B, T, h, w): log-probability of stopping at each step.
        price: how much lower the error has to become, in nats, to go on for a step; above 0.

    Returns:
        A scalar.
    """
    if price is None:
        loss = -torch.logsumexp(log_stop - error, 1)  # (B, h, w)
    else:
        loss = math.log(error.shape[1]) - torch.logsumexp(-error, 1)  # (B, h, w)
        steps = torch.arange(error.shape[1], device=error.device).view(1, -1, 1, 1)
        best = (-error.detach() / price - steps).softmax(1)  # (B, T, h, w)
        loss = loss - GATE_WEIGHT * (best * log_stop).sum(1)
    return (loss * weight).sum() / weight.sum()

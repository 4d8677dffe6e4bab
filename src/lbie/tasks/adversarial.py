"""Hinge losses of a discriminator and of what tries to convince it.

Source: Lim and Ye 2017, Miyato et al., ICLR 2018; photos with another photo's description as fakes: Reed et al., 2016.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def discriminator_loss(true: Tensor, fake: Tensor, mismatched: Tensor) -> Tensor:
    """Hinge over logits of any shape: true photos with their descriptions above 1, the rest below -1.

    Args:
        true: logits of true photos with their own descriptions.
        fake: logits of coloured photos with the descriptions that they were coloured by.
        mismatched: logits of true photos with other photos' descriptions.

    Returns:
        A scalar; the two kinds of fakes count half each.
    """
    return F.relu(1 - true).mean() + (F.relu(1 + fake).mean() + F.relu(1 + mismatched).mean()) / 2


def generator_loss(fake: Tensor) -> Tensor:
    """-mean of the logits that a discriminator gives to what was coloured."""
    return -fake.mean()

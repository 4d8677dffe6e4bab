"""Word ids that stand for the colours of a description."""

from __future__ import annotations

import torch
from torch import Tensor

from lbie.language.vocabulary import FIRST_COLOUR


def numbers_of(ids: Tensor, colours: int) -> Tensor:
    """The colour that each word id stands for, from 0, and -1 for none; of the same shape."""
    number = ids - FIRST_COLOUR
    return torch.where((number >= 0) & (number < colours), number, -1)


def renumbered(ids: Tensor, order: Tensor) -> Tensor:
    """Word ids (B, ...) with the colours of each description under other numbers: n is now `order[b, n]`, (B, C)."""
    number = numbers_of(ids, order.shape[1])
    moved = order.gather(1, number.flatten(1).clamp(min=0)).view_as(ids)
    return torch.where(number >= 0, moved + FIRST_COLOUR, ids)

"""Word ids of several descriptions as one tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lbie.language import padding


def pad_ids(rows: Sequence[tuple[int, ...]]) -> Tensor:
    """As `lbie.language.padding.pad_ids`."""
    return torch.from_numpy(padding.pad_ids(rows))


def pad_sentences(rows: Sequence[Sequence[tuple[int, ...]]]) -> Tensor:
    """As `lbie.language.padding.pad_sentences`."""
    return torch.from_numpy(padding.pad_sentences(rows))

"""Some rows of each of several lists."""

from __future__ import annotations

import torch
from torch import Tensor


def _flat(index: Tensor, count: int) -> Tensor:
    """Index (B, K) into the rows of each of B lists of `count` to an index (B * K) into all rows."""
    return (index + torch.arange(index.shape[0], device=index.device)[:, None] * count).flatten()


def gather(rows: Tensor, index: Tensor) -> Tensor:
    """Rows (B, R, D) at index (B, K) to (B, K, D)."""
    flat = _flat(index, rows.shape[1])
    return rows.flatten(0, 1).index_select(0, flat).view(*index.shape, rows.shape[-1])


def put(rows: Tensor, index: Tensor, new: Tensor) -> Tensor:
    """Rows (B, R, D) with `new` (B, K, D) at index (B, K)."""
    flat = _flat(index, rows.shape[1])
    return rows.flatten(0, 1).index_copy(0, flat, new.flatten(0, 1)).view_as(rows)

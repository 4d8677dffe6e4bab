"""Maps of a panorama, whose left and right side touch: columns of the other side are put on either and taken off."""

from __future__ import annotations

import torch
from torch import Tensor

MARGIN = 128
"""Columns of an image that the encoder sees beyond either side: a multiple of what any encoder takes."""
REGIONS = 4
"""Regions that a decoder sees beyond either side: more than any pixel of it depends on."""


def wrapped(maps: Tensor, columns: int) -> Tensor:
    """(..., W) to (..., W + 2 columns)."""
    width, device = maps.shape[-1], maps.device
    places = torch.arange(-columns, width + columns, device=device)
    return maps.index_select(-1, places.remainder(torch.scalar_tensor(width, dtype=places.dtype, device=device)))


def unwrapped(maps: Tensor, columns: int) -> Tensor:
    """(..., W + 2 columns) to (..., W)."""
    return maps[..., columns : maps.shape[-1] - columns]

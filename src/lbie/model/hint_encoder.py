"""Colour hints: a few points of the image and the colours that they should get."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig

_DILATIONS = (1, 2, 4)
"""Of the convolutions by which a hint reaches the regions around: 15 regions each way."""


class HintEncoder(nn.Module):
    """What hints add to the regions, from where they are and what the regions show there and around."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels, width = config.out_channels + 1, config.width
        self.first = nn.Conv2d(width + channels, width // 2, 1)
        self.spread = nn.ModuleList(nn.Conv2d(width // 2, width // 2, 3, 1, d, dilation=d) for d in _DILATIONS)
        self.last = nn.Conv2d(width // 2, width, 1)
        nn.init.zeros_(self.last.weight)

    def forward(self, regions: Tensor, hints: Tensor) -> Tensor:
        """Regions that know the hints.

        Args:
            regions: (B, D, H, W).
            hints: (B, out_channels + 1, H, W): the output asked for in a region, zero where none is, and 1 where one
                is; an image without hints keeps its regions.

        Returns:
            (B, D, H, W).
        """
        x = F.relu(self.first(torch.cat([regions, hints], 1)))
        for layer in self.spread:
            x = x + F.relu(layer(x))
        told = (hints[:, -1:].amax((2, 3), keepdim=True) > 0).to(regions.dtype)
        return regions + told * self.last(x)

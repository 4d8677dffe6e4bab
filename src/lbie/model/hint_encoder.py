"""Colour hints: a few points of the image and the colours that they should get."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig


class HintEncoder(nn.Module):
    """Regions attend over the hints, by what they and the hinted regions show and how far apart they are."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, self.size = config.width, config.width // 2
        self.query, self.key = nn.Conv2d(width, self.size, 1), nn.Conv2d(width, self.size, 1)
        self.colour = nn.Linear(config.out_channels, width)
        self.message = nn.Sequential(nn.Conv2d(2 * width, width, 1), nn.ReLU(), nn.Conv2d(width, width, 1))
        self.nearness = nn.Parameter(torch.tensor(2.0))
        """By how much the score of a hint falls over the longer side of the image."""
        self.nothing = nn.Parameter(torch.tensor(-1.0))
        """Score of attending to no hint."""

    def forward(self, regions: Tensor, hints: Tensor) -> Tensor:
        """Regions that know the hints.

        Args:
            regions: (B, D, H, W).
            hints: (B, out_channels + 1, H, W): the output asked for in a region, zero where none is, and 1 where one
                is; an image without hints keeps its regions.

        Returns:
            (B, D, H, W).
        """
        there = hints[:, -1].flatten(1) > 0  # (B, R)
        query, key = self.query(regions).flatten(2), self.key(regions).flatten(2)  # (B, D / 2, R)
        scores = query.transpose(1, 2) @ key * self.size**-0.5 - self.nearness * self._distances(regions)  # (B, R, R)
        scores = scores.masked_fill(~there[:, None], torch.finfo(scores.dtype).min)
        nothing = self.nothing.expand(*scores.shape[:2], 1)
        weights = torch.cat([scores, nothing], -1).softmax(-1)[..., :-1]  # what is left is attention to nothing
        colours = self.colour(hints[:, :-1].flatten(2).transpose(1, 2))  # (B, R, D)
        read = (weights @ colours).transpose(1, 2).view_as(regions)  # (B, D, H, W)
        share = weights.sum(-1).view(len(regions), 1, *regions.shape[2:])
        return regions + share * self.message(torch.cat([regions, F.relu(read)], 1))

    @staticmethod
    def _distances(regions: Tensor) -> Tensor:
        """Distances between all regions, (R, R), in units of the longer side."""
        height, width = regions.shape[-2:]
        place = torch.cartesian_prod(
            torch.arange(height, device=regions.device), torch.arange(width, device=regions.device)
        ).to(regions.dtype)
        return (place[:, None] - place).square().sum(-1).sqrt() / max(height, width)

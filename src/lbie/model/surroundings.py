"""What a region knows besides what it shows, before any sentence: its kind, its place, its thing, other regions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.instances import Instances

_HEADS = 4


class Surroundings(nn.Module):
    """Adds to regions a vector of the kinds of things that they show, one of their place, and what others show."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.kind = nn.Conv2d(width, config.categories, 1) if config.categories else None
        self.kind_vectors = nn.Conv2d(config.categories, width, 1, bias=False) if config.categories else None
        """A learnt vector of the width of a word for each kind."""
        self.place = nn.Conv2d(len(_places(1, 1)), width, 1) if config.coordinates else None
        self.instances = Instances(config) if config.instances else None
        self.relations = nn.ModuleList(
            nn.TransformerEncoderLayer(width, _HEADS, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(config.relations)
        )

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Regions (B, D, H, W) to regions that know more, the logits (B, K, H, W) of the kinds of things in them, and
        the boxes (B, 5, H, W) of these.

        Kinds are told from what a region shows alone, not from where it lies.
        """
        kinds = boxes = None
        if self.kind is not None and self.kind_vectors is not None:
            kinds = self.kind(regions)
            regions = regions + self.kind_vectors(kinds.softmax(1))
        if self.place is not None:
            places = _places(*regions.shape[-2:]).to(device=regions.device, dtype=regions.dtype)
            regions = regions + self.place(places[None])
        if self.instances is not None and kinds is not None:
            regions, boxes = self.instances(regions, kinds)
        if self.relations:
            height = regions.shape[2]
            rows = regions.flatten(2).transpose(1, 2)  # (B, H * W, D)
            for layer in self.relations:
                rows = layer(rows)
            regions = rows.transpose(1, 2).unflatten(2, (height, -1))
        return regions, kinds, boxes


def _places(height: int, width: int) -> Tensor:
    """Where regions lie, (6, H, W): x and y from -1 to 1 across the image, and a wave and a half of each."""
    y, x = torch.meshgrid(*((torch.arange(n) + 0.5) / n * 2 - 1 for n in (height, width)), indexing="ij")
    both = torch.stack([x, y])
    return torch.cat([both, (1.5 * torch.pi * both).sin(), (1.5 * torch.pi * both).cos()])

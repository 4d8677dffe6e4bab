"""Which thing a region shows, how large it is, and how many of its kind lie to each side of it, before any sentence."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.image_encoder import conv_block
from lbie.model.ranks import RANK_VALUES, ranks

BOX_VALUES = 5
"""Of a region's thing: left, top, right, bottom in shares of the image's sides, and the log of its area's share."""
_SLACK = 0.02
"""Share of the image's sides: predicted boxes are not exact."""
_LOG_REACH = (-6.0, 1.0)
"""Logs between which a box's edge can lie from its region, in shares of the image's sides."""


class Instances(nn.Module):
    """Adds to regions what is said of the thing that each shows: its box, its area, and its rank among its kind."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.box = nn.Sequential(conv_block(width, width), nn.Conv2d(width, BOX_VALUES, 1))
        last = nn.Conv2d(width, width, 1)
        self.tell = nn.Sequential(nn.Conv2d(9 + RANK_VALUES, width, 1), nn.ReLU(), last)
        for parameter in last.parameters():
            nn.init.zeros_(parameter)  # begin by saying nothing

    def forward(self, regions: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """Tell regions of their things.

        Boxes and kinds learn from their own losses alone: what is told of them has no gradient.

        Args:
            regions: (B, D, H, W).
            kinds: (B, K, H, W) logits of the kinds of things in each region, the first for none.

        Returns:
            regions (B, D, H, W) and boxes (B, 5, H, W), see `BOX_VALUES`.
        """
        boxes = self._boxes(self.box(regions).float())
        with torch.no_grad():
            shares = kinds.float().softmax(1)
            told = torch.cat([_geometry(boxes), _ranks(boxes, shares)], 1)
        said = self.tell(told.to(regions.dtype)) * (1 - shares[:, :1]).to(regions.dtype)
        return regions + said, boxes

    @staticmethod
    def _boxes(raw: Tensor) -> Tensor:
        """Raw values (B, 5, H, W) to boxes."""
        height, width = raw.shape[-2:]
        reach = (raw[:, :4] - 2).clamp(*_LOG_REACH).exp()
        y, x = ((torch.arange(n, device=raw.device) + 0.5) / n for n in (height, width))
        left, right = x - reach[:, 0], x + reach[:, 2]
        top, bottom = y[:, None] - reach[:, 1], y[:, None] + reach[:, 3]
        return torch.stack([left, top, right, bottom, (raw[:, 4] - 3).clamp(-12.0, 0.0)], 1)


def _geometry(boxes: Tensor) -> Tensor:
    """Boxes (B, 5, H, W) to (B, 9, H, W): centre, logs of the sides, area, and half a wave of each way."""
    x, y = boxes[:, 0] + boxes[:, 2] - 1, boxes[:, 1] + boxes[:, 3] - 1  # -1 to 1
    wide, high = (boxes[:, 2] - boxes[:, 0]).log(), (boxes[:, 3] - boxes[:, 1]).log()
    waves = [f(torch.pi * v) for f in (torch.sin, torch.cos) for v in (x, y)]
    return torch.stack([x, y, wide / 3, high / 3, boxes[:, 4] / 4, *waves], 1)


def _ranks(boxes: Tensor, shares: Tensor) -> Tensor:
    """Boxes (B, 5, H, W) and shares of kinds (B, K, H, W), the first of none, to `ranks` in a kind, (B, 28, H, W).

    Each region of a thing stands for a part of it, so that a thing counts one however many regions show it.
    """  # fmt: skip
    height, width = boxes.shape[2:]
    left, top, right, bottom, area = boxes.flatten(2).unbind(1)  # (B, R) each
    things = shares[:, 1:].flatten(2)  # (B, K - 1, R)
    one = things.sum(1) / (area.exp() * height * width).clamp(min=0.25)  # (B, R): part of a thing
    kind = F.normalize(things, dim=1)
    alike = kind.transpose(1, 2) @ kind * one[:, None]
    centre = torch.stack([(left + right) / 2, (top + bottom) / 2], 1)
    extent = torch.stack([right - left, bottom - top], 1)
    return ranks(centre, extent, area, alike, _SLACK).unflatten(2, (height, width))

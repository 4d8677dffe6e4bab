"""Encodes the pieces of a drawing: what each looks like, where it lies, and how it lies among the others."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.image_encoder import conv_block
from lbie.model.piece_batch import (
    AREA,
    BOTTOM,
    CROP,
    CROP_CHANNELS,
    FILLED,
    LEFT,
    PLACES,
    RIGHT,
    SIDE,
    THERE,
    TOP,
    PieceBatch,
    X,
    Y,
)
from lbie.model.ranks import RANK_VALUES, ranks

_FAMILIES = ((1, 2), (3, 4), (5, 6))
"""Kinds that one word may mean: both ellipses, both halves, both triangles."""
_GROUPS = 3  # alike: of one kind, of one family, anything
_MESSAGES = 4 * 2  # sides, times: nearest of its kind, nearest of all
_OWN = _GROUPS * RANK_VALUES  # ranks of a piece
_STEEP, _AHEAD = 0.5, 0.15  # beside: across to along at most; share of its extent that may lie over the landmark's end
_HEADS = 4


def fact_values(categories: int) -> int:
    """How many facts of a piece there are, with so many kinds, the first of none: its own and those of its eight."""
    return (1 + _MESSAGES) * (categories + _OWN)


class PieceEncoder(nn.Module):
    """A small CNN on each piece's crop, then ranks, neighbours and self-attention among the pieces of a drawing."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, channels = config.width, config.image_encoder.channels
        self.pooled_channels = width
        inputs = (CROP_CHANNELS, *channels)
        self.look = nn.Sequential(
            *(conv_block(a, b, 1 if i == 0 else 2) for i, (a, b) in enumerate(zip(inputs, channels, strict=False)))
        )
        side = -(-CROP // 2 ** (len(channels) - 1))
        self.seen = nn.Sequential(nn.Linear(channels[-1] * side**2 + 4, width), nn.ReLU())
        self.kind = nn.Linear(width, config.categories)
        self.narrow = nn.Linear(width, width // 4)
        self.place = nn.Sequential(
            nn.Linear(PLACES + 4 + config.categories + _OWN, width), nn.ReLU(), nn.Linear(width, width)
        )
        self.direct = nn.Linear(config.categories + _OWN, width)
        """Kinds and ranks as they are, past all else that a region learns of itself."""
        self.beside = nn.Linear(_MESSAGES * (width // 4), width)
        self.relations = nn.ModuleList(
            nn.TransformerEncoderLayer(width, _HEADS, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(config.relations)
        )

    def forward(self, pieces: PieceBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Encode B drawings of K pieces.

        Returns:
            Regions (B, D, 1, K), logits of the kinds (B, categories, 1, K), the first of none, and facts (B, K, F):
            what kind each piece is and its ranks, then the same of the pieces to whose sides it is the nearest.
        """
        there, places = pieces.there, pieces.places
        crops, boxes = pieces.crops[there], places[there]  # (P, 2, 24, 24), (P, PLACES)
        wide, high = boxes[:, RIGHT] - boxes[:, LEFT], boxes[:, BOTTOM] - boxes[:, TOP]
        solid = boxes[:, AREA] - (wide * high).clamp(min=1e-8).log()
        form = torch.stack(
            [(wide / high.clamp(min=1e-6)).clamp(0.01, 100).log(), solid, boxes[:, FILLED], boxes[:, SIDE]], 1
        )
        seen = self.seen(torch.cat([self.look(crops).flatten(1), form], 1))  # (P, D)
        kinds = self.kind(seen)  # (P, categories)
        spread = [
            seen.new_zeros(*there.shape, x.shape[1]).masked_scatter(there[..., None], x) for x in (seen, kinds, form)
        ]
        regions, logits, forms = spread
        with torch.no_grad():
            shares = logits.detach().softmax(-1) * there[..., None]
            alike = _alike(shares)
            centre = places[..., [X, Y]].transpose(1, 2)  # (B, 2, K)
            extent = torch.stack([places[..., RIGHT] - places[..., LEFT], places[..., BOTTOM] - places[..., TOP]], 1)
            ranked = [ranks(centre, extent, places[..., AREA], group, 0.001).transpose(1, 2) for group in alike]
            beside = _beside(places, alike)  # (B, 8, K, K)
            own = torch.cat([shares, *ranked], -1)  # (B, K, F / 9)
            facts = torch.cat([own, (beside @ own[:, None]).transpose(1, 2).flatten(2)], -1)  # (B, K, F)
        regions = regions + self.place(torch.cat([places, forms, own], -1))
        told = beside @ self.narrow(regions)[:, None]  # (B, 8, K, D / 4)
        regions = regions + self.beside(told.transpose(1, 2).flatten(2))
        for layer in self.relations:
            regions = layer(regions, src_key_padding_mask=~there)
        regions = (regions + self.direct(own)) * there[..., None]
        return regions.transpose(1, 2)[:, :, None], logits.transpose(1, 2)[:, :, None], facts


def _alike(shares: Tensor) -> list[Tensor]:
    """Shares of kinds (B, K, C), the first of none, to how much pieces are of one kind, of one family, and anything."""
    things = shares[..., 1:]  # (B, K, C - 1)
    one = things.sum(-1)[:, None]  # (B, 1, K)
    families = things.clone()
    for several in _FAMILIES:
        families[..., several[0] - 1] = things[..., [s - 1 for s in several]].sum(-1)
        families[..., [s - 1 for s in several[1:]]] = 0
    same = [F.normalize(x, dim=-1) for x in (things, families)]
    return [*(x @ x.transpose(1, 2) * one for x in same), one.expand(-1, shares.shape[1], -1)]


def _beside(places: Tensor, alike: list[Tensor]) -> Tensor:
    """Which piece is the nearest one straight to a side of which.

    Args:
        places: (B, K, PLACES).
        alike: of one kind first, last of anything, (B, K, K) each.

    Returns:
        (B, 8, K, K) of 0 and 1: of the first K, seen from the second, above, below, to the left and to the right;
        nearest of its kind, then of all.
    """
    low, high = places[..., [LEFT, TOP]], places[..., [RIGHT, BOTTOM]]
    gap = places[:, :, None, [X, Y]] - places[:, None, :, [X, Y]]  # (B, K, K, 2): of the first from the second
    ahead = []
    for axis, sign in ((1, -1), (1, 1), (0, -1), (0, 1)):
        along, across = sign * gap[..., axis], gap[..., 1 - axis].abs()
        near, far = (low, high) if sign > 0 else (high, low)
        begins = sign * (near[:, :, None, axis] - far[:, None, :, axis])
        own = (high - low)[:, :, None, axis]
        ahead.append((along > 0) & (across <= _STEEP * along) & (begins >= -_AHEAD * own))
    there = places[..., THERE] > 0
    straight = torch.stack(ahead, 1) & (there[:, :, None] & there[:, None])[:, None]  # (B, 4, K, K)
    distance = torch.where(straight, gap.square().sum(-1)[:, None], torch.inf)
    found = []
    for group in (alike[0], alike[-1]):
        rival = (group > 0.5)[:, None, :, :, None] & straight[:, :, None]  # (B, 4, K, rivals, landmarks)
        others = torch.where(rival, distance[:, :, None], torch.inf).amin(3)  # (B, 4, K, landmarks)
        found.append(straight & (distance <= others))
    return torch.cat(found, 1).to(places.dtype)

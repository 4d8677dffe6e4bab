"""Encodes the pieces of a drawing: what each looks like, where it lies, and how it lies among the others."""

from __future__ import annotations

import torch
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
    TOP,
    PieceBatch,
)
from lbie.model.piece_facts import MESSAGES, RANKS, alike, beside, own_facts, piece_facts

_HEADS = 4


class PieceEncoder(nn.Module):
    """A small CNN on each piece's crop, then ranks, neighbours and self-attention among the pieces of a drawing."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width, channels = config.width, config.image_encoder.channels
        self.pooled_channels = width
        self.facts = config.facts
        inputs = (CROP_CHANNELS, *channels)
        self.look = nn.Sequential(
            *(conv_block(a, b, 1 if i == 0 else 2) for i, (a, b) in enumerate(zip(inputs, channels, strict=False)))
        )
        side = -(-CROP // 2 ** (len(channels) - 1))
        self.seen = nn.Sequential(nn.Linear(channels[-1] * side**2 + 4, width), nn.ReLU())
        self.kind = nn.Linear(width, config.categories)
        self.narrow = nn.Linear(width, width // 4)
        self.place = nn.Sequential(
            nn.Linear(PLACES + 4 + config.categories + RANKS, width), nn.ReLU(), nn.Linear(width, width)
        )
        self.direct = nn.Linear(config.categories + RANKS, width)
        """Kinds and ranks as they are, past all else that a region learns of itself."""
        self.beside = nn.Linear(MESSAGES * (width // 4), width)
        self.relations = nn.ModuleList(
            nn.TransformerEncoderLayer(width, _HEADS, 2 * width, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(config.relations)
        )

    def forward(self, pieces: PieceBatch) -> tuple[Tensor, Tensor, Tensor | None]:
        """Encode B drawings of K pieces.

        Returns:
            Regions (B, D, 1, K), logits of the kinds (B, categories, 1, K), the first of none, and facts (B, K, F), see
            `piece_facts`; None where the model does not read them.
        """
        there = pieces.there
        seen = self.look_at(pieces.crops[there], pieces.places[there])
        regions, kinds, forms = (
            x.new_zeros(*there.shape, x.shape[1]).masked_scatter(there[..., None], x) for x in seen
        )
        return self.relate(regions, kinds, forms, pieces.places, there)

    def look_at(self, crops: Tensor, own: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What P pieces show by themselves.

        Args:
            crops: (P, 2, 24, 24).
            own: (P, PLACES).

        Returns:
            Vectors (P, D), logits of their kinds (P, categories), and their forms (P, 4).
        """
        wide, high = own[:, RIGHT] - own[:, LEFT], own[:, BOTTOM] - own[:, TOP]
        solid = own[:, AREA] - (wide * high).clamp(min=1e-8).log()
        form = torch.stack(
            [(wide / high.clamp(min=1e-6)).clamp(0.01, 100.0).log(), solid, own[:, FILLED], own[:, SIDE]], 1
        )
        seen = self.seen(torch.cat([self.look(crops).flatten(1), form], 1))  # (P, D)
        return seen, self.kind(seen), form

    def relate(
        self, regions: Tensor, logits: Tensor, forms: Tensor, places: Tensor, there: Tensor
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """What pieces are among the others: of B drawings what `look_at` gave of K pieces each, 0 where there is none.

        Returns:
            As `forward`.
        """
        with torch.no_grad():
            shares = logits.detach().softmax(-1) * there[..., None]
            groups = alike(shares)
            own = own_facts(places, shares, groups)  # (B, K, O)
            near = beside(places, groups)  # (B, 8, K, K)
            facts = piece_facts(own, near) if self.facts else None  # (B, K, F)
        regions = regions + self.place(torch.cat([places, forms, own], -1))
        told = near @ self.narrow(regions)[:, None]  # (B, 8, K, D / 4)
        regions = regions + self.beside(told.transpose(1, 2).flatten(2))
        for layer in self.relations:
            regions = layer(regions, src_key_padding_mask=~there)
        regions = (regions + self.direct(own)) * there[..., None]
        return regions.transpose(1, 2)[:, :, None], logits.transpose(1, 2)[:, :, None], facts

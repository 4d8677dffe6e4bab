"""What colours a description tells, and for which part of an object: read once a sentence, laid where the parts are."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.language_encoder import Language

PETALS, HEART, TIPS = range(3)
PARTS = 3
"""The parts, in the order of every map and table of them."""


@dataclass
class Told:
    """What descriptions tell of each part."""

    colour: Tensor
    """(B, PARTS, out_channels): its output."""
    logit: Tensor
    """(B, PARTS): that it is told at all."""


class Palette(nn.Module):
    """Each part attends over the words and reads its output from them.

    Words alone decide this, so a name comes out as the same colour in every photo; the decoder of the fused regions
    adds what depends on the photo, and all of a part that the words do not tell.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.gain, self.heart_bias, self.vividness = config.part_gain, config.heart_bias, config.vividness
        self.query = nn.Parameter(torch.randn(PARTS, width) * width**-0.5)
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, width)
        self.colour, self.told = nn.Linear(width, config.out_channels), nn.Linear(width, 1)

    def forward(self, language: Language) -> Told:
        """Read encoded descriptions."""
        scores = self.query @ self.key(language.words).transpose(1, 2)  # (B, PARTS, N)
        weights = scores.masked_fill(~language.mask[:, None], torch.finfo(scores.dtype).min).softmax(-1)
        read = torch.relu(weights @ self.value(language.words))  # (B, PARTS, D)
        return Told(self.colour(read), self.told(read).squeeze(-1))

    def paint(self, told: Told, parts: Tensor) -> Tensor:
        """Lay what is told where the parts are.

        Tips of which nothing is told are petals; where nothing is told of a part there is 0. In evaluation mode the
        parts' logits are made sharper, told hearts larger and told colours more vivid, as configured.

        Args:
            told: of B descriptions.
            parts: (B, PARTS, h, w) logits of the parts.

        Returns:
            (B, out_channels, h, w).
        """
        known, colour = told.logit.sigmoid(), told.colour  # (B, PARTS), (B, PARTS, out_channels)
        if not self.training:
            colour = colour * (1 + self.vividness * colour.norm(dim=-1, keepdim=True))
            larger = torch.zeros_like(known)
            larger[:, HEART] = self.heart_bias * known[:, HEART]
            parts = self.gain * (parts + larger[..., None, None])
        share = parts.softmax(1)  # (B, PARTS, h, w)
        tips = known[:, TIPS, None, None]
        petals = share[:, PETALS] + share[:, TIPS] * (1 - tips)
        weights = torch.stack([petals, share[:, HEART], share[:, TIPS]], 1) * known[..., None, None]
        return torch.einsum("bphw,bpc->bchw", weights, colour)

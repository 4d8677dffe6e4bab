"""Points at the mention of a colour in the description: one never seen in training is read as any other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.language_encoder import Language

_LEAST = 1e-9


class Pointer(nn.Module):
    """Attention of regions over the words that name colours, or none of them."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.colours = config.colours
        self.scale = width**-0.5
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.query = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.key = nn.Linear(width, width)
        self.none = nn.Linear(width, 1)

    def forward(self, state: Tensor, language: Language) -> Tensor:
        """Which colour each region gets.

        Args:
            state: (B, R, D).
            language: with `colour`, the colour that each word names.

        Returns:
            (B, R, colours + 1) log-probabilities up to a constant, the last of none; a colour that is mentioned
            several times has the sum of its mentions.
        """
        if language.colour is None:
            raise ValueError("a pointer needs words that name colours")
        named = torch.nn.functional.one_hot(language.colour + 1, self.colours + 1)[..., 1:].to(state.dtype)  # (B, N, C)
        scores = self.query(self.norm(state)) @ self.key(self.norm(language.words)).transpose(1, 2) * self.scale
        none = self.none(self.norm(state))  # (B, R, 1)
        scores = scores.masked_fill((language.colour < 0)[:, None], torch.finfo(scores.dtype).min / 2)
        most = torch.maximum(scores.amax(-1, keepdim=True), none).detach()
        colours = (scores - most).exp() @ named  # (B, R, C)
        return torch.cat([colours, (none - most).exp()], -1).clamp(min=_LEAST).log()

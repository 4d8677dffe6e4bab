"""Whether what a description names is in the image at all."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lbie.model.language_encoder import Language


class Presence(nn.Module):
    """A logit from what the regions understood, the most and the mean of it, and from the description."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.judge = nn.Sequential(nn.Linear(3 * width, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, state: Tensor, language: Language) -> Tensor:
        """Fused regions (B, D, H, W) and their descriptions to logits (B,): above 0 where it is there."""
        count = language.mask.sum(1, keepdim=True).clamp(min=1)
        told = language.words.sum(1) / count  # (B, D), for words are zero where there is none
        return self.judge(torch.cat([state.amax((2, 3)), state.mean((2, 3)), told], 1)).squeeze(1)

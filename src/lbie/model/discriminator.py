"""Judges colours in place: is this patch of a photo coloured as true photos are, and as the sentence says?

Source: Chen et al., CVPR 2018, section 4 (a patch discriminator conditioned on the language by the same attention as
the generator); spectral normalisation: Miyato et al., ICLR 2018.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from lbie.model.config import ModelConfig
from lbie.model.language_encoder import LanguageEncoder

_SLOPE = 0.2  # of the leaky ReLUs


class Discriminator(nn.Module):
    """Convolutions to patches; each patch attends over the words of its own encoder; a logit a patch."""

    def __init__(self, width: int, embedding: int, words: int) -> None:
        super().__init__()
        self.width = width
        self.language_encoder = LanguageEncoder(ModelConfig(width=width, embedding=embedding, word_dropout=0.0), words)
        channels = (3, width // 2, width, width)
        self.features = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, 4 if stride == 2 else 3, stride, 1))
            for i, o, stride in zip(channels[:-1], channels[1:], (2, 2, 1), strict=True)
        )
        self.query = spectral_norm(nn.Linear(width, width))
        self.key = spectral_norm(nn.Linear(width, width))
        self.value = spectral_norm(nn.Linear(width, width))
        self.mix = spectral_norm(nn.Conv2d(2 * width, width, 3, 1, 1))
        self.judge = spectral_norm(nn.Conv2d(width, 1, 3, 1, 1))

    def forward(self, lightness: Tensor, ab: Tensor, ids: Tensor) -> Tensor:
        """Judge a batch.

        Args:
            lightness: (B, 1, H, W) in [-1, 1]; H and W multiples of those of `ab`.
            ab: (B, 2, h, w) ab / 100, h and w multiples of 4.
            ids: (B, N) int64 word ids, 0 where there is no word; at least one word each.

        Returns:
            (B, h / 4, w / 4) logits: above 0 for true.
        """
        x = torch.cat([F.adaptive_avg_pool2d(lightness, (ab.shape[2], ab.shape[3])), ab], 1)  # (B, 3, h, w)
        for layer in self.features:
            x = F.leaky_relu(layer(x), _SLOPE)  # at last (B, D, h / 4, w / 4)
        language = self.language_encoder(ids)
        patches = x.flatten(2).transpose(1, 2)  # (B, P, D)
        scores = self.query(patches) @ self.key(language.words).transpose(1, 2) * self.width**-0.5  # (B, P, N)
        weights = scores.masked_fill(~language.mask[:, None], torch.finfo(scores.dtype).min).softmax(-1)
        told = (weights @ self.value(language.words)).transpose(1, 2).reshape(x.shape)  # (B, D, h / 4, w / 4)
        return self.judge(F.leaky_relu(self.mix(torch.cat([x, told], 1)), _SLOPE)).squeeze(1)

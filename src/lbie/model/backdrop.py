"""What no sentence changes: the picture behind the objects that are spoken of, and where these are."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.decoder import Decoder
from lbie.model.palette import PARTS


class Backdrop(nn.Module):
    """A decoder of the regions as they are before any word is read: background, matte, and parts for a palette.

    The output of a model with a backdrop is background + matte * (foreground - background), the foreground decoded
    from the fused regions. Whatever a sentence says, colour cannot reach where the matte is 0.
    """

    def __init__(self, config: ModelConfig, skip_channels: tuple[int, ...]) -> None:
        super().__init__()
        self.gain, self.bias, self.channels = config.matte_gain, config.matte_bias, config.out_channels
        channels = config.out_channels + (PARTS if config.palette else 0) + 1
        self.decoder = Decoder(replace(config, out_channels=channels), skip_channels)

    def project_skips(self, skips: list[Tensor]) -> list[Tensor]:
        """As `Decoder.project_skips`."""
        return self.decoder.project_skips(skips)

    def forward(self, regions: Tensor, projected: list[Tensor]) -> Tensor:
        """Decode regions (B, D, H, W) and projected skips.

        Returns:
            (B, out_channels + 1, h, w), with a palette (B, out_channels + PARTS + 1, h, w): the background, logits of
            the parts, logit of the matte.
        """
        return self.decoder(regions, projected)

    def blend(self, foreground: Tensor, behind: Tensor) -> tuple[Tensor, Tensor]:
        """Put a foreground (B, out_channels, h, w) before what `forward` returned.

        In evaluation mode the matte's logit gets the configured bias and gain: a smaller flower, a sharper edge.

        Returns:
            The output (B, out_channels, h, w) and the matte (B, 1, h, w) in [0, 1].
        """
        background, logit = behind[:, : self.channels], behind[:, -1:]
        matte = torch.sigmoid(logit if self.training else (logit + self.bias) * self.gain)  # (B, 1, h, w)
        return torch.lerp(background, foreground, matte), matte

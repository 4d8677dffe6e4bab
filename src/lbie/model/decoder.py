"""Fused regions to the output map."""

from __future__ import annotations

from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.image_encoder import conv_block


class Decoder(nn.Module):
    """Deconvolutions that double the resolution, each joined by a skip where the encoder has one at that size."""

    def __init__(self, config: ModelConfig, skip_channels: tuple[int, ...]) -> None:
        super().__init__()
        inputs = config.width
        self.up, self.skip, self.mix = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for i, channels in enumerate(config.decoder_channels):
            self.up.append(nn.ConvTranspose2d(inputs, channels, 4, 2, 1))
            if i < len(skip_channels):
                self.skip.append(nn.Conv2d(skip_channels[i], channels, 1))
            self.mix.append(conv_block(channels, channels))
            inputs = channels
        self.out = nn.Conv2d(inputs, config.out_channels, 3, padding=1)

    def project_skips(self, skips: list[Tensor]) -> list[Tensor]:
        """The part of the decoder that does not depend on the sentence: done once an image."""
        return [skip(x) for skip, x in zip(self.skip, skips, strict=False)]

    def forward(self, state: Tensor, projected: list[Tensor]) -> Tensor:
        """Decode.

        Args:
            state: (B, D, H, W) fused regions.
            projected: the skips as `project_skips` returns them, coarsest first.

        Returns:
            (B, out_channels, H * 2 ** n, W * 2 ** n) for n decoder stages.
        """
        x = state
        for i, (up, mix) in enumerate(zip(self.up, self.mix, strict=True)):
            x = up(x)  # (B, C, 2H, 2W)
            if i < len(projected):
                x = x + projected[i]
            x = mix(x.relu_())
        return self.out(x)

"""Image to regions and skips."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbie.model.config import ModelConfig
from lbie.model.efficientnet_lite import OUT_CHANNELS, EfficientNetLite0


def conv_block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """3x3 convolution, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class ImageEncoder(nn.Module):
    """CNN with skips.

    Attributes:
        stride: pixels of the input a region stands for, along one side.
        size_multiple: sides of the input must be multiples of this.
        skip_channels: channels of the skips, coarsest first, each at twice the resolution of the one before;
            the first is at twice the resolution of the regions. A plain encoder's last one is the image itself.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.kind, self.stride, self.size_multiple = config.image_encoder.kind, config.stride, config.size_multiple
        if self.kind == "efficientnet_lite0":
            self.backbone = EfficientNetLite0(config.in_channels)
            self.first = 2 if self.stride == 8 else 3  # of the five feature maps, the one at the regions' stride
            self.skip_channels: tuple[int, ...] = OUT_CHANNELS[self.first - 1 :: -1]
            self.pooled_channels = sum(OUT_CHANNELS[3:])
            self.lateral = nn.ModuleList(nn.Conv2d(c, config.width, 1) for c in OUT_CHANNELS[self.first :])
            self.merge: nn.Module = conv_block(config.width, config.width)
        else:
            channels = config.image_encoder.channels
            stride = 2 if self.kind == "plain" else 1
            self.stages = nn.ModuleList(
                nn.Sequential(conv_block(i, o, stride), conv_block(o, o))
                for i, o in zip((config.in_channels, *channels), channels, strict=False)
            )
            self.skip_channels = (*channels[-2::-1], config.in_channels) if stride == 2 else channels[::-1]
            self.pooled_channels = channels[-1]
            self.merge = nn.Conv2d(channels[-1], config.width, 1)
        if not config.image_encoder.skips:
            self.skip_channels = ()

    def forward(self, image: Tensor) -> tuple[Tensor, list[Tensor], Tensor]:
        """Encode a batch of images.

        Args:
            image: (B, in_channels, H, W) in [-1, 1]; H and W multiples of `size_multiple`.

        Returns:
            regions (B, D, H / stride, W / stride), skips (coarsest first), pooled features (B, pooled_channels).
        """
        if self.kind == "efficientnet_lite0":
            features = self.backbone(image)
            x = self.lateral[-1](features[4])  # (B, D, H/32, W/32)
            for i in reversed(range(len(self.lateral) - 1)):
                x = F.interpolate(x, scale_factor=2.0, mode="nearest") + self.lateral[i](features[self.first + i])
            pooled = [f.mean((2, 3)) for f in features[3:]]  # (B, C) each
            return self.merge(x), features[self.first - 1 :: -1], torch.cat(pooled, 1)
        skips, x = [], image
        for stage in self.stages:
            if self.kind == "plain":
                skips.append(x)
                x = stage(x)
            else:
                skips.append(stage(x))
                x = F.max_pool2d(skips[-1], 2)
        return self.merge(x), skips[::-1][: len(self.skip_channels)], x.mean((2, 3))

    def padded(self, size: int) -> int:
        """The smallest allowed side that is at least `size`."""
        return math.ceil(size / self.size_multiple) * self.size_multiple

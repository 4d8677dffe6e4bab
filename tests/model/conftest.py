from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel

SMALL: dict[str, Any] = {
    "image_encoder": ImageEncoderConfig(channels=(8, 16)),
    "width": 16,
    "embedding": 8,
    "decoder_channels": (8,),
    "working_size": 32,
    "max_steps": 4,
    "word_dropout": 0.0,
}
WORDS = (PADDING, UNKNOWN, "the", "flower", "is", "red", "blue", "yellow", "petals", ".")


@pytest.fixture
def build() -> Callable[..., EditingModel]:
    """Make a small model with seeded weights, in evaluation mode; keywords replace configuration values."""

    def make(**values: Any) -> EditingModel:
        torch.manual_seed(3)
        return EditingModel(ModelConfig(**SMALL | values), Vocabulary(WORDS)).eval()

    return make


@pytest.fixture
def ids() -> torch.Tensor:
    """Three sentences of 5, 3 and 1 words."""
    return torch.tensor([[2, 3, 4, 5, 9], [6, 3, 1, 0, 0], [7, 0, 0, 0, 0]])


@pytest.fixture
def images() -> torch.Tensor:
    """Three images, 32 high and 64 wide."""
    return torch.rand(3, 1, 32, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1

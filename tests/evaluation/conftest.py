from __future__ import annotations

import numpy as np
import pytest
import torch

from lbie.data.cosal import generate
from lbie.data.cosal.shapes import NO_SHAPE
from lbie.evaluation.cosal_scores import Exam
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel

SUITES = ("paper", "wording", "chain")


@pytest.fixture(scope="session")
def shapes_vocabulary() -> Vocabulary:
    return Vocabulary.build([s for suite in SUITES for w in generate(suite, "train", 300) for s in w.sentences], 1)


@pytest.fixture
def shapes_model(shapes_vocabulary: Vocabulary) -> EditingModel:
    """A tiny untrained model of the shapes task; a region is a cell."""
    torch.manual_seed(0)
    config = ModelConfig(
        task="shapes",
        out_channels=8,
        image_encoder=ImageEncoderConfig(kind="plain", channels=(4, 4, 4, 4)),
        width=8,
        embedding=4,
        by_sentence=True,
        lookup=True,
        context=3,
        normalise=True,
        estimator="marginal",
        mirror=False,
        decoder_channels=(4, 4, 4, 4),
        working_size=48,
        max_steps=8,
    )
    return EditingModel(config, shapes_vocabulary).eval()


@pytest.fixture
def squares() -> Exam:
    """A world by hand: kind k in cell k, each 4 x 4 pixels; blue, light-green, red, black, gray, yellow, blue, …"""
    shapes = np.full((1, 48, 48), NO_SHAPE, np.uint8)
    for kind in range(9):
        row, column = divmod(kind, 3)
        shapes[0, 16 * row + 6 : 16 * row + 10, 16 * column + 6 : 16 * column + 10] = kind
    return Exam(
        arrangement=np.arange(9, dtype=np.uint8)[None],
        shapes=shapes,
        colours=(np.arange(9, dtype=np.uint8) % 6)[None],
        hops=np.array([[0, 0, 1, 1, 1, 2, 2, 4, 4]]),
        spatial=np.array([False]),
        sentences=[()],
        ids=[[]],
    )

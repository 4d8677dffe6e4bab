"""Tiny segmenters and exams of drawn scenes, for what needs no trained weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from drawn_scenes import DrawnScenes
from lbie.data.scene import Phrase, Scene
from lbie.evaluation.answers import Answer
from lbie.evaluation.refer_exam import Asked, ReferExam, generated
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.training.segment_training_set import generator_texts


def tiny_segmenter(**values: Any) -> EditingModel:
    """Random weights; it knows every word of generated phrases of drawn scenes."""
    torch.manual_seed(0)
    config = ModelConfig(
        task="segment", in_channels=3, out_channels=1, image_encoder=ImageEncoderConfig(channels=(8, 16, 16)),
        decoder_channels=(16,), working_size=48, width=16, embedding=8, mirror=False,
        **({"presence": True, "lookup": True, "estimator": "posterior"} | values),
    )  # fmt: skip
    return EditingModel(config, Vocabulary.build([*generator_texts(), "box bar"], 1)).eval()


def drawn_exam(count: int = 6, size: int = 64) -> ReferExam:
    """Drawn scenes with generated phrases."""

    def read() -> Iterator[Asked]:
        rng = np.random.default_rng(3)
        for _ in range(count):
            scene = DrawnScenes(size).draw(rng)
            yield Asked(scene, *generated(scene))

    return ReferExam("COCO photos, generated phrases", "val", read, True, (0.5, 0.5), "train", {"seed": 0})


def oracle(
    model: EditingModel, features: object, scene: Scene, phrases: Sequence[Phrase], blank: bool = False, **_: object
) -> list[Answer]:
    """What `answers.ask` would give of a model that is always right, and with blanked words says nothing."""
    found = []
    for phrase in phrases:
        mask = np.zeros(scene.image.shape[:2], bool)
        if phrase.target is not None and not blank:
            mask = scene.instances[phrase.target].mask
        stops = np.full((2, 2), 1 + phrase.hops)
        found.append(Answer(scene, phrase, np.where(mask, 20, -20).astype(np.float32), float(mask.any()), stops))
    return found

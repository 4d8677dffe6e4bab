"""A small model of sketches."""

from __future__ import annotations

from typing import Any

from lbie.language.colour_numbers import MOST_COLOURS
from lbie.model.config import ImageEncoderConfig

SKETCHER: dict[str, Any] = {
    "task": "sketch",
    "image_encoder": ImageEncoderConfig(kind="pieces", channels=(4, 8)),
    "colours": MOST_COLOURS,
    "categories": 10,
    "relations": 1,
    "width": 16,
    "embedding": 8,
    "by_sentence": True,
    "normalise": True,
    "questions": 2,
    "nothing": True,
    "lookup": True,
    "facts": True,
    "max_steps": 3,
    "estimator": "posterior",
    "mirror": False,
    "word_dropout": 0.0,
}

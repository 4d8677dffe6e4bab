from __future__ import annotations

import numpy as np
import pytest

from drawn_scenes import TEXTS, DrawnScenes, speak
from lbie.data.scene import Instance, Phrase, Scene
from lbie.evaluation.answers import Answer, answers
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.training.segment_validation import SegmentValidation, figures


def half(left: bool) -> np.ndarray:
    mask = np.zeros((4, 8), bool)
    mask[:, :4] = left
    mask[:, 4:] = not left
    return mask


SCENE = Scene(
    "x",
    np.zeros((4, 8, 3), np.uint8),
    (Instance("person", half(True)), Instance("person", half(False)), Instance("dog", half(False))),
)


def said(target: int | None, mask: np.ndarray, presence: float = 0.5) -> Answer:
    return Answer(SCENE, Phrase("x", target), mask * 4.0 - 2.0, presence, np.full((1, 2), 2))


def test_figures_by_hand() -> None:
    quarter = half(True)
    quarter[:2] = False
    found = figures(
        [
            said(0, half(True), 0.9),
            said(1, half(True), 0.8),
            said(2, quarter | half(False), 0.6),
            said(None, quarter, 0.7),
        ]
    )
    assert found["oiou"] == pytest.approx((16 + 0 + 16) / (16 + 32 + 24))
    assert found["miou"] == pytest.approx((1 + 0 + 2 / 3) / 3)
    assert found["p50"] == pytest.approx(2 / 3) and found["person"] == pytest.approx(0.5)
    assert found["right"] == pytest.approx(0.5)  # the dog has no rival
    assert found["presence"] == pytest.approx(2 / 3) and found["steps"] == 2
    assert found["score"] == pytest.approx(1 - (found["oiou"] + found["miou"]) / 2)


def test_what_cannot_be_told_is_left_out() -> None:
    assert set(figures([said(None, half(True))])) == {"steps", "score"}
    assert "presence" not in figures([said(0, half(True))])


@pytest.mark.parametrize("size", [48, 80])
def test_a_model_is_asked_and_a_sheet_drawn(size: int) -> None:
    config = ModelConfig(
        task="segment", in_channels=3, out_channels=1, image_encoder=ImageEncoderConfig(channels=(8, 16, 16)),
        decoder_channels=(16,), working_size=48, width=16, presence=True,
    )  # fmt: skip
    model = EditingModel(config, Vocabulary.build(TEXTS, 1)).eval()
    rng = np.random.default_rng(1)
    scenes = [DrawnScenes(size).draw(rng) for _ in range(3)]
    phrases = [speak(scene, rng, 4) for scene in scenes[:2]] + [[]]
    found, sheet = SegmentValidation(scenes, phrases)(model)
    assert 0 <= found["score"] <= 1 and 1 <= found["steps"] <= 4
    assert sheet.dtype == np.uint8 and sheet.ndim == 3
    given = answers(model, scenes[0], phrases[0])
    assert [a.probability.shape for a in given] == [(size, size)] * 4
    alone = answers(model, scenes[0], phrases[0][1:2])[0]
    np.testing.assert_allclose(alone.probability, given[1].probability, atol=1e-5)

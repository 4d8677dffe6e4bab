from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from drawn_scenes import KINDS, TEXTS, DrawnScenes, speak
from lbie.data.scene import Instance, Scene
from lbie.errors import InputError
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.training.options import SegmentOptions
from lbie.training.recipe import Recipe
from lbie.training.segment_batches import FewScenes, SegmentBatches, boxes_map, kinds_map, resized
from training_steps import assert_equal

MODEL = ModelConfig(
    task="segment",
    in_channels=3,
    out_channels=1,
    image_encoder=ImageEncoderConfig(channels=(8, 16, 16)),
    decoder_channels=(16,),
    working_size=48,
    categories=3,
)


def batches(scenes: Any = None, say: Any = speak, **values: Any) -> SegmentBatches:
    recipe = Recipe("drawn", data="photos", model=MODEL, batch_size=3, segment=SegmentOptions(phrases=4), **values)
    return SegmentBatches(scenes or DrawnScenes(48), say, KINDS, Vocabulary.build(TEXTS, 1), recipe)


def test_a_batch_is_a_function_of_seed_and_step() -> None:
    one, two = batches(), batches()
    two.batch(0)
    assert_equal(vars(one.batch(7)), vars(two.batch(7)))
    assert not torch.equal(one.batch(7).image, one.batch(8).image)
    assert not torch.equal(one.batch(7).image, batches(seed=1).batch(7).image)


def test_each_phrase_has_its_photo_and_its_mask() -> None:
    made = batches().batch(0)
    assert made.image.shape == (3, 3, 48, 48) and made.image.is_contiguous(memory_format=torch.channels_last)
    assert made.ids.shape[0] == len(made.image_of) == len(made.mask) == len(made.present) == 12
    assert made.image_of.tolist() == sorted([0, 1, 2] * 4) and made.mask.shape[1:] == (1, 12, 12)
    assert made.present.any() and not made.present.all()
    assert torch.equal(made.present, made.mask.flatten(1).any(1))
    words = batches().vocabulary.words
    for ids, mask in zip(made.ids, made.mask[:, 0], strict=True):
        text = " ".join(words[i] for i in ids.tolist() if i)
        if text in ("the left", "right"):
            half = mask[:, :6] if text == "the left" else mask[:, 6:]
            assert half.any() and float(half.sum()) == pytest.approx(float(mask.sum()))


def test_shares_of_kinds_sum_to_one() -> None:
    made = batches().batch(0)
    assert made.kinds.shape == (3, 3, 6, 6) and made.kinds.min() >= 0
    torch.testing.assert_close(made.kinds.sum(1), torch.ones(3, 6, 6))
    assert not made.unlisted.any()
    assert batches(DrawnScenes(48, frozenset({"bar"}))).batch(0).unlisted.tolist() == [[False, True, False]] * 3


def test_things_that_overlap_share_a_region() -> None:
    left, most = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    left[:, :4], most[:, :6] = True, True
    scene = Scene(
        "x", np.zeros((8, 8, 3), np.uint8), (Instance("box", left), Instance("bar", most), Instance("?", most))
    )
    shares = kinds_map(scene, {"box": 1, "bar": 2}, 2, 2)
    np.testing.assert_allclose(shares[:, 0], [[0, 0.5], [0.5, 0], [0.5, 0.5]], atol=1e-6)


def test_few_scenes_are_shown_as_they_are() -> None:
    rng = np.random.default_rng(0)
    scenes = [DrawnScenes(96).draw(rng) for _ in range(2)]
    few = FewScenes(scenes, 48)
    drawn = {few.draw(rng).photo_id for _ in range(20)}
    assert drawn == {s.photo_id for s in scenes}
    small = resized(scenes[0], 48, 32)
    assert small.image.shape == (48, 32, 3) and small.instances[0].mask.shape == (48, 32)
    assert small.instances[0].mask.mean() == pytest.approx(scenes[0].instances[0].mask.mean(), abs=0.05)


def test_scenes_of_which_nothing_can_be_said_are_drawn_again_but_not_for_ever() -> None:
    turns = iter(range(10**6))
    made = batches(say=lambda scene, rng, count: speak(scene, rng, count) if next(turns) % 3 else []).batch(0)
    assert sorted(set(made.image_of.tolist())) == [0, 1, 2]
    with pytest.raises(InputError, match="none has a thing"):
        batches(say=lambda *_: []).batch(0)


def test_each_region_has_the_box_of_what_it_shows_most_of() -> None:
    large, small = np.zeros((40, 80), bool), np.zeros((40, 80), bool)
    large[:, :40], small[:8, 60:70] = True, True
    things = (Instance("cat", large), Instance("dog", small), Instance("cat", np.zeros((40, 80), bool)))
    found = boxes_map(Scene("drawn", np.zeros((40, 80, 3), np.uint8), things), 5, 10)  # regions of 8 x 8
    np.testing.assert_allclose(found[:5, 2, 1], [0, 0, 0.5, 1, np.log(0.5)], atol=1e-6)
    np.testing.assert_allclose(found[:5, 0, 8], [0.75, 0, 0.875, 0.2, np.log(80 / 3200)], atol=1e-6)
    weights = found[5]
    assert (weights[:, 5:7] == 0).all() and (weights[1:, 5:] == 0).all() and (weights[:, :5] > 0).all()
    assert weights[0, 8] > weights[0, 0], "of a small thing each region counts more"
    assert weights[0, 7] / weights[0, 8] == pytest.approx(2 / 3), "half of one and three quarters of the other"
    assert weights[:, :5].sum() > weights[:, 5:].sum()

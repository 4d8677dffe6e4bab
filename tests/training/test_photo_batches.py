from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from lbie.data.counterfactual import possible_texts
from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE
from lbie.language.vocabulary import Vocabulary
from lbie.training.photo_batches import PhotoBatches
from lbie.training.recipe import load_recipe


@pytest.fixture
def make(drawn_flowers: Path, tmp_path: Path, tiny_values: dict[str, Any]) -> Any:
    """Batches of the drawn flowers; keywords replace values of the recipe."""
    arrays = load_arrays(drawn_flowers, "train", CACHE_SIZE)
    vocabulary = Vocabulary.build([*possible_texts(), *(c for r in arrays.records for c in r.captions)], 1)

    def build(**values: Any) -> PhotoBatches:
        (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(tiny_values))
        return PhotoBatches(arrays, vocabulary, load_recipe(str(tmp_path / "tiny.yaml"), values))

    return build


def test_a_batch_is_a_function_of_seed_and_step(make: Any) -> None:
    values = {"batch_size": 3, "counterfactual": 0.5, "template": 0.3}
    one, two, other = make(**values), make(**values), make(**values, seed=1)
    for step in (5, 0, 1):
        a, b, c = one.batch(step), two.batch(step), other.batch(step)
        assert torch.equal(a.image, b.image) and torch.equal(a.ids, b.ids) and torch.equal(a.ab, b.ab)
        assert not torch.equal(a.image, c.image)
    assert not torch.equal(one.batch(0).image, one.batch(1).image)


def test_shapes_and_ranges(make: Any) -> None:
    batch = make(counterfactual=0.5).batch(0)
    assert batch.image.shape == (8, 1, 32, 32) and batch.ab.shape == (8, 2, 16, 16) and len(batch.ids) == 8
    assert batch.image.dtype == batch.ab.dtype == torch.float32 and batch.ids.dtype == torch.int64
    assert batch.image.abs().max() <= 1.001 and batch.image.std() > 0.05
    assert batch.ab.abs().max() <= 1.28 and batch.ab.std() > 0.05
    assert (batch.ids[:, 0] > 0).all()


def test_an_epoch_shows_every_photo_once(make: Any) -> None:
    batches = make(batch_size=2)
    assert batches.steps_per_epoch == 4
    seen: list[int] = []
    batches._example = lambda i, rng: seen.append(i) or PhotoBatches._example(batches, i, rng)
    for epoch in range(2):
        seen.clear()
        for step in range(4 * epoch, 4 * epoch + 4):
            batches.batch(step)
        assert sorted(seen) == list(range(8))


def test_limit_and_a_batch_larger_than_the_data(make: Any) -> None:
    batches = make(limit=3)
    assert batches.steps_per_epoch == 1 and len(batches.batch(0).image) == 3


def test_what_is_known_of_the_flowers_comes_with_the_batch(make: Any) -> None:
    plain, batch = make().batch(0), make(counterfactual=0.5, parts=0.5).batch(0)
    assert (plain.flowers == -1).all() and plain.hints is None
    assert batch.flowers.shape == (8, 1, 16, 16) and batch.flowers.min() >= 0
    assert (batch.flowers.amax((1, 2, 3)) > 0.9).all() and 0.05 < batch.flowers.mean() < 0.7


def test_hints_tell_the_colours_of_their_places(make: Any) -> None:
    made = make(counterfactual=1.0, hints=1.0, **{"model.hints": True})
    batch = made.batch(0)
    assert batch.hints.shape == (8, 3, 8, 8)
    there = batch.hints[:, 2] == 1
    assert (there.sum((1, 2)) >= 1).all() and (there.sum((1, 2)) <= 4).all()
    assert (batch.hints[:, :2].abs().sum(1)[~there] == 0).all()
    near = torch.nn.functional.avg_pool2d(batch.ab, 2)
    error = (batch.hints[:, :2] - near).norm(dim=1)[there]
    assert error.median() < 0.15 < near.norm(dim=1)[there].median() * 2
    some = make(hints=0.5, **{"model.hints": True}).batch(0).hints[:, 2].amax((1, 2))
    assert 0 < some.mean() < 1


def test_parts_of_their_own_colour_weigh_more(make: Any) -> None:
    values = {"counterfactual": 1.0, "parts": 1.0}
    plain, heavy = make(**values).batch(0), make(**values, part_weight=5.0).batch(0)
    assert (plain.emphasis == 1).all() and torch.equal(plain.ab, heavy.ab)
    assert heavy.emphasis.min() >= 1 and heavy.emphasis.max() <= 5.001
    assert (heavy.emphasis.amax((1, 2)) > 3).float().mean() > 0.7 and (heavy.emphasis > 1.5).float().mean() < 0.3

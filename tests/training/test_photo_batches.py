from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE
from lbie.language.vocabulary import Vocabulary
from lbie.training.photo_batches import PhotoBatches
from lbie.training.recipe import load_recipe


@pytest.fixture
def make(drawn_flowers: Path, tmp_path: Path, tiny_values: dict[str, Any]) -> Any:
    """Batches of the drawn flowers; keywords replace values of the recipe."""
    arrays = load_arrays(drawn_flowers, "train", CACHE_SIZE)
    vocabulary = Vocabulary.build((c for r in arrays.records for c in r.captions), 1)

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

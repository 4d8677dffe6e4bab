from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from lbie.errors import InputError
from lbie.language.vocabulary import PADDING, UNKNOWN
from lbie.training.word_vectors import start_embedding, token_vectors

TOKENS = ["[PAD]", "dog", "puppy", "car", "truck", "sky", "##scraper", "head", "##light", "##s"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A language model of ten tokens: dog is near to puppy, car to truck."""
    table = np.random.default_rng(0).normal(size=(len(TOKENS), 12)).astype(np.float32)
    table[2] = table[1] + 0.1 * table[5]
    table[4] = table[3] + 0.1 * table[5]
    (tmp_path / "vocab.txt").write_text("\n".join(TOKENS))
    save_file({"embeddings.word_embeddings.weight": table}, tmp_path / "model.safetensors")
    return tmp_path


def test_words_are_made_of_the_longest_tokens(folder: Path) -> None:
    with safe_open(folder / "model.safetensors", "np") as file:
        table = file.get_tensor("embeddings.word_embeddings.weight")
    made = token_vectors(["sky", "skyscraper", "headlights", "skyline", "zebra"], folder)
    np.testing.assert_allclose(made[0], table[5])
    np.testing.assert_allclose(made[1], table[[5, 6]].mean(0), rtol=1e-6)
    np.testing.assert_allclose(made[2], table[[7, 8, 9]].mean(0), rtol=1e-6)
    assert not made[3:].any()


def test_words_that_mean_alike_begin_alike(folder: Path) -> None:
    words = [PADDING, UNKNOWN, "dog", "car", "puppy", "truck", "sky", "head"]
    embedding = torch.nn.Embedding(len(words), 4, padding_idx=0)
    unknown = embedding.weight[1].clone()
    start_embedding(embedding, words, folder)
    rows = embedding.weight.detach()
    assert not rows[0].any() and torch.equal(rows[1], unknown)
    assert (rows[2] - rows[4]).norm() < 0.3 * (rows[2] - rows[3]).norm()
    assert (rows[3] - rows[5]).norm() < 0.3 * (rows[2] - rows[3]).norm()
    assert float(rows[2:].std(unbiased=False)) == pytest.approx(1, abs=1e-3)


def test_too_few_words_for_the_length(folder: Path) -> None:
    with pytest.raises(InputError, match="do not give embeddings of 16"):
        start_embedding(torch.nn.Embedding(4, 16), [PADDING, UNKNOWN, "dog", "car"], folder)

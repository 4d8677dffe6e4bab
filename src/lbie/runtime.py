"""The small interface between the editing path, which is numpy, and whatever runs the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lbie.errors import InputError, ResourceError, is_out_of_memory
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ModelConfig

if TYPE_CHECKING:
    from lbie.model.editing_model import EditOutput
    from lbie.model.piece_batch import PieceBatch

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


class Runtime(Protocol):
    """Runs a model's parts. Handles that it returns are opaque to the caller."""

    config: ModelConfig
    vocabulary: Vocabulary
    device: str
    size_multiple: int

    def encode_image(self, image: np.ndarray | PieceBatch, wraps: bool = False) -> tuple[Any, float]:
        """(1, in_channels, H, W) float32 in [-1, 1], or a drawing's pieces, to a handle and the domain probability; of
        a panorama, whose sides touch, where it `wraps`.
        """
        ...

    def add_hints(self, image: Any, hints: np.ndarray) -> Any:
        """The handle of an image with hints (C + 1, H, W), as `HintEncoder` takes them.

        Raises:
            InputError: the model takes none.
        """
        ...

    def encode_sentence(self, ids: tuple[int, ...]) -> Any:
        """Word ids to a handle."""
        ...

    def fuse(self, image: Any, sentence: Any, max_steps: int | None = None) -> Fused:
        """Fusion steps and decoder."""
        ...

    def fuse_descriptions(
        self, image: Any, descriptions: Sequence[Sequence[tuple[int, ...]]], max_steps: int | None = None
    ) -> tuple[Fused, np.ndarray]:
        """Fuse an image with several descriptions, each of one or more sentences of word ids.

        Returns:
            What the first gives, its attention over all its words in order; and the outputs (B, C, h, w) of all.
        """
        ...

    def fuse_phrases(self, image: Any, phrases: Sequence[tuple[int, ...]], max_steps: int | None = None) -> list[Fused]:
        """Fuse an image with several phrases of word ids at once: what each gives, as if it were alone."""
        ...

    def kinds(self, image: Any) -> np.ndarray | None:
        """The shares (K, H, W) float32 of kinds of things in each region, the first for none; None without kinds."""
        ...


class TorchRuntime:
    """PyTorch, on a CPU or an accelerator, in single precision."""

    def __init__(self, folder: Path, device: str = "auto") -> None:
        """Load a model folder; `device` is auto, cpu, cuda or mps.

        Raises:
            InputError: a broken model folder, or a device that is unknown or not there.
        """
        import torch

        from lbie.model.editing_model import EditingModel

        self._torch = torch
        self.device = pick_device(device)
        model = EditingModel.load_folder(folder)
        self._model = model.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.config, self.vocabulary = self._model.config, self._model.vocabulary
        self.size_multiple = 1 if self.config.colours else self._model.image_encoder.size_multiple

    def encode_image(self, image: np.ndarray | PieceBatch, wraps: bool = False) -> tuple[Any, float]:
        """See `Runtime`."""
        torch = self._torch
        with torch.inference_mode(), _Resources():
            tensor = torch.from_numpy(image) if isinstance(image, np.ndarray) else image
            seen = tensor.to(self.device, memory_format=torch.channels_last)
            features = self._model.encode_image(seen, wraps=wraps)
            return features, float(self._model.domain(features.pooled).sigmoid())

    def add_hints(self, image: Any, hints: np.ndarray) -> Any:
        """See `Runtime`."""
        torch = self._torch
        with torch.inference_mode(), _Resources():
            return self._model.add_hints(image, torch.from_numpy(hints).to(self.device)[None])

    def encode_sentence(self, ids: tuple[int, ...]) -> Any:
        """See `Runtime`."""
        torch = self._torch
        with torch.inference_mode(), _Resources():
            return self._model.encode_sentence(torch.tensor([ids], device=self.device))

    def fuse(self, image: Any, sentence: Any, max_steps: int | None = None) -> Fused:
        """See `Runtime`."""
        with self._torch.inference_mode(), _Resources():
            return _fused(self._model.fuse_and_decode(image, sentence, max_steps=max_steps, with_attention=True))

    def fuse_descriptions(
        self, image: Any, descriptions: Sequence[Sequence[tuple[int, ...]]], max_steps: int | None = None
    ) -> tuple[Fused, np.ndarray]:
        """See `Runtime`."""
        from lbie.tasks.padding import pad_ids, pad_sentences

        with self._torch.inference_mode(), _Resources():
            if self.config.by_sentence:
                ids = pad_sentences(descriptions)  # (B, S, L)
            else:
                ids = pad_ids([tuple(word for sentence in d for word in sentence) for d in descriptions])  # (B, N)
            first = self._model.encode_sentence(ids[:1].to(self.device))
            fused = _fused(self._model.fuse_and_decode(image, first, max_steps=max_steps, with_attention=True))
            outputs = [fused.output[None]]
            for start in range(1, len(ids), _BATCH):
                language = self._model.encode_sentence(ids[start : start + _BATCH].to(self.device))
                several = image.repeat(len(language.mask))
                outputs.append(self._model.fuse_and_decode(several, language, max_steps=max_steps).output.cpu().numpy())
        if not self.config.ignore_sentence:
            fused = replace(fused, attention=fused.attention[:, np.flatnonzero(ids[0].numpy())])
        return fused, np.concatenate(outputs)

    def fuse_phrases(self, image: Any, phrases: Sequence[tuple[int, ...]], max_steps: int | None = None) -> list[Fused]:
        """See `Runtime`."""
        from lbie.tasks.padding import pad_ids, pad_sentences

        found = []
        with self._torch.inference_mode(), _Resources():
            for start in range(0, len(phrases), _BATCH):
                some = phrases[start : start + _BATCH]
                ids = pad_sentences([[phrase] for phrase in some]) if self.config.by_sentence else pad_ids(some)
                language = self._model.encode_sentence(ids.to(self.device))
                several = image.repeat(len(some))
                out = self._model.fuse_and_decode(several, language, max_steps=max_steps, with_attention=True)
                for row, phrase in enumerate(some):
                    fused = _fused(out, row)
                    count = 1 if self.config.ignore_sentence else len(phrase)
                    found.append(replace(fused, attention=fused.attention[:, :count]))
        return found

    def kinds(self, image: Any) -> np.ndarray | None:
        """See `Runtime`."""
        with self._torch.inference_mode(), _Resources():
            return None if image.categories is None else image.categories[0].softmax(0).cpu().numpy()


def _fused(out: EditOutput, row: int = 0) -> Fused:
    """One of a batch; `executed` is that of all."""
    assert out.trace.attention is not None
    maps = (
        out.output[row].cpu().numpy(),
        out.trace.stop_step[row].cpu().numpy(),
        out.trace.attention[row].cpu().numpy(),
    )
    matte = None if out.matte is None else out.matte[row, 0].cpu().numpy()
    presence = None if out.presence is None else float(out.presence[row].sigmoid())
    return Fused(*maps, out.trace.executed, matte, presence)


def pick_device(name: str) -> str:
    """`auto` to the best device there is, else the name itself.

    Raises:
        InputError: unknown, or not on this machine.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, is_there in there.items() if is_there)
    if name not in there:
        raise InputError(f"unknown device '{name}': use auto, {', '.join(there)}")
    if not there[name]:
        raise InputError(f"this machine has no device '{name}' that torch can use: use --device cpu")
    return name


class _Resources:
    """Out of memory, of any kind, as a `ResourceError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if is_out_of_memory(error):
            raise ResourceError("not enough memory for this image: use a smaller one") from error

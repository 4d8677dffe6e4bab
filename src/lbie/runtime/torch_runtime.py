"""Runs a model by PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from lbie.errors import InputError
from lbie.model.editing_model import EditingModel
from lbie.model.piece_batch import PieceBatch
from lbie.runtime.interface import FusedBatch, Resources, Runtime


class TorchRuntime(Runtime):
    """PyTorch, on a CPU or an accelerator, in single precision."""

    name = "torch"

    def __init__(self, folder: Path, device: str = "auto", threads: int = 0) -> None:
        """Load a model folder.

        Args:
            folder: of the model.
            device: auto, cpu, cuda or mps.
            threads: of the process from now on, at most; 0 for as many as before.

        Raises:
            InputError: a broken model folder, or a device that is unknown or not there.
        """
        self.device = pick_device(device)
        if threads:
            torch.set_num_threads(min(torch.get_num_threads(), threads))
        model = EditingModel.load_folder(folder)
        self._model = model.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.config, self.vocabulary = self._model.config, self._model.vocabulary
        self.size_multiple = self.config.size_multiple

    def encode_image(self, image: np.ndarray | tuple[np.ndarray, np.ndarray], wraps: bool = False) -> tuple[Any, float]:
        """See `Runtime`."""
        with torch.inference_mode(), Resources():
            tensor = torch.from_numpy(image) if isinstance(image, np.ndarray) else PieceBatch.from_numpy(*image)
            seen = tensor.to(self.device, memory_format=torch.channels_last)
            features = self._model.encode_image(seen, wraps=wraps)
            return features, float(self._model.domain(features.pooled).sigmoid())

    def add_hints(self, image: Any, hints: np.ndarray) -> Any:
        """See `Runtime`."""
        with torch.inference_mode(), Resources():
            return self._model.add_hints(image, torch.from_numpy(hints).to(self.device)[None])

    def encode_ids(self, ids: np.ndarray) -> Any:
        """See `Runtime`."""
        with torch.inference_mode(), Resources():
            return self._model.encode_sentence(torch.from_numpy(ids).to(self.device))

    def fuse_batch(self, image: Any, language: Any, max_steps: int | None, with_attention: bool) -> FusedBatch:
        """See `Runtime`."""
        with torch.inference_mode(), Resources():
            several = image.repeat(len(language.mask))
            out = self._model.fuse_and_decode(several, language, max_steps=max_steps, with_attention=with_attention)
            attention = None if out.trace.attention is None else out.trace.attention.cpu().numpy()
            return FusedBatch(
                out.output.cpu().numpy(),
                out.trace.stop_step.cpu().numpy(),
                attention,
                out.trace.executed,
                None if out.matte is None else out.matte[:, 0].cpu().numpy(),
                None if out.presence is None else out.presence.sigmoid().cpu().numpy(),
            )

    def kinds(self, image: Any) -> np.ndarray | None:
        """See `Runtime`."""
        with torch.inference_mode(), Resources():
            return None if image.categories is None else image.categories[0].softmax(0).cpu().numpy()


def pick_device(name: str) -> str:
    """`auto` to the best device there is, else the name itself.

    Raises:
        InputError: unknown, or not on this machine.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return next(device for device, is_there in there.items() if is_there)
    if name not in there:
        raise InputError(f"unknown device '{name}': use auto, {', '.join(there)}")
    if not there[name]:
        raise InputError(f"this machine has no device '{name}' that torch can use: use --device cpu")
    return name

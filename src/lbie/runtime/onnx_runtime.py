"""Runs a model by ONNX Runtime: its parts are graphs, and the loop between them is numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lbie.errors import InputError
from lbie.language.vocabulary import FIRST_COLOUR, UNKNOWN_ID, Vocabulary
from lbie.model.folder import VOCABULARY, read_config
from lbie.registry import check_shipped
from lbie.runtime.fusion_loop import Values, run_fusion
from lbie.runtime.graphs import Graphs
from lbie.runtime.interface import FusedBatch, Resources, Runtime


@dataclass(frozen=True)
class _Image:
    """An encoded image."""

    values: Values
    """What the graph `image` gave, and `hints` instead where there are any."""
    grid: tuple[int, int]
    """Rows and columns of regions."""
    wraps: bool
    """It is a panorama, whose sides touch."""


class OnnxRuntime(Runtime):
    """ONNX Runtime, on a CPU, in single precision."""

    name = "onnx"

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Load a model folder with graphs.

        Args:
            folder: as `lbie export` makes it.
            threads: as `Graphs` takes them.

        Raises:
            InputError: a broken model folder, or one without graphs.
        """
        check_shipped(folder)
        self.device = "cpu"
        self.config, self.vocabulary = read_config(folder), Vocabulary.load(folder / VOCABULARY)
        self.size_multiple = self.config.size_multiple
        self._graphs = Graphs(folder, self.config, threads)
        self._graphs.open_soon("image", "language", "ask", "step", "decoder")  # while the photo is read

    def encode_image(self, image: np.ndarray | tuple[np.ndarray, np.ndarray], wraps: bool = False) -> tuple[Any, float]:
        """See `Runtime`."""
        if isinstance(image, np.ndarray):
            given = {"image": image}
            grid = image.shape[2] // self.config.stride, image.shape[3] // self.config.stride
        else:
            given = dict(zip(("crops", "places"), image, strict=True))
            grid = 1, image[1].shape[1]
        with Resources():
            values = self._graphs.run("panorama" if wraps else "image", given)
        return _Image(values, grid, wraps), values.pop("domain").item()

    def add_hints(self, image: Any, hints: np.ndarray) -> Any:
        """See `Runtime`."""
        if not self.config.hints:
            raise InputError("this model takes no colour hints")
        with Resources():
            return replace(
                image, values=image.values | self._graphs.run("hints", image.values | {"hints": hints[None]})
            )

    def encode_ids(self, ids: np.ndarray) -> Any:
        """See `Runtime`."""
        if self.config.ignore_sentence:
            ids = np.full_like(ids[:, :1] if ids.ndim == 2 else ids[:, :1, :1], UNKNOWN_ID)
        batch, mask = len(ids), ids.reshape(len(ids), -1) != 0
        distinct, place = np.unique(ids.reshape(-1, ids.shape[-1]), axis=0, return_inverse=True)  # each once
        with Resources():
            found = self._graphs.run("language", {"ids": distinct})
        read = {name: value[place.reshape(-1)] for name, value in found.items()}
        read = {name: value.reshape(batch, -1, value.shape[-1]) for name, value in read.items()} | {"mask": mask}
        if "sentence_key" in read:
            read["sentence_mask"] = (ids != 0).any(-1)
        if self.config.colours:
            number = ids.reshape(batch, -1) - FIRST_COLOUR
            read["colour"] = np.where((number >= 0) & (number < self.config.colours), number, -1)
            named = (read["colour"] >= 0).reshape(batch, -1, ids.shape[-1]).any(-1)
            read["refers"] = np.asarray(~named, np.float32)
        return read

    def fuse_batch(self, image: Any, language: Any, max_steps: int | None, with_attention: bool) -> FusedBatch:
        """See `Runtime`."""
        config, steps = self.config, max_steps or self.config.max_steps
        with Resources():
            trace = run_fusion(self._graphs.run, image.values, language, steps, config.stop_probability, with_attention)
            batch = len(trace.state)
            state = trace.state.transpose(0, 2, 1).reshape(batch, -1, *image.grid)
            made = self._graphs.run(
                "panorama_decoder" if image.wraps else "decoder", image.values | language | {"state": state}
            )
        attention, matte = trace.attention, made.get("matte")  # the matte is of the image alone
        return FusedBatch(
            made["output"],
            trace.stop_step.reshape(batch, *image.grid),
            None if attention is None else attention.reshape(batch, steps, -1, *image.grid),
            trace.executed,
            None if matte is None else np.broadcast_to(matte, (batch, *matte.shape[1:])),
            made.get("presence"),
        )

    def kinds(self, image: Any) -> np.ndarray | None:
        """See `Runtime`."""
        return image.values["kinds"][0] if "kinds" in image.values else None

"""What a data set brings to a training run; the trainer knows nothing else of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from lbie.errors import InputError
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel, EditOutput
from lbie.training.recipe import Recipe


class Batch(Protocol):
    """Training examples; a task's own batch has its target besides."""

    @property
    def image(self) -> Tensor:
        """(B, in_channels, H, W) in [-1, 1]."""
        ...

    @property
    def ids(self) -> Tensor:
        """Word ids, as `EditingModel.encode_sentence` takes them."""
        ...

    @property
    def hints(self) -> Tensor | None:
        """As `EditingModel.encode_image` takes them."""
        ...

    @property
    def image_of(self) -> Tensor | None:
        """Which image each description is of; None where each image has one."""
        ...


class Batches(Protocol):
    """The examples of a run, in its order."""

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass."""
        ...

    def batch(self, step: int) -> Any:
        """Batch number `step`, from 0: the same on every call."""
        ...


class TrainingSet(Protocol):
    """Vocabulary, batches, loss, validation, and what is done when a run has come to its end."""

    vocabulary: Vocabulary

    @property
    def batches(self) -> Batches:
        """The examples."""
        ...

    @property
    def curves(self) -> tuple[tuple[str, ...], ...]:
        """Figures drawn together over the run, panel by panel."""
        ...

    def prepare(self, model: EditingModel) -> None:
        """What a new run does with its model before the first step."""
        ...

    def limits(self, step: int) -> int | None:
        """T at a step of the run; None for the model's own."""
        ...

    def loss(self, out: EditOutput, batch: Any) -> Tensor:
        """The task's loss, a scalar, without the price of steps."""
        ...

    def validate(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Figures (lower `score` is better) and a picture sheet (H, W, 3) uint8."""
        ...

    def complete(self, model: EditingModel) -> bool:
        """Add to the best weights what is fitted apart; False where there is nothing."""
        ...


def make_training_set(recipe: Recipe, data: Path | None) -> TrainingSet:
    """The data set that a recipe names.

    Args:
        recipe: the recipe.
        data: folder of the data sets (None: where `data_root` finds it); with `folder`, of the photos.

    Raises:
        InputError: there is no such folder, or what it holds is not as expected.
    """
    if recipe.data == "cosal":
        from lbie.training.cosal_training_set import CosalTrainingSet

        return CosalTrainingSet(recipe)
    if recipe.data == "sketch":
        from lbie.training.sketch_training_set import SketchTrainingSet

        return SketchTrainingSet(recipe)
    from lbie.data.storage import data_root

    if recipe.data == "photos":
        from lbie.training.segment_training_set import SegmentTrainingSet

        return SegmentTrainingSet.of_photos(recipe, data_root(data))
    from lbie.training.photo_training_set import FlowerTrainingSet, FolderTrainingSet

    if recipe.data == "folder":
        if data is None:
            raise InputError("which photos? give --data DIR, the folder with metadata.jsonl")
        return FolderTrainingSet(recipe, data)
    return FlowerTrainingSet(recipe, data_root(data) / "flowers")

"""Photos with sentences as a training set: Oxford-102 Flowers, or one's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor
from tqdm import tqdm

from lbie.data import flowers, folder
from lbie.data.counterfactual import possible_texts
from lbie.data.photos import CACHE_SIZE, PhotoArrays
from lbie.data.storage import data_root
from lbie.errors import InputError
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel, EditOutput
from lbie.tasks.colorize import ColorizeBatch, colorize_loss, matte_loss, palette_loss
from lbie.training.domain import fit_domain
from lbie.training.flower_validation import FlowerValidation
from lbie.training.photo_batches import PhotoBatches
from lbie.training.photo_validation import PhotoValidation
from lbie.training.recipe import Recipe
from lbie.training.start import starting_vocabulary
from lbie.training.word_lessons import WordLessons

NEGATIVES = Path("photos") / "unlabelled"
"""Photos of other things, in the folder of the data sets."""


class PhotoTrainingSet:
    """See `TrainingSet`."""

    curves: tuple[tuple[str, ...], ...] = (("loss", "task"), ("val_ab_ratio",), ("steps", "val_steps"))
    validate: Callable[[EditingModel], tuple[dict[str, float], np.ndarray]]

    def __init__(self, recipe: Recipe, train: PhotoArrays, negatives: Path | None) -> None:
        self.recipe, self.negatives = recipe, negatives
        captions = [c for r in train.records for c in r.captions]
        if recipe.counterfactual:
            captions += possible_texts() * recipe.min_word_count
        self.vocabulary = starting_vocabulary(recipe.start_from, Vocabulary.build(captions, recipe.min_word_count))
        self.arrays = train.readable(self.vocabulary, recipe.model.max_words)
        if not self.arrays.records:
            raise InputError(f"no sentence has a word that occurs {recipe.min_word_count} times: lower min_word_count")
        self.batches = PhotoBatches(self.arrays, self.vocabulary, recipe)

    def prepare(self, model: EditingModel) -> None:
        """Lessons of words, where there are counterfactuals."""
        if self.batches.recolourer and self.recipe.word_lessons:
            captions, seed = self.batches.captions, self.recipe.seed
            lessons = WordLessons.draw(self.batches.recolourer, captions, model, self.recipe.word_lessons, seed)
            lessons.teach(model, seed)

    def limits(self, step: int) -> None:
        """T is the model's throughout."""

    def loss(self, out: EditOutput, batch: ColorizeBatch) -> Tensor:
        """Saturation-weighted L1, and what matte and palette are taught."""
        device = out.output.device
        emphasis, ab = None if batch.emphasis is None else batch.emphasis.to(device), batch.ab.to(device)
        loss = colorize_loss(out, ab, self.recipe.saturation, emphasis)
        if out.behind is not None and batch.flowers is not None:
            loss = loss + self.recipe.matte * matte_loss(out, batch.flowers.to(device))
        if out.told is not None and batch.parts is not None:
            where, colours = palette_loss(out, ab, batch.parts.to(device))
            loss = loss + self.recipe.matte * where + self.recipe.palette * colours
        return loss

    def complete(self, model: EditingModel) -> bool:
        """Fit the domain score, where photos of other things are at hand."""
        if self.negatives is None or not self.negatives.is_dir():
            where = f"no '{self.negatives}'" if self.negatives else "no photos of other things"
            tqdm.write(f"{where}: the model gets no domain score and will warn of nothing", file=sys.stderr)
            return False
        fit_domain(model, np.asarray(self.arrays.rgb), self.negatives)
        return True


class FlowerTrainingSet(PhotoTrainingSet):
    """Oxford-102 Flowers; validated on the colour they take too."""

    curves = (("loss", "task"), ("val_ab_ratio", "val_control"), ("steps", "val_steps"))

    def __init__(self, recipe: Recipe, data: Path) -> None:
        super().__init__(recipe, flowers.load_arrays(data, "train", CACHE_SIZE), data.parent / NEGATIVES)
        val = flowers.load_arrays(data, "val", recipe.model.working_size)
        self.validate = FlowerValidation(self.arrays, val, recipe)


class FolderTrainingSet(PhotoTrainingSet):
    """One's own photos."""

    def __init__(self, recipe: Recipe, data: Path) -> None:
        val = folder.load_arrays(data, "val", recipe.model.working_size)
        try:
            negatives = data_root() / NEGATIVES
        except InputError:
            negatives = None
        super().__init__(recipe, folder.load_arrays(data, "train", CACHE_SIZE), negatives)
        val = val.readable(self.vocabulary, recipe.model.max_words)
        if not val.records:
            raise InputError("no sentence of the split 'val' has a word that the split 'train' has")
        self.validate = PhotoValidation(val, recipe)

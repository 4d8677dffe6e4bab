"""Oxford-102 Flowers as a training set."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from torch import Tensor
from tqdm import tqdm

from lbie.data.flowers import CACHE_SIZE, load_arrays
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel, EditOutput
from lbie.tasks.colorize import ColorizeBatch, colorize_loss
from lbie.training.domain import fit_domain
from lbie.training.flower_batches import FlowerBatches
from lbie.training.flower_validation import FlowerValidation
from lbie.training.recipe import Recipe

NEGATIVES = Path("photos") / "unlabelled"
"""Photos of other things, beside the flowers' folder."""


class FlowerTrainingSet:
    """See `TrainingSet`."""

    curves = (("loss", "task"), ("val_ab_ratio", "val_control"), ("steps", "val_steps"))

    def __init__(self, recipe: Recipe, data: Path) -> None:
        self.recipe, self.negatives = recipe, data.parent / NEGATIVES
        self.arrays = load_arrays(data, "train", CACHE_SIZE)
        captions = [c for r in self.arrays.records for c in r.captions]
        self.vocabulary = Vocabulary.build(captions, recipe.min_word_count)
        self.batches = FlowerBatches(self.arrays, self.vocabulary, recipe)
        self.validate = FlowerValidation(self.arrays, data, recipe)

    def limits(self, step: int) -> None:
        """T is the model's throughout."""

    def loss(self, out: EditOutput, batch: ColorizeBatch) -> Tensor:
        """Saturation-weighted L1."""
        return colorize_loss(out, batch.ab.to(out.output.device), self.recipe.saturation)

    def complete(self, model: EditingModel) -> bool:
        """Fit the domain score, where photos of other things are at hand."""
        if not self.negatives.is_dir():
            tqdm.write(
                f"no '{self.negatives}': the model gets no domain score and will warn of nothing", file=sys.stderr
            )
            return False
        fit_domain(model, np.asarray(self.arrays.rgb), self.negatives)
        return True

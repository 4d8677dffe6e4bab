"""Validation of a colorizer on flowers of unseen classes: also how far the colour follows the sentence."""

from __future__ import annotations

import numpy as np

from lbie.data.flower_colours import nearest, reference_points
from lbie.data.photos import PhotoArrays
from lbie.model.editing_model import EditingModel
from lbie.tasks.colorize import CONTROL_SENTENCE
from lbie.training.photo_validation import SHEET_PHOTOS, PhotoValidation
from lbie.training.recipe import Recipe

_CONTROL_PHOTOS = 70


class FlowerValidation(PhotoValidation):
    """Adds colour control to the figures, and every control colour to the sheet."""

    def __init__(self, train: PhotoArrays, val: PhotoArrays, recipe: Recipe) -> None:
        super().__init__(val, recipe)
        self.prototypes = reference_points(train)

    def __call__(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Figures (lower `score` is better) and a picture sheet (H, W, 3) uint8."""
        figures, ab = self.own_figures(model)
        everyone = np.arange(len(ab))
        rows = everyone[:: max(1, len(everyone) // _CONTROL_PHOTOS)][:_CONTROL_PHOTOS]
        hits, columns = [], []
        for colour in self.prototypes:
            coloured, _ = self.predict(model, rows, [CONTROL_SENTENCE.format(colour)] * len(rows))
            regions = np.stack([np.median(c[:, r], axis=1) for c, r in zip(coloured, self.region[rows], strict=True)])
            hit = float((nearest(regions, self.prototypes) == colour).mean())
            figures[f"control_{colour}"] = hit
            hits.append(hit)
            columns.append(coloured)
        figures["control"] = float(np.mean(hits))
        figures["score"] = figures["ab_ratio"] - 0.3 * figures["control"]
        shown = rows[:: max(1, len(rows) // SHEET_PHOTOS)][:SHEET_PHOTOS]
        places = np.searchsorted(rows, shown)
        return figures, self.sheet(shown, [ab[shown], *(c[places] for c in columns)])

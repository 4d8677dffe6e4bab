"""Validation of a colorizer on photos that it is not trained on: ab error, steps, a sheet to look at."""

from __future__ import annotations

import cv2
import numpy as np
import torch

from lbie.colour.lab import AB_SCALE, gray_to_lightness, lab_to_rgb, lightness_input, luma, rgb_to_lab
from lbie.data.photos import PhotoArrays
from lbie.model.editing_model import EditingModel
from lbie.tasks.padding import pad_ids
from lbie.training.recipe import Recipe

SHEET_PHOTOS = 8


class PhotoValidation:
    """Figures of the network's own output (before full resolution and gamut mapping) with each first caption."""

    def __init__(self, val: PhotoArrays, recipe: Recipe) -> None:
        self.records, self.region = val.records[: recipe.limit], val.region
        lab = [rgb_to_lab(rgb) for rgb in val.rgb[: recipe.limit]]
        self.ab = np.stack([x[..., 1:] for x in lab]).transpose(0, 3, 1, 2)  # (N, 2, H, W)
        lightness = np.stack([gray_to_lightness(luma(rgb)) for rgb in val.rgb[: recipe.limit]])
        self.lightness = torch.from_numpy(lightness)[:, None]

    @torch.inference_mode()
    def predict(self, model: EditingModel, rows: np.ndarray, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Ab (N, 2, H, W) and stopping steps (N, h, w) for photos `rows`, each with its text."""
        ab, steps = [], []
        for start in range(0, len(rows), 64):
            part = rows[start : start + 64]
            ids = [model.vocabulary.encode(t, model.config.max_words).ids for t in texts[start : start + 64]]
            out = model(lightness_input(self.lightness[part]), pad_ids(ids))
            up = torch.nn.functional.interpolate(out.output, self.ab.shape[-2:], mode="bilinear")
            ab.append(up.numpy() * AB_SCALE)
            steps.append(out.trace.stop_step.numpy())
        return np.concatenate(ab), np.concatenate(steps)

    def own_figures(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Error relative to gray and the steps, and the predicted ab (N, 2, H, W)."""
        ab, steps = self.predict(model, np.arange(len(self.records)), [r.captions[0] for r in self.records])
        return {
            "ab_ratio": float(np.abs(ab - self.ab).mean() / np.abs(self.ab).mean()),
            "steps": float(steps.mean()),
            "most_common_step": float(max(np.bincount(steps.ravel()) / steps.size)),
        }, ab

    def __call__(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Figures (lower `score` is better) and a picture sheet (H, W, 3) uint8."""
        figures, ab = self.own_figures(model)
        shown = np.arange(len(ab))[:: max(1, len(ab) // SHEET_PHOTOS)][:SHEET_PHOTOS]
        return figures | {"score": figures["ab_ratio"]}, self.sheet(shown, [ab[shown]])

    def sheet(self, shown: np.ndarray, columns: list[np.ndarray]) -> np.ndarray:
        """Photos `shown` in gray and in their true colours, then with each ab (n, 2, H, W) of the columns."""
        cells = [np.zeros_like(self.ab[shown]), self.ab[shown], *columns]
        lightness = self.lightness[shown].numpy().transpose(0, 2, 3, 1)  # (n, H, W, 1)
        rows = []
        for i in range(len(shown)):
            line = [lab_to_rgb(np.concatenate([lightness[i], c[i].transpose(1, 2, 0)], -1)) for c in cells]
            rows.append(np.hstack(line))
        return cv2.convertScaleAbs(np.vstack(rows), alpha=255)

"""Validation of a colorizer on flowers of unseen classes: ab error, colour control, steps, a sheet to look at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch

from lbie.colour.lab import AB_SCALE, gray_to_lightness, lab_to_rgb, lightness_input, luma, rgb_to_lab
from lbie.data.counterfactual import nearest, prototypes, region_colours
from lbie.data.flowers import FlowerArrays, load_arrays
from lbie.model.editing_model import EditingModel
from lbie.tasks.colorize import CONTROL_SENTENCE
from lbie.tasks.padding import pad_ids
from lbie.training.recipe import Recipe

_CONTROL_PHOTOS, _SHEET_PHOTOS = 70, 8


class FlowerValidation:
    """Figures on the val split, of the network's own output (before full resolution and gamut mapping)."""

    def __init__(self, train: FlowerArrays, data: Path, recipe: Recipe) -> None:
        size = recipe.model.working_size
        val = load_arrays(data, "val", size)
        self.records, self.region = val.records[: recipe.limit], val.region
        lab = [rgb_to_lab(rgb) for rgb in val.rgb[: recipe.limit]]
        self.ab = np.stack([x[..., 1:] for x in lab]).transpose(0, 3, 1, 2)  # (N, 2, H, W)
        lightness = np.stack([gray_to_lightness(luma(rgb)) for rgb in val.rgb[: recipe.limit]])
        self.lightness = torch.from_numpy(lightness)[:, None]
        self.prototypes = prototypes(region_colours(train.rgb, train.region), [r.colour for r in train.records])

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

    def __call__(self, model: EditingModel) -> tuple[dict[str, float], np.ndarray]:
        """Figures (lower `score` is better) and a picture sheet (H, W, 3) uint8."""
        everyone = np.arange(len(self.records))
        ab, steps = self.predict(model, everyone, [r.captions[0] for r in self.records])
        figures = {
            "ab_ratio": float(np.abs(ab - self.ab).mean() / np.abs(self.ab).mean()),
            "steps": float(steps.mean()),
            "most_common_step": float(max(np.bincount(steps.ravel()) / steps.size)),
        }
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
        shown = rows[:: max(1, len(rows) // _SHEET_PHOTOS)][:_SHEET_PHOTOS]
        places = np.searchsorted(rows, shown)
        cells = [np.zeros_like(self.ab[shown]), self.ab[shown], ab[shown], *(c[places] for c in columns)]
        return figures, self._sheet(shown, cells)

    def _sheet(self, shown: np.ndarray, cells: list[np.ndarray]) -> np.ndarray:
        lightness = self.lightness[shown].numpy().transpose(0, 2, 3, 1)  # (n, H, W, 1)
        rows = []
        for i in range(len(shown)):
            line = [lab_to_rgb(np.concatenate([lightness[i], c[i].transpose(1, 2, 0)], -1)) for c in cells]
            rows.append(np.hstack(line))
        return cv2.convertScaleAbs(np.vstack(rows), alpha=255)

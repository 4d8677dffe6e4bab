"""Colorization measured on the class-disjoint test split of Oxford-102 Flowers.

Everything is measured on the finished 8-bit picture, at 128 pixels, from Pillow's `convert("L")` of the photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from lbie.colour.compose import LightnessSource, compose, fit_chroma, lightness_of
from lbie.colour.lab import AB_SCALE, lightness_input, rgb_to_lab
from lbie.data.counterfactual import nearest, prototypes, region_colours
from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE, PhotoArrays
from lbie.evaluation.domain import domain_figures
from lbie.evaluation.report import interval, provenance, write_figures
from lbie.evaluation.sheets import control_sheet
from lbie.evaluation.tables import print_flowers
from lbie.model.editing_model import EditingModel, ImageFeatures
from lbie.registry import resolve_model
from lbie.tasks.colorize import CONTROL_SENTENCE
from lbie.tasks.padding import pad_ids

SIZE, SEED, BATCH = 128, 0, 64


@dataclass(frozen=True)
class TestPhotos:
    """A split as the model meets it."""

    arrays: PhotoArrays
    sources: list[LightnessSource]
    """Gray photos."""
    ab: np.ndarray
    """(N, H, W, 2) float32: the true colours."""

    @classmethod
    def load(cls, folder: Path, split: str, limit: int | None) -> TestPhotos:
        """Decode a split (`limit` photos of it, spread over the classes)."""
        return cls.of(load_arrays(folder, split, SIZE), limit)

    @classmethod
    def of(cls, arrays: PhotoArrays, limit: int | None) -> TestPhotos:
        """Photos of any set, decoded at `SIZE`."""
        if limit:
            arrays = arrays.rows(np.linspace(0, len(arrays.records) - 1, limit).astype(int))
        gray = [np.array(Image.fromarray(rgb).convert("L").convert("RGB")) for rgb in arrays.rgb]
        ab = np.stack([rgb_to_lab(np.ascontiguousarray(rgb))[..., 1:] for rgb in arrays.rgb])
        return cls(arrays, [LightnessSource.of(g, True) for g in gray], ab)

    @property
    def captions(self) -> list[str]:
        """The first caption of each photo."""
        return [r.captions[0] for r in self.arrays.records]

    def other_captions(self) -> list[str]:
        """The same, each with another photo (of two or more)."""
        others = np.random.default_rng(SEED).permutation(len(self.arrays.records))
        partner = np.empty_like(others)
        partner[others] = np.roll(others, 1)
        return [self.captions[i] for i in partner]


class Colorizer:
    """A model over all test photos: images encoded once, then many sentences."""

    def __init__(self, name: str, photos: TestPhotos, mirror: bool = True) -> None:
        self.model = EditingModel.load_folder(resolve_model(name))
        self.model.config = replace(self.model.config, mirror=mirror)
        self.photos = photos
        lightness = np.stack([lightness_of(s.rgb, True) for s in photos.sources])[:, None]
        with torch.inference_mode():
            self.features = [
                self.model.encode_image(lightness_input(torch.from_numpy(lightness[i : i + BATCH])))
                for i in tqdm(range(0, len(lightness), BATCH), desc=f"encode for {name}")
            ]

    def __call__(self, texts: list[str], label: str, force_steps: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Finished pictures (N, H, W, 3) uint8 and stopping steps (N, h, w), a text a photo."""
        pictures, steps = [], []
        batches: list[tuple[int, ImageFeatures]] = list(enumerate(self.features))
        for number, features in tqdm(batches, desc=label):
            part = texts[number * BATCH : (number + 1) * BATCH]
            ids = pad_ids([self.model.vocabulary.encode(t, self.model.config.max_words).ids for t in part])
            with torch.inference_mode():
                words = self.model.encode_sentence(ids)
                out = self.model.fuse_and_decode(features, words, force_steps=force_steps)
            steps.append(out.trace.stop_step.numpy())
            for source, ab in zip(self.photos.sources[number * BATCH :], out.output.numpy(), strict=False):
                pictures.append(compose(source, fit_chroma(source, ab.transpose(1, 2, 0) * AB_SCALE))[0])
        return np.stack(pictures), np.concatenate(steps)

    def errors(self, pictures: np.ndarray) -> np.ndarray:
        """Mean absolute ab error of each picture, (N,)."""
        return np.array(
            [np.abs(rgb_to_lab(p)[..., 1:] - ab).mean() for p, ab in zip(pictures, self.photos.ab, strict=True)]
        )


def evaluate(
    model: str,
    twin: str | None,
    one_step: str | None,
    data: Path,
    output: Path,
    sheet: Path,
    limit: int | None,
    split: str = "test",
) -> dict[str, Any]:
    """Measure, print, write `output` and draw `sheet`; returns the figures.

    Args:
        model: name or folder of the model; `twin` and `one_step` likewise, or None.
        twin: language-free model of the same size and budget.
        one_step: model with one fixed step, of the same size and budget.
        data: folder of the flowers.
        output: JSON file to write.
        sheet: picture to write.
        limit: use only so many photos.
        split: `test`, or `val` to choose between models.
    """
    photos = TestPhotos.load(data, split, limit)
    train = load_arrays(data, "train", CACHE_SIZE)
    points = prototypes(region_colours(train.rgb, train.region), [r.colour for r in train.records])
    colorizer = Colorizer(model, photos)
    gray = np.abs(photos.ab).mean((1, 2, 3))
    own, steps = colorizer(photos.captions, "own caption")
    own_error = colorizer.errors(own)
    other_error = colorizer.errors(colorizer(photos.other_captions(), "another photo's caption")[0])
    figures: dict[str, Any] = {
        "model": model,
        "split": split,
        "photos": len(gray),
        "provenance": provenance(data / "metadata.jsonl", SEED),
        "ab_error": {
            "gray": interval(gray),
            "own_caption": interval(own_error),
            "other_caption": interval(other_error),
            "own_over_gray": interval(own_error, gray),
            "other_over_gray": interval(other_error, gray),
        },
    }
    for key, name in (("twin", twin), ("one_step", one_step)):
        if name:
            rival = Colorizer(name, photos)
            error = rival.errors(rival(photos.captions, key)[0])
            figures["ab_error"][key] = interval(error)
            figures["ab_error"][f"{key}_over_gray"] = interval(error, gray)
            figures["ab_error"][f"own_over_{key}"] = interval(own_error, error)
    plain = Colorizer(model, photos, mirror=False)
    error = plain.errors(plain(photos.captions, "without the mirrored pass")[0])
    figures["ab_error"]["without_mirror_over_gray"] = interval(error, gray)
    figures["ab_error"]["own_over_without_mirror"] = interval(own_error, error)
    control, coloured = _control(colorizer, points)
    figures["control"] = control
    figures["gates"] = _gates(colorizer, steps, own_error, gray)
    figures["domain"] = domain_figures(colorizer, data.parent)
    write_figures(output, figures)
    worst = np.argsort(-own_error)[:6]
    twelve = np.linspace(0, len(gray) - 1, 12).astype(int)
    control_sheet(sheet, photos.arrays, own, coloured, [*twelve, *worst])
    print_flowers(figures)
    return figures


def _control(colorizer: Colorizer, points: dict[str, np.ndarray]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Colour control of the model and of the true photos, and the recoloured pictures."""
    arrays = colorizer.photos.arrays
    truth = nearest(region_colours(arrays.rgb, arrays.region), points)
    agreed = np.array([r.colour or "" for r in arrays.records])
    told = np.isin(agreed, list(points))
    hits, coloured, mistaken = [], {}, {}
    by_colour: dict[str, dict[str, Any]] = {}
    for colour in points:
        pictures, _ = colorizer([CONTROL_SENTENCE.format(colour)] * len(agreed), f"control: {colour}")
        found = nearest(region_colours(pictures, arrays.region), points)
        hit = (found == colour).astype(float)
        real = (truth == colour)[agreed == colour].astype(float)
        by_colour[colour] = {**interval(hit), "true_photos": _share(real), "true_photos_n": len(real)}
        names, counts = np.unique(found[found != colour], return_counts=True)
        mistaken[colour] = dict(zip(names.tolist(), counts.tolist(), strict=True))
        hits.append(hit)
        coloured[colour] = pictures
    return {
        "sentence": CONTROL_SENTENCE,
        "overall": interval(np.stack(hits).mean(0)),
        "true_photos_overall": _share((truth == agreed)[told].astype(float)),
        "by_colour": by_colour,
        "mistaken_for": mistaken,
        "prototypes_ab": {k: [round(float(x), 2) for x in v] for k, v in points.items()},
    }, coloured


def _gates(colorizer: Colorizer, steps: np.ndarray, own_error: np.ndarray, gray: np.ndarray) -> dict[str, Any]:
    """Where regions stop, and what fixed numbers of steps give with the same weights."""
    most = colorizer.model.config.max_steps
    captions = colorizer.photos.captions
    measure: Callable[[int], np.ndarray] = lambda t: colorizer.errors(colorizer(captions, f"steps = {t}", t)[0])  # noqa: E731
    fixed = {t: measure(t) for t in range(1, most + 1)}
    best = min(fixed, key=lambda t: fixed[t].mean())
    counts = np.bincount(steps.ravel(), minlength=most + 1)[1:]
    return {
        "share_by_step": {str(t + 1): round(float(c / counts.sum()), 4) for t, c in enumerate(counts)},
        "mean_steps": round(float(steps.mean()), 4),
        "fixed_steps_over_gray": {str(t): interval(e, gray) for t, e in fixed.items()},
        "best_fixed_steps": best,
        "gated_over_best_fixed": interval(own_error, fixed[best]),
        "all_steps_over_gated": interval(fixed[most], own_error),
    }


def _share(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None

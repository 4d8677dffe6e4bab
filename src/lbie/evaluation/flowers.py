"""Colorization measured on the class-disjoint test split of Oxford-102 Flowers.

Everything is measured on the finished 8-bit picture, at 128 pixels, from Pillow's `convert("L")` of the photo.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lbie.data.flower_colours import reference_points
from lbie.data.flower_parts import all_flowers
from lbie.data.flowers import load_arrays
from lbie.data.photos import CACHE_SIZE
from lbie.evaluation.bleeding import bleeding_figures, edge_figures
from lbie.evaluation.colorizer import SEED, Colorizer, TestPhotos
from lbie.evaluation.colour_control import control_figures, recoloured
from lbie.evaluation.domain import domain_figures
from lbie.evaluation.judge import Judge, consistency_figures
from lbie.evaluation.part_control import part_figures
from lbie.evaluation.quality import imagenet_features, quality_figures
from lbie.evaluation.report import interval, provenance, write_figures
from lbie.evaluation.sheets import control_sheet, gallery
from lbie.evaluation.similarity import similarity_figures
from lbie.evaluation.tables import print_flowers
from lbie.language.named_colours import agreed_name, distinct_names


@dataclass(frozen=True)
class Rivals:
    """What a model of flowers is measured beside, each a name or a folder, or None."""

    twin: str | None = None
    """Language-free model."""
    before: str | None = None
    """Earlier weights, whose bleeding is the reference."""
    judge: Path | None = None
    """Folder of the judge that `benchmarks/train_judge.py` trained."""


def evaluate(
    model: str, rivals: Rivals, data: Path, output: Path, sheet: Path, limit: int | None, split: str = "test"
) -> dict[str, Any]:
    """Measure, print, write `output` and draw `sheet` and a gallery; returns the figures.

    Args:
        model: name or folder of the model.
        rivals: what it is measured beside.
        data: folder of the flowers.
        output: JSON file to write.
        sheet: picture of colour control to write; the gallery of best and worst goes beside it.
        limit: use only so many photos.
        split: `test`, or `val` to choose between models.
    """
    photos = TestPhotos.load(data, split, limit)
    points = reference_points(load_arrays(data, "train", CACHE_SIZE))
    judge = _load_judge(rivals.judge)
    colorizer = Colorizer(model, photos)
    records, true = photos.arrays.records, photos.arrays.rgb
    gray_error = np.abs(photos.ab).mean((1, 2, 3))
    own, steps = colorizer(photos.captions, "own caption")
    own_error = colorizer.errors(own)
    shown = {"own_caption": own, "gray": np.stack([s.rgb for s in photos.sources]), "true_photos": true}
    figures: dict[str, Any] = {
        "model": model,
        "split": split,
        "photos": len(records),
        "provenance": provenance(data / "metadata.jsonl", SEED),
        "ab_error": _ab_errors(colorizer, rivals, own_error, gray_error),
        "similarity": {name: similarity_figures(pictures, true) for name, pictures in shown.items()},
    }
    figures["control"], coloured = control_figures(colorizer, points, [r.colour for r in records], keep=True)
    names = distinct_names()
    told = [agreed_name(r.captions, names) for r in records]
    figures["control_thirty"] = control_figures(colorizer, names, told)[0]
    figures["parts"] = part_figures(colorizer, points)
    earlier = None
    if rivals.before:
        before = Colorizer(rivals.before, photos)
        earlier = {colour: recoloured(before, colour) for colour in points}
    region = photos.arrays.region
    flowers = np.stack([all_flowers(rgb, r) for rgb, r in zip(true, region, strict=True)])
    figures["bleeding"] = bleeding_figures(coloured, earlier, region, flowers)
    figures["unexplained_edges"] = {name: edge_figures(pictures) for name, pictures in shown.items()}
    if judge:
        figures["consistency"] = consistency_figures(judge, shown, [r.captions for r in records], SEED)
    features = [imagenet_features(shown[name], name) for name in ("true_photos", "own_caption", "gray")]
    figures["quality"] = quality_figures(features[0], features[1], features[2], SEED)
    figures["gates"] = _gates(colorizer, steps, own_error, gray_error)
    figures["domain"] = domain_figures(colorizer, data.parent)
    write_figures(output, figures)
    twelve = np.linspace(0, len(records) - 1, 12).astype(int)
    control_sheet(sheet, photos.arrays, own, coloured, twelve.tolist())
    gallery(sheet.with_name(f"{sheet.stem}-gallery{sheet.suffix}"), photos.arrays, own, np.argsort(own_error))
    print_flowers(figures)
    return figures


def _load_judge(folder: Path | None) -> Judge | None:
    if folder and folder.is_dir():
        return Judge.load(folder)
    reason = f"no folder '{folder}'" if folder else "no --judge"
    tqdm.write(f"{reason}: consistency is not measured (python benchmarks/train_judge.py trains one)", file=sys.stderr)
    return None


def _ab_errors(colorizer: Colorizer, rivals: Rivals, own: np.ndarray, gray: np.ndarray) -> dict[str, Any]:
    """Mean absolute ab error under the own and another caption, of the twin, and without the mirrored pass.

    Args:
        colorizer: the model over a split.
        rivals: models to set beside it.
        own: (N,) errors under the own caption.
        gray: (N,) errors of gray photos.
    """
    photos = colorizer.photos
    other = colorizer.errors(colorizer(photos.other_captions(), "another photo's caption")[0])
    figures = {
        "gray": interval(gray),
        "own_caption": interval(own),
        "other_caption": interval(other),
        "own_over_gray": interval(own, gray),
        "other_over_gray": interval(other, gray),
    }
    if rivals.twin:
        twin = Colorizer(rivals.twin, photos)
        error = twin.errors(twin(photos.captions, "twin")[0])
        figures |= {
            "twin": interval(error),
            "twin_over_gray": interval(error, gray),
            "own_over_twin": interval(own, error),
        }
    plain = Colorizer(colorizer.name, photos, mirror=False)
    error = plain.errors(plain(photos.captions, "without the mirrored pass")[0])
    figures["without_mirror_over_gray"] = interval(error, gray)
    figures["own_over_without_mirror"] = interval(own, error)
    return figures


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

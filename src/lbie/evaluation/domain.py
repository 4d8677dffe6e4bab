"""How well a model knows the kind of photo it was made for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch
from PIL import Image

from lbie.colour.compose import lightness_of
from lbie.colour.lab import lightness_input
from lbie.data.storage import load_square
from lbie.model.editing_model import EditingModel

if TYPE_CHECKING:
    from lbie.evaluation.colorizer import Colorizer


def drawn_pictures(count: int, size: int, seed: int) -> np.ndarray:
    """Pictures that are no photos: line drawings, shapes, blank pages, noise; (count, size, size) uint8."""
    rng = np.random.default_rng(seed)
    pages = np.full((count, size, size), 255, np.uint8)
    for i, page in enumerate(pages):
        kind = i % 4
        if kind == 3:
            page[:] = rng.integers(0, 256) if rng.random() < 0.3 else rng.normal(128, 50, page.shape).clip(0, 255)
            continue
        for _ in range(rng.integers(1, 12)):
            x, y, w, h = (int(v) for v in rng.integers(4, size - 4, 4))
            ink, thick = int(rng.integers(0, 160)), int(rng.integers(1, 4)) if kind else -1
            if rng.random() < 0.5:
                cv2.ellipse(page, (x, y), (4 + w // 4, 4 + h // 4), float(rng.uniform(0, 360)), 0, 360, ink, thick)
            else:
                cv2.rectangle(page, (x, y), (w, h), ink, thick)
    return pages


@torch.inference_mode()
def domain_logits(model: EditingModel, gray: np.ndarray) -> np.ndarray:
    """Domain logits (N,) of gray pictures (N, H, W) uint8."""
    return np.concatenate([model.domain(f)[:, 0].numpy() for f in pooled_features(model, gray)])


@torch.inference_mode()
def pooled_features(model: EditingModel, gray: np.ndarray) -> list[torch.Tensor]:
    """Pooled features of gray pictures (N, H, W) uint8, in batches (B, P)."""
    lightness = torch.from_numpy(np.stack([lightness_of(g[..., None], True) for g in gray]))[:, None]
    return [model.encode_image(lightness_input(part)).pooled for part in lightness.split(64)]


def gray_squares(folder: Path, size: int) -> np.ndarray:
    """Every JPEG of a folder as a gray centre square: (N, size, size) uint8."""
    paths = sorted(folder.glob("*.jpg"))
    return np.stack([np.array(Image.fromarray(load_square(p, size)).convert("L")) for p in paths])


def resize(picture: np.ndarray, size: int) -> np.ndarray:
    """A square picture at another size."""
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA if len(picture) > size else cv2.INTER_LINEAR)


def close_ups(gray: np.ndarray, size: int, seed: int) -> np.ndarray:
    """A random square of 64 to 200 pixels of each picture (N, 256, 256), as (N, size, size) uint8."""
    rng, made = np.random.default_rng(seed), []
    for picture in gray:
        side = int(rng.integers(64, 200))
        top, left = rng.integers(0, len(picture) - side + 1, 2)
        made.append(resize(picture[top : top + side, left : left + side], size))
    return np.stack(made)


def domain_figures(colorizer: Colorizer, data: Path) -> dict[str, Any]:
    """Share of pictures for which `lbie` warns: test flowers (false alarms), COCO photos and drawings (right)."""
    model, photos = colorizer.model, colorizer.photos
    size = model.config.working_size
    sets = {"flowers of the split": np.stack([s.rgb[..., 0] for s in photos.sources])}
    folder = data / "photos" / "coco" / "images"
    if folder.is_dir():
        coco = gray_squares(folder, 256)
        sets["COCO photos (none of them used for the score)"] = np.stack([resize(g, size) for g in coco])
        sets["close-ups from them"] = close_ups(coco, size, seed=1)
    sets["drawings, pages and noise"] = drawn_pictures(200, size, seed=1)
    return {
        name: {"warned": round(float((domain_logits(model, gray) < 0).mean()), 4), "n": len(gray)}
        for name, gray in sets.items()
    }

"""A model over all photos of a split: images encoded once, then many sentences; the finished 8-bit pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from lbie.colour.compose import LightnessSource, compose, fit_chroma, lightness_of
from lbie.colour.lab import AB_SCALE, lightness_input, rgb_to_lab
from lbie.data.flowers import load_arrays
from lbie.data.photos import PhotoArrays
from lbie.model.editing_model import EditingModel, ImageFeatures
from lbie.registry import resolve_model
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
        self.name = name
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

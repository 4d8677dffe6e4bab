"""Consistency: a judge network that says which of eight captions belongs to a photo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lbie.colour.lab import AB_SCALE, lightness_input, rgb_to_lab
from lbie.errors import InputError
from lbie.evaluation.report import interval
from lbie.language.colour_names import families_in
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ModelConfig
from lbie.model.editing_model import CONFIG, VOCABULARY, WEIGHTS
from lbie.model.language_encoder import LanguageEncoder
from lbie.tasks.padding import pad_ids

CHOICES = 8
"""Captions of a question, one of them true."""
_BATCH = 256


@dataclass(frozen=True)
class JudgeConfig:
    """Sizes of a judge."""

    side: int = 64
    """Pixels at which it looks at a photo."""
    width: int = 128
    """Length of the vectors of photos and of captions."""
    embedding: int = 64
    """Length of a word embedding."""
    channels: tuple[int, ...] = (32, 64, 128, 192)
    """Channels after each halving of the resolution."""
    max_words: int = 48
    """Words of a caption that are read."""
    word_dropout: float = 0.1
    """Share of words hidden in training."""


class Reader(Protocol):
    """What `r_precision` asks of a judge."""

    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """(N, H, W, 3) uint8 to vectors (N, D) of length 1."""

    def read_captions(self, captions: Sequence[str]) -> np.ndarray:
        """N captions to vectors (N, D) of length 1."""


class Judge(nn.Module):
    """A small CNN over Lab and a BiLSTM over words, which meet where photo and caption belong together."""

    def __init__(self, config: JudgeConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        layers: list[nn.Module] = []
        inputs = 3
        for outputs in config.channels:
            layers += [nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
            inputs = outputs
        self.trunk = nn.Sequential(*layers)
        self.picture_head = nn.Linear(2 * inputs, config.width)
        sizes = ModelConfig(width=config.width, embedding=config.embedding, word_dropout=config.word_dropout)
        self.words = LanguageEncoder(sizes, len(vocabulary))
        self.caption_head = nn.Linear(config.width, config.width)
        self.log_scale = nn.Parameter(torch.tensor(2.3))
        """Logarithm of the factor between a cosine and a logit."""

    def picture_vectors(self, lab: Tensor) -> Tensor:
        """(B, 3, side, side), L* in [-1, 1] and ab / 100, to (B, width) of length 1."""
        maps = self.trunk(lab)
        pooled = torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)
        return nn.functional.normalize(self.picture_head(pooled), dim=1)

    def caption_vectors(self, ids: Tensor) -> Tensor:
        """(B, N) int64, 0 where there is no word, to (B, width) of length 1."""
        read = self.words(ids)
        most = read.words.masked_fill(~read.mask.unsqueeze(-1), -torch.inf).amax(1)
        return nn.functional.normalize(self.caption_head(most), dim=1)

    def ids(self, captions: Sequence[str]) -> Tensor:
        """Word ids (B, N) of captions, each with a word that the judge knows."""
        return pad_ids([self.vocabulary.encode(c, self.config.max_words).ids for c in captions])

    @torch.inference_mode()
    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """See `Reader`."""
        parts = [
            self.picture_vectors(lab_input(pictures[i : i + _BATCH], self.config.side))
            for i in range(0, len(pictures), _BATCH)
        ]
        return torch.cat(parts).numpy()

    @torch.inference_mode()
    def read_captions(self, captions: Sequence[str]) -> np.ndarray:
        """See `Reader`."""
        parts = [self.caption_vectors(self.ids(captions[i : i + _BATCH])) for i in range(0, len(captions), _BATCH)]
        return torch.cat(parts).numpy()

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), configuration and vocabulary."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({k: v.contiguous() for k, v in self.state_dict().items()}, folder / WEIGHTS)
        (folder / CONFIG).write_text(json.dumps(asdict(self.config), indent=1) + "\n", "utf-8")
        self.vocabulary.save(folder / VOCABULARY)

    @classmethod
    def load(cls, folder: Path) -> Judge:
        """Read what `save` wrote; in evaluation mode.

        Raises:
            InputError: a file is missing or does not fit.
        """
        try:
            values = json.loads((folder / CONFIG).read_text("utf-8"))
            config = JudgeConfig(**(values | {"channels": tuple(values["channels"])}))
            judge = cls(config, Vocabulary.load(folder / VOCABULARY))
            judge.load_state_dict(load_file(folder / WEIGHTS))
        except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
            raise InputError(f"'{folder}' is not a judge: {error}") from error
        return judge.eval()


def lab_input(pictures: Sequence[np.ndarray] | np.ndarray, side: int) -> Tensor:
    """Square pictures (H, W, 3) uint8 to a judge's input (N, 3, side, side)."""
    small = np.stack([cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in pictures])
    lab = torch.from_numpy(rgb_to_lab(small.reshape(-1, side, 3)).reshape(small.shape)).permute(0, 3, 1, 2)
    return torch.cat([lightness_input(lab[:, :1]), lab[:, 1:] / AB_SCALE], 1)


def questions(captions: Sequence[Sequence[str]], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Eight captions a photo: its own first one, and the first ones of seven other photos, all untrue of it.

    A caption is untrue of a photo where it names a colour, other than green (leaves), that none of the photo's
    captions names.

    Args:
        captions: all captions of each of N photos.
        seed: of the draw.

    Returns:
        rows (K,) of the photos asked about: those whose first caption names a colour and for which there are seven;
        table (K, 8) of photos whose first captions are the choices, the photo itself first.
    """
    rng = np.random.default_rng(seed)
    said = [families_in(own[0]) - {"green"} for own in captions]
    told: list[set[str]] = [set().union(*map(families_in, own)) for own in captions]
    rows, table = [], []
    for i, colours in enumerate(said):
        others = [j for j, named in enumerate(said) if named - told[i]]
        if colours and len(others) >= CHOICES - 1:
            rows.append(i)
            table.append([i, *rng.choice(others, CHOICES - 1, replace=False)])
    return np.array(rows, int), np.array(table, int).reshape(-1, CHOICES)


def r_precision(judge: Reader, pictures: np.ndarray, captions: Sequence[Sequence[str]], seed: int) -> np.ndarray:
    """Whether the judge gives each photo its own caption among eight (R-precision, R = 1; Xu et al. 2018).

    Args:
        judge: a trained judge.
        pictures: (N, H, W, 3) uint8: the photos, or what a model made of them told their first captions.
        captions: all captions of each photo.
        seed: of the other seven captions.

    Returns:
        (K,) float64, 1 or 0 for each photo that `questions` asks about; chance is 1/8.
    """
    rows, table = questions(captions, seed)
    if not len(rows):
        return np.empty(0)
    texts = judge.read_captions([own[0] for own in captions])
    scores = np.einsum("kd,kcd->kc", judge.read_pictures(pictures[rows]), texts[table])
    return (scores[:, 0] > scores[:, 1:].max(1)).astype(float)


def consistency_figures(
    judge: Reader, pictures: dict[str, np.ndarray], captions: Sequence[Sequence[str]], seed: int
) -> dict[str, Any] | None:
    """R-precision of several pictures of the same photos, and its ratio to that of the true ones.

    Args:
        judge: a trained judge.
        pictures: name to (N, H, W, 3) uint8; among them `true_photos` and `own_caption`.
        captions: all captions of each photo.
        seed: of the questions.

    Returns:
        Figures with intervals; None where no photo can be asked about.
    """
    hits = {name: r_precision(judge, shown, captions, seed) for name, shown in pictures.items()}
    count = len(hits["true_photos"])
    if not count:
        return None
    figures: dict[str, Any] = {name: interval(hit) for name, hit in hits.items()}
    if hits["true_photos"].any():
        figures["own_over_true"] = interval(hits["own_caption"], hits["true_photos"])
    return figures | {"chance": 1 / CHOICES, "n": count}

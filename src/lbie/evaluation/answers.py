"""What a segmenter says to phrases of a photo: the photo is encoded once, however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from lbie.data.scene import Phrase, Scene
from lbie.editing.refine_mask import refine_mask
from lbie.errors import InputError, SentenceError
from lbie.language.vocabulary import UNKNOWN_ID
from lbie.model.editing_model import EditingModel
from lbie.model.image_features import ImageFeatures
from lbie.registry import resolve_model
from lbie.tasks.padding import pad_ids
from lbie.tasks.photo_view import probability, probability_map, view

_AT_ONCE = 32
"""Phrases that are fused at once."""
_NOTHING = -60.0
"""Logit of a pixel that is certainly none of what is named."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a model says to one phrase of a scene."""

    scene: Scene
    phrase: Phrase
    logits: np.ndarray
    """(h, w) float32, at the decoder's resolution."""
    presence: float
    """Probability that it is there; .5 where the model does not say, 0 where it knows no word of the phrase."""
    stops: np.ndarray
    """(h', w') int: the step at which each region stopped."""

    @property
    def steps(self) -> float:
        """Mean number of steps of its regions."""
        return float(self.stops.mean())

    @property
    def probability(self) -> np.ndarray:
        """(H, W) float32: that a pixel of the photo is what was named, enlarged linearly."""
        height, width = self.scene.image.shape[:2]
        return probability_map(self.logits, height, width)

    @cached_property
    def mask(self) -> np.ndarray:
        """(H, W) bool, enlarged linearly."""
        return self.probability > 0.5

    @cached_property
    def refined(self) -> np.ndarray:
        """(H, W) bool: the mask of the product, without specks, its edges moved to those of the photo."""
        return refine_mask(self.scene.image, probability(self.logits)) > 127

    @property
    def truth(self) -> np.ndarray | None:
        """(H, W) bool: what the phrase names; None where it names nothing."""
        target = self.phrase.target
        return None if target is None else self.scene.instances[target].mask

    def overlap(self, index: int) -> tuple[int, int]:
        """Intersection and union, in pixels, of `mask` with a thing of the scene."""
        return overlap(self.mask, self.scene.instances[index].mask)


def overlap(one: np.ndarray, other: np.ndarray) -> tuple[int, int]:
    """Intersection and union, in pixels, of two masks (H, W) bool."""
    return int(np.count_nonzero(one & other)), int(np.count_nonzero(one | other))


def is_right(scene: Scene, target: int, mask: np.ndarray) -> bool | None:
    """Whether a mask (H, W) bool has a larger IoU with the thing meant than with any other of its kind.

    None where it is the only one of its kind, or the data does not say what kind it is.
    """
    things = scene.instances
    kind = things[target].category
    rivals = [i for i, thing in enumerate(things) if thing.category == kind and i != target]
    if not rivals or not kind:
        return None
    pairs = [overlap(mask, things[i].mask) for i in (target, *rivals)]
    own, *others = (both / max(either, 1) for both, either in pairs)
    return own > max(others)


def load_segmenter(name: str) -> EditingModel:
    """Load a model by name or folder.

    Raises:
        InputError: there is no such model, or it does not find what phrases name.
    """
    model = EditingModel.load_folder(resolve_model(name))
    if model.config.task != "segment":
        raise InputError(f"the model '{name}' does not segment photos: its task is '{model.config.task}'")
    return model


@torch.inference_mode()
def look(model: EditingModel, rgb: np.ndarray) -> ImageFeatures:
    """Encode a photo (H, W, 3) uint8 with a model in evaluation mode."""
    small = torch.from_numpy(view(rgb, model.config.working_size, model.image_encoder.size_multiple))
    return model.encode_image(small.contiguous(memory_format=torch.channels_last))


def word_ids(model: EditingModel, text: str, blank: bool = False) -> tuple[int, ...] | None:
    """A phrase as the model reads it; None where it has no word that the model knows.

    `blank`: with every word replaced by the unknown word.
    """
    try:
        ids = model.vocabulary.encode(text, model.config.max_words).ids
    except (InputError, SentenceError):
        return None
    return (UNKNOWN_ID,) * len(ids) if blank else ids


@torch.inference_mode()
def ask(
    model: EditingModel,
    features: ImageFeatures,
    scene: Scene,
    phrases: Sequence[Phrase],
    *,
    force_steps: int | None = None,
    blank: bool = False,
) -> list[Answer]:
    """What a model in evaluation mode says to phrases of a scene, whatever they name.

    Args:
        model: who is asked.
        features: what `look` made of the scene's photo.
        scene: the photo and its things.
        phrases: any number of them.
        force_steps: stop every region after so many steps (None: the gates decide).
        blank: replace every word by the unknown word.

    Returns:
        An answer a phrase. One without a known word gets an empty mask.
    """
    ids = [word_ids(model, phrase.text, blank) for phrase in phrases]
    readable = [i for i, words in enumerate(ids) if words is not None]
    size, grid = (1, 1), tuple(features.start.size)
    found: dict[int, Answer] = {}
    for start in range(0, len(readable), _AT_ONCE):
        chosen = readable[start : start + _AT_ONCE]
        language = model.encode_sentence(pad_ids([ids[i] or () for i in chosen]))
        several = features.repeat(len(language.mask))
        out = model.fuse_and_decode(several, language, force_steps=force_steps)
        there = torch.full((len(chosen),), 0.5) if out.presence is None else out.presence.sigmoid()
        size = (out.output.shape[-2], out.output.shape[-1])
        stops = out.trace.stop_step.numpy()
        for row, i in enumerate(chosen):
            found[i] = Answer(scene, phrases[i], out.output[row, 0].numpy(), float(there[row]), stops[row])
    empty, none = np.full(size, _NOTHING, np.float32), np.zeros(grid, np.int64)
    return [found[i] if i in found else Answer(scene, phrase, empty, 0.0, none) for i, phrase in enumerate(phrases)]


def answers(model: EditingModel, scene: Scene, phrases: Sequence[Phrase]) -> list[Answer]:
    """`look` and `ask`."""
    return ask(model, look(model, scene.image), scene, phrases)

"""Where a run starts from: fresh weights, or those of another model with words added."""

from __future__ import annotations

import torch

from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import VOCABULARY, EditingModel
from lbie.registry import resolve_model
from lbie.training.recipe import Recipe


def starting_vocabulary(start_from: str | None, built: Vocabulary) -> Vocabulary:
    """Words of a run's own texts; after those of the model `start_from`, whose ids stay.

    Raises:
        InputError: no such model, or it has no vocabulary.
    """
    if start_from is None:
        return built
    return Vocabulary.load(resolve_model(start_from) / VOCABULARY).extended(built.words)


@torch.no_grad()
def load_start(model: EditingModel, recipe: Recipe) -> None:
    """Give a new model the weights that its recipe starts from, in place.

    With `start_from` all weights are that model's but for the embeddings of words it does not have and parts of another
    form, which stay fresh, and the domain score, which says what that model was made for.

    Raises:
        InputError: no such model.
    """
    if recipe.start_from is None:
        if recipe.imagenet:
            model.image_encoder.backbone.load_imagenet()
        return
    start = EditingModel.load_folder(resolve_model(recipe.start_from)).state_dict()
    for name, value in model.state_dict().items():
        if name == "language_encoder.embedding.weight":
            value[: len(start[name])] = start[name]
        elif not name.startswith("domain.") and name in start and start[name].shape == value.shape:
            value.copy_(start[name])

"""How many passes, and over how many examples, come to a number of training steps."""

from __future__ import annotations

import math

from lbie.training.recipe import Recipe


def budget(recipe: Recipe, steps: int, examples: int | None = None) -> dict[str, int]:
    """Overrides that make a run so many steps long: as near to all examples in each pass as that allows.

    Args:
        recipe: of the run.
        steps: of training.
        examples: that there are (None: those of the recipe, of CoSaL).
    """
    most = (examples or recipe.limit or recipe.cosal.worlds) // recipe.batch_size
    epochs = max(1, math.ceil(steps / most))
    return {
        "epochs": epochs,
        "limit": max(1, round(steps / epochs)) * recipe.batch_size,
        "validate_every": epochs,
    }


def scene_budget(recipe: Recipe, steps: int) -> dict[str, int]:
    """The same for scenes that are drawn anew in each pass: as many passes as the recipe has, fewer where steps are."""
    epochs = min(recipe.epochs, steps)
    return {
        "epochs": epochs,
        "segment.scenes": max(1, round(steps / epochs)) * recipe.batch_size,
        "validate_every": epochs,
    }

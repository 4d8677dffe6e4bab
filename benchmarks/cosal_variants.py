"""The variants of the recipe `cosal` that the ablations compare, each one change apart."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lbie.training.recipe import Recipe

MAIN = ("full", "no-lookup", "no-recurrence")
"""Those that are trained with every seed; the others with the first one."""
PRICES = (0.1, 5, 25)
"""Prices of a step that are tried, in units of the recipe's."""
NAMES = (
    *MAIN,
    "no-context",
    "one-question",
    "no-guidance",
    "gumbel",
    "marginal",
    "no-symmetry",
    "no-lessons",
    *(f"price-x{times}" for times in PRICES),
)
"""All of them, in the order of the table."""


def variants(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Overrides of the recipe by name of the variant."""
    lessons = [asdict(lesson) for lesson in recipe.cosal.lessons]
    changes = {
        "full": {},
        "no-lookup": {"model.lookup": False},
        "no-recurrence": {"model.max_steps": 1, "cosal.lessons": [x | {"max_steps": 1} for x in lessons]},
        "no-context": {"model.context": 0},
        "one-question": {"model.questions": 1},
        "no-guidance": {"cosal.guidance": 0.0},
        "gumbel": {"model.estimator": "gumbel"},
        "marginal": {"model.estimator": "marginal"},
        "no-symmetry": {"cosal.symmetry": False},
        "no-lessons": {"cosal.lessons": lessons[-1:]},
        **{f"price-x{times}": {"step_price": recipe.step_price * times} for times in PRICES},
    }
    return {name: changes[name] for name in NAMES}


def ordered(names: list[str], seeds: list[int]) -> list[tuple[str, int]]:
    """Runs in the order in which they are of most use if they are cut off: the main ones, the others, more seeds."""
    main = [name for name in MAIN if name in names]
    others = [name for name in names if name not in MAIN]
    first = [(name, seeds[0]) for name in (*main, *others)]
    return first + [(name, seed) for seed in seeds[1:] for name in main]

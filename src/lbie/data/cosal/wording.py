"""Statements in other words than the paper's."""

from __future__ import annotations

from collections.abc import Sequence

from lbie.data.cosal.programme import OPPOSITE, Form, Statement
from lbie.data.cosal.templates import COLOUR_NAMES, DIRECT, KIND_NAMES, PLACES, RELATIONAL, SIDES, THINGS, TINTS

DRAWS = 6
"""Numbers of chance that a sentence takes."""


def _choose(choices: Sequence[str], number: float) -> str:
    return choices[int(number * len(choices))]


def word_statement(statement: Statement, split: str, chance: Sequence[float]) -> str:
    """A sentence from the split's templates, with names, spellings and ways to say a place chosen uniformly.

    Args:
        statement: direct or relational.
        split: train, val or test.
        chance: (6,) in [0, 1).
    """
    if statement.colour is None:
        raise ValueError(f"there are no templates for {statement.form.value} sentences")
    colour, tint = _choose(COLOUR_NAMES[statement.colour], chance[1]), _choose(TINTS, chance[2])
    if statement.form is Form.DIRECT or statement.relation is None or statement.landmark is None:
        shape = _choose(KIND_NAMES[statement.target], chance[3])
        text = _choose(DIRECT[split], chance[0]).format(shape=shape, colour=colour, tint=tint)
    else:
        landmark = _choose(KIND_NAMES[statement.landmark], chance[3])
        text = _choose(RELATIONAL[split], chance[0]).format(
            colour=colour,
            tint=tint,
            landmark=landmark,
            thing=_choose(THINGS, chance[4]),
            place=f"{_choose(PLACES[statement.relation], chance[5])} the {landmark}",
            side=_choose(SIDES[statement.relation], chance[5]),
            inverse=_choose(PLACES[OPPOSITE[statement.relation]], chance[5]),
        )
    return f"{text[0].upper()}{text[1:]}."

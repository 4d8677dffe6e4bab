"""What a reference says of a piece in the terms of the facts that the image encoder finds."""

from __future__ import annotations

import numpy as np

from lbie.data.cosal.free.programme import ANY, Pick, Reference
from lbie.data.cosal.shapes import KINDS
from lbie.model.piece_facts import FAMILIES, FIRSTS, fact_values, landmark_values
from lbie.model.ranks import RANK_VALUES

FULL, LEAST = 16.0, 0.83
"""What the facts of a piece that is meant come to in all, and which share of that is asked for."""
CATEGORIES = 1 + len(KINDS)
FACTS = fact_values(CATEGORIES)
"""Facts of a piece: its own, then those of the pieces that it lies above, below, to the left and to the right of as the
nearest of its kind, then as the nearest of all."""
_BEFORE = (2, 3, 0, 1)
"""Of `FIRSTS`, the first from above, below, left and right."""


def fact_weights(reference: Reference) -> np.ndarray:
    """How much each fact of a piece speaks for its being meant, (FACTS,) float32.

    The facts of a piece that is meant come to (1 - LEAST) * FULL in all, those of others to less than 0, as far as it
    has facts that are not asked for, and as pieces are told apart by facts at all. "The other circles" are all circles.
    """
    asked = [[1 + kind for kind in reference.kinds]]
    group, first = min(len(reference.kinds), 3) - 1, _first(reference)
    if first is not None:
        asked.append([CATEGORIES + group * RANK_VALUES + FIRSTS[first] + reference.rank - 1])
    if reference.pick is Pick.PLACE and reference.landmark is not None and reference.side is not None:
        way = reference.side + (4 if reference.kinds == ANY else 0)
        before = FACTS - (8 - way) * landmark_values(CATEGORIES)
        asked.append([before + fact for fact in _landmark(reference.landmark)])
    weights = np.zeros(FACTS, np.float32)
    weights[:CATEGORIES] = -LEAST * FULL  # every piece has one kind or none
    for facts in asked:
        weights[facts] += FULL / len(asked)
    return weights


def _first(reference: Reference) -> int | None:
    """Of `FIRSTS`, from where a reference counts: four sides, the largest, the smallest; None: it does not count."""
    if reference.pick in (Pick.SIDE, Pick.ORDER) and reference.side is not None:
        return _BEFORE[reference.side]
    return 4 + (not reference.largest) if reference.pick is Pick.SIZE else None


def _landmark(reference: Reference) -> list[int]:
    """Which values of a landmark say that it is meant, one of them: its kind, or what it is the first of."""
    first, kinds = _first(reference), reference.kinds
    if first is None or reference.rank > 1:
        return [1 + kind for kind in kinds]
    if kinds == ANY:
        number = len(KINDS) + len(FAMILIES)
    else:
        number = kinds[0] if len(kinds) == 1 else len(KINDS) + FAMILIES.index(tuple(kinds))
    return [CATEGORIES + number * len(FIRSTS) + first]

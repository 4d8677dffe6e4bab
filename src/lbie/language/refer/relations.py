"""How surely one thing stands in a relation to another: 1 yes, 0 no, .5 one may argue."""

from __future__ import annotations

import numpy as np

from lbie.language.refer.facts import Facts
from lbie.language.refer.programme import Relation

RIDDEN = frozenset({"surfboard", "skateboard", "snowboard", "motorcycle", "horse", "elephant"})
"""What a person is surely on, where it is under them."""
SURFACES = frozenset({"bed", "couch", "dining table", "chair", "bench"})
"""What small things and pets are on."""
HOLLOW = frozenset({"bowl", "cup", "vase", "sink"})
"""What things are in rather than on."""
_FOOD = frozenset(("banana", "apple", "sandwich", "orange", "broccoli", "carrot", "donut", "hot dog"))
_SMALL_THINGS = _FOOD | frozenset(
    ("cat", "dog", "backpack", "handbag", "suitcase", "bottle", "cup", "bowl", "fork", "knife", "spoon", "pizza",
     "cake", "laptop", "mouse", "remote", "keyboard", "book", "vase", "scissors", "wine glass", "cell phone",
     "teddy bear", "potted plant")
)  # fmt: skip

_CLOSE, _APART = 0.035, 0.1
_STEP = 0.03


def may_rest(kind: str, support: str) -> bool:
    """Whether `kind` on (or in) `support` is something that happens and can be seen."""
    if kind == "person":
        return support in RIDDEN
    return (support in SURFACES and kind in _SMALL_THINGS) or (support in HOLLOW and kind in _FOOD)


def relation_values(facts: Facts, relation: Relation, anchor: int) -> np.ndarray:
    """(N,) values of each thing's relation to the anchor; that of the anchor itself is 0.

    `closest to` is for the resolver to rank and is not answered here.
    """
    if (relation, anchor) in facts.relations:
        return facts.relations[relation, anchor]
    if relation in {"left of", "right of"}:
        values = _beside(facts.box[:, [1, 3]], facts.box[:, [0, 2]], anchor, relation == "left of")
    elif relation in {"above", "below"}:
        values = _beside(facts.box[:, [0, 2]], facts.box[:, [1, 3]], anchor, relation == "above")
    elif relation == "next to":
        values = _next(facts, anchor)
    else:
        values = np.array([_on(facts, i, anchor) for i in range(len(facts))])
    values[anchor] = 0.0
    facts.relations[relation, anchor] = values
    return values


def _beside(along: np.ndarray, across: np.ndarray, anchor: int, before: bool) -> np.ndarray:
    """Whether intervals `along` (N, 2) lie before (or after) the anchor's, level with it `across`."""
    if not before:
        along = 1 - along[:, ::-1]
    centre, middle = along.mean(1), across.mean(1)
    ahead = centre[anchor] - centre
    aside = np.abs(middle - middle[anchor])
    low, high = along[anchor]
    shared = np.minimum(across[:, 1], across[anchor, 1]) - np.maximum(across[:, 0], across[anchor, 0])
    extent = np.minimum(across[:, 1] - across[:, 0], across[anchor, 1] - across[anchor, 0])
    level = (shared >= 0.3 * extent) | (aside <= 0.5 * ahead)
    clear = (along[:, 1] <= (low + high) / 2 - _STEP / 2) & (centre <= low) & (ahead >= 2 * _STEP)
    yes = clear & level & (aside <= ahead)
    askew = ~level & (aside > 1.5 * ahead)
    no = (ahead <= _STEP / 2) | (along[:, 0] >= (low + high) / 2) | askew
    return np.where(yes, 1.0, np.where(no, 0.0, 0.5))


def _next(facts: Facts, anchor: int) -> np.ndarray:
    far, box = facts.distances(anchor), facts.box
    shared = np.clip(np.minimum(box[:, 2:], box[anchor, 2:]) - np.maximum(box[:, :2], box[anchor, :2]), 0, None).prod(1)
    extent = (box[:, 2:] - box[:, :2]).prod(1)
    inside = shared > 0.5 * np.minimum(extent, extent[anchor])
    yes = (far <= _CLOSE) & ~inside
    return np.where(yes, 1.0, np.where(far >= _APART, 0.0, 0.5))


def _on(facts: Facts, index: int, anchor: int) -> float:
    """Seen from the front: the anchor lies just under the thing, and the thing's middle is over the anchor."""
    box, under = facts.box[index], facts.box[anchor]
    apart = min(box[2], under[2]) < max(box[0], under[0]) - 0.02 or min(box[3], under[3]) < max(box[1], under[1]) - 0.02
    if index == anchor or apart:
        return 0.0
    share = facts.rests_on(index, anchor)
    over = (
        under[1] <= facts.centre_x[index] <= under[3] and box[2] < under[2] + 0.02 and box[0] < facts.centre_y[anchor]
    )
    if share >= 0.5 and over and may_rest(facts.kinds[index], facts.kinds[anchor]):
        return 1.0
    return 0.0 if share < 0.05 and facts.distances(anchor)[index] > 0.02 else 0.5

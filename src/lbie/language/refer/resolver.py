"""Which things of a scene a programme means, with doubt kept: it proves that a phrase names exactly one.

It knows nothing of how phrases are made. A value is 1 (it is meant), 0 (it is not) or .5 (one may argue).
"""

from __future__ import annotations

import numpy as np

from lbie.language.refer.colours import COLOURS
from lbie.language.refer.facts import Facts
from lbie.language.refer.programme import (
    Coloured,
    InFront,
    Middle,
    Node,
    Placed,
    Ranked,
    Related,
    Side,
    Sized,
    Things,
    kinds_in,
)
from lbie.language.refer.relations import relation_values

_GAP = 0.05
"""Between the centres of neighbours in a row, in units of the picture."""
_LOOSE_GAP = 0.08
_LOOSE_GAP_OF_MANY = 0.15
_LARGER = 1.6
_LARGER_BOX = 1.3
_LOWER = 0.04


def resolve(node: Node, facts: Facts) -> np.ndarray:
    """(N,) values of the scene's things."""
    if isinstance(node, Things):
        noun = node.noun
        return np.array([1.0 if k in noun.kinds else 0.5 if k in noun.maybe else 0.0 for k in facts.kinds]).reshape(-1)
    values = resolve(node.of, facts)
    if isinstance(node, Coloured):
        number = COLOURS.index(node.colour)
        return np.array([min(v, facts.colours(i)[number]) if v else 0.0 for i, v in enumerate(values)])
    if isinstance(node, Placed):
        return np.minimum(values, _placed(node.place, facts))
    if isinstance(node, Related):
        return np.minimum(values, _related(node, facts, values))
    # What is left picks one of them, so it has to be sure who they are.
    members = np.flatnonzero(values == 1)
    if (values == 0.5).any():
        return np.minimum(values, 0.5)
    if isinstance(node, Sized):
        chosen = _by_size(facts, members, node.largest)
    elif isinstance(node, InFront):
        chosen = _in_front(facts, members)
    else:
        chosen = _in_row(node, facts, members)
    picked = np.zeros(len(facts))
    if chosen is None:
        picked[members] = 0.5
    elif chosen >= 0:
        picked[chosen] = 1.0
    return picked


def named(node: Node, facts: Facts) -> int | None:
    """The only thing that a programme means, or None where there is none, several, or doubt."""
    if not facts.knows(kinds_in(node)):
        return None
    values = resolve(node, facts)
    sure = np.flatnonzero(values)
    return int(sure[0]) if len(sure) == 1 and values[sure[0]] == 1 and facts.askable[sure[0]] else None


def names_nothing(node: Node, facts: Facts) -> bool:
    """Whether a programme surely means nothing in the scene."""
    return facts.knows(kinds_in(node)) and not resolve(node, facts).any()


def _placed(place: str, facts: Facts) -> np.ndarray:
    """(N,) how surely each lies in a part of the picture."""
    x, y, box = facts.centre_x, facts.centre_y, facts.box
    if place == "middle":
        yes = (np.abs(x - 0.5) < 0.1) & (np.abs(y - 0.5) < 0.25)
        no = (np.abs(x - 0.5) > 0.25) | (np.abs(y - 0.5) > 0.4)
        return np.where(yes, 1.0, np.where(no, 0.0, 0.5))
    values = np.ones(len(facts))
    for word in place.split():
        centre, low, high = (x, box[:, 1], box[:, 3]) if word in {"left", "right"} else (y, box[:, 0], box[:, 2])
        if word in {"right", "bottom"}:
            centre, low, high = 1 - centre, 1 - high, 1 - low
        yes, no = (centre < 0.4) & (high < 0.62), (centre > 0.56) | (low > 0.38)
        values = np.minimum(values, np.where(yes, 1.0, np.where(no, 0.0, 0.5)))
    return values


def _related(node: Related, facts: Facts, values: np.ndarray) -> np.ndarray:
    anchors = resolve(node.anchor, facts)
    if not anchors.any():
        return np.zeros(len(facts))
    anchor = named(node.anchor, facts)
    if anchor is None:
        return np.full(len(facts), 0.5)
    if node.relation != "closest to":
        return relation_values(facts, node.relation, anchor)
    members = np.flatnonzero((values > 0) & (np.arange(len(facts)) != anchor))
    out = np.zeros(len(facts))
    far = facts.distances(anchor)[members]
    order = members[np.argsort(far, kind="stable")]
    far = np.sort(far)
    if len(order) == 1 or (len(order) > 1 and far[1] > 2 * far[0] + 0.03):
        out[order[0]] = 1.0
    else:
        out[members] = 0.5
    return out


def _by_size(facts: Facts, members: np.ndarray, largest: bool) -> int | None:
    """Index of the largest or smallest of the members, -1 of none, None in doubt."""
    if len(members) == 0:
        return -1
    area = facts.area[members]
    extent = (facts.box[members, 2:] - facts.box[members, :2]).prod(1)
    if not largest:
        area, extent = 1 / np.maximum(area, 1e-9), 1 / np.maximum(extent, 1e-9)
    best = int(np.argmax(area))
    others = np.arange(len(members)) != best
    clear = (area[best] >= _LARGER * area[others]).all() and (extent[best] >= _LARGER_BOX * extent[others]).all()
    return int(members[best]) if clear else None


def _in_front(facts: Facts, members: np.ndarray) -> int | None:
    """Index of the one that is both lower in the picture and larger."""
    if len(members) == 0:
        return -1
    best = int(members[np.argmax(facts.area[members])])
    others = members[members != best]
    lower = (facts.box[best, 2] >= facts.box[others, 2] + _LOWER).all()
    return best if lower and (facts.area[best] >= _LARGER * facts.area[others]).all() else None


def _in_row(node: Ranked | Middle, facts: Facts, members: np.ndarray) -> int | None:
    """Index of the one at a place in the row of members."""
    side: Side = node.side if isinstance(node, Ranked) else "left"
    level = side in {"left", "right"}
    along, across = (facts.centre_x, facts.centre_y) if level else (facts.centre_y, facts.centre_x)
    edge = facts.box[:, 1 if level else 0]
    if side in {"right", "bottom"}:
        along, edge = 1 - along, 1 - facts.box[:, 3 if level else 2]
    order = members[np.argsort(along[members], kind="stable")]
    count = len(order)
    if isinstance(node, Middle):
        if count not in {3, 5}:
            return None if count else -1
        rank = count // 2
    else:
        rank = node.rank
    if rank >= count:
        return -1 if facts.askable[members].all() else None
    if rank and not (facts.askable[order].all() and _is_row(along[order], across[order])):
        return None
    gap = _GAP
    if isinstance(node, Ranked) and node.loose:
        gap = _LOOSE_GAP if count < 3 else _LOOSE_GAP_OF_MANY
    position, best = along[order], int(order[rank])
    before = rank == 0 or position[rank] - position[rank - 1] >= gap
    after = rank == count - 1 or position[rank + 1] - position[rank] >= gap
    foremost = rank > 0 or (edge[best] <= edge[order]).all()
    return best if before and after and foremost else None


def _is_row(along: np.ndarray, across: np.ndarray) -> bool:
    """Whether things stand side by side rather than in a heap."""
    return bool(np.ptp(across) <= 0.3 and np.ptp(across) <= np.ptp(along) and (np.diff(along) >= 0.03).all())

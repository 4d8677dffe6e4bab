"""The order in which a rater sees the pictures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One picture of a study."""

    id: str
    """Opaque; the picture's file name without its suffix."""
    photo: str
    """Which photo it shows."""
    system: str
    """What coloured it, or `truth`."""
    sentence: str
    """What it should agree with."""


def viewing_order(items: Sequence[Item], key: str) -> list[str]:
    """Ids of all items, in an order drawn from `key`.

    A Latin square: each photo is shown once before any is shown again, and of as many pictures in a row as there are
    systems (counted from the first) each is of another system. Whoever stops early has seen all systems equally often.

    Args:
        items: every photo by every system.
        key: the seed; another one a rater.
    """
    rng = random.Random(key)
    ids = {(item.photo, item.system): item.id for item in items}
    photos, systems = sorted({i.photo for i in items}), sorted({i.system for i in items})
    rng.shuffle(photos)
    rng.shuffle(systems)
    numbered = list(enumerate(photos))
    order = []
    for turn in range(len(systems)):
        for start in range(0, len(photos), len(systems)):
            group = numbered[start : start + len(systems)]
            rng.shuffle(group)
            order += [ids[photo, systems[(number + turn) % len(systems)]] for number, photo in group]
    return order

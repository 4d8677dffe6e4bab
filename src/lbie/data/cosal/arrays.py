"""Worlds as arrays: what training and evaluation go through by the thousand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from lbie.data.cosal.programme import Form, Statement
from lbie.data.cosal.worlds import World

FORMS = tuple(Form)
"""Form number f is `FORMS[f]`."""
FORM, TARGET, COLOUR, RELATION, LANDMARK, SOURCE = range(6)
"""Columns of a programme."""
DIRECT, RELATIONAL, NAMED, SPATIAL = range(len(FORMS))
"""Form numbers."""
NONE = -1
"""What a form of sentence does not use."""


@dataclass(frozen=True)
class WorldArrays:
    """N worlds."""

    arrangement: np.ndarray
    """(N, 9) uint8, kind in each cell."""
    geometry: np.ndarray
    """(N, 9, 8) float64, of the shape in each cell."""
    programme: np.ndarray
    """(N, 9, 6) int8: form, target, colour, relation, landmark, source of each sentence."""
    hops: np.ndarray
    """(N, 9) int8: hops that the target of each sentence needs."""

    def __len__(self) -> int:
        return len(self.arrangement)

    @classmethod
    def of(cls, worlds: Iterable[World], total: int, title: str) -> WorldArrays:
        """Collect worlds, with a progress bar of that title."""
        arrangement, geometry, programme, hops = [], [], [], []
        for world in tqdm(worlds, desc=title, total=total, unit="world", disable=None, leave=False):
            arrangement.append(world.arrangement)
            geometry.append(world.geometry)
            programme.append([encode_statement(s) for s in world.programme])
            hops.append([world.hops[s.target] for s in world.programme])
        return cls(np.stack(arrangement), np.stack(geometry), np.array(programme, np.int8), np.array(hops, np.int8))


def encode_statement(s: Statement) -> tuple[int, ...]:
    """A statement as six numbers, `NONE` for what it does not use."""
    rest = (s.colour, s.relation, s.landmark, s.source)
    return (FORMS.index(s.form), s.target, *(NONE if value is None else value for value in rest))


def decode_statement(row: tuple[int, ...]) -> Statement:
    """What `encode_statement` encoded."""
    form, target, *rest = row
    colour, relation, landmark, source = (None if value == NONE else value for value in rest)
    return Statement(FORMS[form], target, colour, relation, landmark, source)


def look_up(table: np.ndarray, index: np.ndarray, none: int) -> np.ndarray:
    """Entries of tables.

    Args:
        table: (N, K), one of each world.
        index: (N, ...) integers below K, or K (`NO_SHAPE` among kinds) or `NONE` for nothing.
        none: the entry of nothing.

    Returns:
        (N, ...).
    """
    count, size = table.shape
    padded = np.concatenate([table, np.full((count, 1), none, table.dtype)], 1)
    flat = index.reshape(count, -1).astype(np.int64) % (size + 1)  # NONE to the last column
    return np.take_along_axis(padded, flat, 1).reshape(index.shape)


def resolve(programme: np.ndarray, holds: np.ndarray) -> np.ndarray:
    """The colours that descriptions give.

    Args:
        programme: (N, S, 6), at most one sentence that holds a shape.
        holds: (N, S) bool, whether the sentence counts.

    Returns:
        (N, 9) int8 colour of each kind, `NONE` where nothing tells it.
    """
    count, sentences, _ = programme.shape
    colours = np.full((count, 10), NONE, np.int8)  # the last column stands for no shape
    rows = np.arange(count)
    for _ in range(9):
        for s in range(sentences):
            statement = programme[:, s].astype(np.int64)
            given = np.where(statement[:, SOURCE] == NONE, statement[:, COLOUR], colours[rows, statement[:, SOURCE]])
            target = np.where(holds[:, s], statement[:, TARGET], 9)
            colours[rows, target] = np.where(holds[:, s], given, NONE)
    return colours[:, :9]

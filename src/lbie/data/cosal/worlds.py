"""Worlds of the three suites, each from its suite, split, seed and index alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from lbie.data.cosal import descriptions, wording
from lbie.data.cosal.draws import draw_numbers
from lbie.data.cosal.programme import Statement, count_hops
from lbie.data.cosal.shapes import (
    BACKGROUND,
    COLOURS,
    HIGHEST,
    KINDS,
    LOWEST,
    PALETTE,
    PARAMETERS,
    draw_shape_maps,
    paint,
)
from lbie.errors import InputError

SUITES = ("paper", "wording", "chain")
"""`paper`: the published protocol. `wording`: the same worlds in other words. `chain`: colours given by reference,
over 1 to 4 hops in train and val and 1 to 6 in test, from two shapes of different colours (see
`descriptions.describe_chain`)."""
SPLITS = {"train": 50_000, "val": 5_000, "test": 10_000}
"""Worlds of each split; train and test as published."""
DIRECT = (4,)
"""Direct sentences of `paper` and `wording` where nothing else is asked for."""
_SHAPES = len(KINDS)
_GEOMETRY = 2 * _SHAPES
_CHOICES = _GEOMETRY + _SHAPES * PARAMETERS
_WIDTH = 4 * ceil((_CHOICES + 2 + descriptions.DRAWS) / 4)
_WORDS = 4 * ceil(_SHAPES * wording.DRAWS / 4)
_BATCH = 256


@dataclass(frozen=True, slots=True)
class World:
    """A picture of nine shapes, and nine sentences that tell their colours."""

    index: int
    arrangement: np.ndarray
    """(9,) uint8, kind of the shape in each cell, row by row from the upper left."""
    geometry: np.ndarray
    """(9, 8) float64, of the shape in each cell, in units of the cell (see `shapes.LOWEST`)."""
    shapes: np.ndarray
    """(48, 48) uint8, kind of each pixel; `shapes.NO_SHAPE` (9) on the background."""
    classes: np.ndarray
    """(48, 48) uint8, colour of each pixel, 0 to 5; `shapes.BACKGROUND` (6) on the background."""
    colours: np.ndarray
    """(9,) uint8, colour of each kind."""
    programme: tuple[Statement, ...]
    """What each sentence says."""
    sentences: tuple[str, ...]
    """Nine sentences."""
    hops: tuple[int, ...]
    """(9,) hops that each kind of shape needs."""
    references: str
    """How colours are given by reference: `none`, `named` or `spatial`."""

    @property
    def source(self) -> np.ndarray:
        """(48, 48, 3) uint8 RGB: every shape black on white."""
        return np.repeat(np.where(self.classes == BACKGROUND, np.uint8(255), np.uint8(0))[..., None], 3, 2)

    @property
    def target(self) -> np.ndarray:
        """(48, 48, 3) uint8 RGB: every shape in its colour."""
        return PALETTE[self.classes]


def generate(
    suite: str,
    split: str,
    count: int | None = None,
    *,
    seed: int = 0,
    start: int = 0,
    direct: Sequence[int] = DIRECT,
) -> Iterator[World]:
    """Worlds `start` to `start + count - 1` of a split, in order.

    World i is the same on every machine, however many are asked for. The picture of world i of `paper` does not depend
    on `direct`, and `wording` has the pictures and programmes of `paper`.

    Args:
        suite: one of `SUITES`.
        split: train, val or test.
        count: number of worlds; without one, those from `start` to the end of the published split.
        seed: any integer; the fixed splits have 0.
        start: index of the first world, 0 or more.
        direct: number of direct sentences, 1 to 9; of several, each world gets one chosen uniformly. Not for `chain`.

    Raises:
        InputError: one of the arguments is not as it should be.
    """
    indices = check_indices(suite, SUITES, split, count, start)
    if not direct or not all(1 <= k <= _SHAPES for k in direct):
        raise InputError(f"there are 1 to {_SHAPES} direct sentences, got {list(direct)}")
    return _worlds(suite, split, seed, indices, tuple(direct))


def check_indices(suite: str, suites: Sequence[str], split: str, count: int | None, start: int) -> range:
    """The numbers of the worlds that are asked for: `count` of them from `start`, or up to the end of the split.

    Raises:
        InputError: the suite is none of `suites`, there is no such split, or numbers are below 0.
    """
    if suite not in suites:
        raise InputError(f"no suite '{suite}': there are {', '.join(suites)}")
    if split not in SPLITS:
        raise InputError(f"no split '{split}': there are {', '.join(SPLITS)}")
    if start < 0 or (count is not None and count < 0):
        raise InputError(f"worlds are counted from 0, got start {start} and count {count}")
    return range(start, max(SPLITS[split], start) if count is None else start + count)


def _worlds(suite: str, split: str, seed: int, indices: range, direct: tuple[int, ...]) -> Iterator[World]:
    for first in range(indices.start, indices.stop, _BATCH):
        yield from _batch(suite, split, seed, range(first, min(first + _BATCH, indices.stop)), direct)


def _batch(suite: str, split: str, seed: int, indices: range, direct: tuple[int, ...]) -> Iterator[World]:
    stream = f"{'paper' if suite == 'wording' else suite} {split} {seed}"
    numbers = draw_numbers(stream, indices.start, len(indices), _WIDTH)
    arrangements = np.argsort(numbers[:, :_SHAPES], axis=1, kind="stable").astype(np.uint8)
    colours = (numbers[:, _SHAPES:_GEOMETRY] * len(COLOURS)).astype(np.uint8)
    unit = numbers[:, _GEOMETRY:_CHOICES].reshape(-1, _SHAPES, PARAMETERS)
    low = LOWEST[arrangements]
    geometry = low + unit * (HIGHEST[arrangements] - low)
    maps = draw_shape_maps(arrangements, geometry)
    chances = numbers[:, _CHOICES:].tolist()
    words = None
    if suite == "wording":
        words = draw_numbers(f"words {split} {seed}", indices.start, len(indices), _WORDS).tolist()
    for i, index in enumerate(indices):
        arrangement, chance = arrangements[i].tolist(), chances[i]
        references = "none"
        if suite == "chain":
            references = "spatial" if chance[0] < 0.5 else "named"
            forests = descriptions.FORESTS[split]
            programme, kinds_colours = descriptions.describe_chain(
                arrangement, forests[index % len(forests)], references == "spatial", chance[2:]
            )
            own = np.array(kinds_colours, np.uint8)
        else:
            own = colours[i]
            number = direct[int(chance[1] * len(direct))]
            programme = descriptions.describe_paper(arrangement, own.tolist(), number, chance[2:])
        if words is None:
            sentences = tuple([s.text() for s in programme])
        else:
            n = wording.DRAWS
            sentences = tuple(
                [wording.word_statement(s, split, words[i][n * j : n * j + n]) for j, s in enumerate(programme)]
            )
        yield World(
            index=index,
            arrangement=arrangements[i],
            geometry=geometry[i],
            shapes=maps[i],
            classes=paint(maps[i], own),
            colours=own,
            programme=tuple(programme),
            sentences=sentences,
            hops=count_hops(programme),
            references=references,
        )

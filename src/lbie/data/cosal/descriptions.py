"""Programmes that describe a world: the paper's, and chains of references."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lbie.data.cosal.programme import NEIGHBOURS, OPPOSITE, Form, Statement

SHAPES = 9
CHAIN_HOPS = {"train": 4, "val": 4, "test": 6}
"""Most hops of the suite `chain`; every world has a shape at each number of hops from 0 to it."""
ROOTS = (2, 3)
"""Shapes of a chain's world whose colour is told directly: with one, all nine would have its colour."""
DRAWS = 46
"""Numbers of chance that a description takes."""


def _shuffled(numbers: Sequence[float]) -> list[int]:
    return sorted(range(len(numbers)), key=numbers.__getitem__)


def describe_paper(
    arrangement: Sequence[int], colours: Sequence[int], direct: int, chance: Sequence[float]
) -> list[Statement]:
    """`direct` direct sentences, then relational ones, each about a neighbour of a shape that is described before it.

    The next relation is chosen uniformly among all pairs of a described shape and an undescribed neighbour.

    Args:
        arrangement: (9,) kind in each cell.
        colours: (9,) colour of each kind.
        direct: 1 to 9.
        chance: (46,) in [0, 1).
    """
    described = _shuffled(chance[:SHAPES])[:direct]  # cells
    programme = [Statement(Form.DIRECT, arrangement[cell], colours[arrangement[cell]]) for cell in described]
    open_cells = set(range(SHAPES)).difference(described)
    pairs = [(relation, cell, near) for near in described for relation, cell in NEIGHBOURS[near] if cell in open_cells]
    for number in chance[SHAPES : 2 * SHAPES - direct]:
        relation, cell, near = pairs[int(number * len(pairs))]
        kind = arrangement[cell]
        programme.append(Statement(Form.RELATIONAL, kind, colours[kind], relation, arrangement[near]))
        open_cells.remove(cell)
        pairs = [pair for pair in pairs if pair[1] != cell]
        pairs += [(relation, other, cell) for relation, other in NEIGHBOURS[cell] if other in open_cells]
    return programme


def describe_chain(
    arrangement: Sequence[int], hops: int, spatial: bool, chance: Sequence[float]
) -> tuple[list[Statement], list[int]]:
    """Two or three direct sentences and references to them, of 1 to `hops` hops in equal shares, in any order.

    The colours told directly differ. Each number of hops gets one shape, and the shapes left over are second ones at
    numbers of hops chosen uniformly. Two shapes of the same hops refer to different ones of one hop less where there
    are two, so that colours run side by side. Nine shapes set a limit to it: of 1 to 4 hops, the colours of two
    direct sentences are handed on in five worlds of eight; of 1 to 6 hops, in one of twelve.

    Args:
        arrangement: (9,) kind in each cell.
        hops: most hops, 3 to 6.
        spatial: whether references name the source by its place beside a landmark (never the target itself).
        chance: (46,) in [0, 1).

    Returns:
        The statements, and the colours (9,) of the kinds.
    """
    numbers = iter(chance)
    roots = ROOTS[int(next(numbers) * len(ROOTS))]
    counts = [roots] + [1] * hops
    for level in _shuffled([next(numbers) for _ in range(hops)])[: SHAPES - roots - hops]:
        counts[1 + level] += 1
    cells = iter(_shuffled([next(numbers) for _ in range(SHAPES)]))
    levels = [[next(cells) for _ in range(count)] for count in counts]
    colours = [0] * SHAPES
    programme = []
    for cell, colour in zip(levels[0], _shuffled([next(numbers) for _ in range(6)]), strict=False):
        kind = arrangement[cell]
        colours[kind] = colour
        programme.append(Statement(Form.DIRECT, kind, colour))
    for before, after in pairwise(levels):
        order = _shuffled([next(numbers) for _ in before])
        for i, cell in enumerate(after):
            source = before[order[i % len(before)]]
            kind, named = arrangement[cell], arrangement[source]
            colours[kind] = colours[named]
            if spatial:
                beside = [(OPPOSITE[relation], near) for relation, near in NEIGHBOURS[source] if near != cell]
                relation, near = beside[int(next(numbers) * len(beside))]
                programme.append(Statement(Form.SPATIAL, kind, None, relation, arrangement[near], named))
            else:
                programme.append(Statement(Form.NAMED, kind, source=named))
    return [programme[i] for i in _shuffled([next(numbers) for _ in range(SHAPES)])], colours

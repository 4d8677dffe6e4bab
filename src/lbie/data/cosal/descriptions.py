"""Programmes that describe a world: the paper's, and chains of references."""

from __future__ import annotations

from collections.abc import Sequence

from lbie.data.cosal.programme import NEIGHBOURS, OPPOSITE, Form, Statement

SHAPES = 9
Tree = tuple[int, ...]
"""Number of shapes at 1, 2, … hops from a shape whose colour is told directly."""
_TO_4: tuple[tuple[Tree, Tree], ...] = (
    *[((1, 1, 1, 1), (1, 1, 1))] * 3,
    ((1, 1, 1, 2), (1, 1)),
    ((1, 1, 1, 3), (1,)),
    ((1, 1, 2, 2), (1,)),
)
_TO_6: tuple[tuple[Tree, Tree], ...] = (
    *[((1, 1, 1, 1), (1, 1, 1))] * 5,
    *[((1, 1, 1, 1, 1, 1), (1,))] * 4,
)
FORESTS = {"train": _TO_4, "val": _TO_4, "test": _TO_6}
"""The two trees of a world of the suite `chain`, its split's in turn (see `describe_chain`)."""
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
    arrangement: Sequence[int], trees: Sequence[Tree], spatial: bool, chance: Sequence[float]
) -> tuple[list[Statement], list[int]]:
    """Two direct sentences of different colours and seven references that lead back to one or the other, in any order.

    What is right must not be found without following the chains. So each directly told shape is the source of exactly
    one sentence, whatever hangs on it: the colour of the first that is named, of the one named most often, or of any,
    is right for half of the shapes, at each number of hops. Worlds take the forests of their split in turn, which
    share out the hops over the split (not within a world) as evenly as nine shapes allow:

    - Both trees of a world have a shape at one hop, so that this has no less than two shares of seven.
    - train and val, 1 to 4 hops: 12, 10, 10, 10 of 42, which is the best.
    - test, 1 to 6 hops: 18, 14, 14, 9, 4, 4 of 63. A shape at six hops leaves one shape to the other tree, so equal
      shares for 2 to 6 hops would make all worlds such, and the larger tree's colour right for 6 of 7 shapes. These
      are the nearest to equal that two trees come (least squares, a round of nine) with that at most .70: it is .698,
      and .690 in train and val.
    - A shape at four hops or more is in the larger tree, always: nine shapes are too few for another as large.

    Args:
        arrangement: (9,) kind in each cell.
        trees: two, of seven shapes together, their directly told ones left out.
        spatial: whether references name the source by its place beside a landmark (never the target itself).
        chance: (46,) in [0, 1).

    Returns:
        The statements, and the colours (9,) of the kinds.
    """
    numbers = iter(chance)
    cells = iter(_shuffled([next(numbers) for _ in range(SHAPES)]))
    told = _shuffled([next(numbers) for _ in range(6)])
    colours = [0] * SHAPES
    programme = []
    for tree, colour in zip(trees, told, strict=False):
        before = [next(cells)]
        kind = arrangement[before[0]]
        colours[kind] = colour
        programme.append(Statement(Form.DIRECT, kind, colour))
        for count in tree:
            after = [next(cells) for _ in range(count)]
            for i, cell in enumerate(after):
                source = before[i % len(before)]
                kind, named = arrangement[cell], arrangement[source]
                colours[kind] = colour
                if spatial:
                    beside = [(OPPOSITE[relation], near) for relation, near in NEIGHBOURS[source] if near != cell]
                    relation, near = beside[int(next(numbers) * len(beside))]
                    programme.append(Statement(Form.SPATIAL, kind, None, relation, arrangement[near], named))
                else:
                    programme.append(Statement(Form.NAMED, kind, source=named))
            before = after
    return [programme[i] for i in _shuffled([next(numbers) for _ in range(SHAPES)])], colours

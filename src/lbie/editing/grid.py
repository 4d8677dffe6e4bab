"""Shapes in three rows of three: which cell each lies in."""

from __future__ import annotations

import numpy as np

from lbie.data.cosal.shapes import GRID
from lbie.errors import InputError

_MOST_OFF, _MEAN_OFF, _MOST_OVER = 0.35, 0.2, 0.12  # of a cell: distance from its centre, and what sticks out of it
_NEW_ROW = 0.5  # of a shape's usual size: a step between sorted centres that begins a new row or column


def find_cells(boxes: np.ndarray, size: tuple[int, int]) -> list[int]:
    """The cell of each shape, 0 to 8, row by row from the upper left.

    Where shapes lie in the middle of the thirds of the picture, these are the cells. Elsewhere rows and columns are
    found from the shapes: one becomes the middle one, two the first two, so that neighbours stay neighbours. Where the
    shapes form no rows and columns, each counts where its own centre lies.

    Args:
        boxes: (K, 4) top, left, bottom, right in pixels; K from 1 to 9.
        size: height and width of the picture.

    Raises:
        InputError: more than three rows or columns, or two shapes in one cell.
    """
    thirds, sure = _thirds(boxes, size)
    if sure:
        return thirds
    usual = float(np.median((boxes[:, 2:] - boxes[:, :2]).max(1)))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2  # (K, 2): y, x
    rows, columns = (_groups(centres[:, axis], usual) for axis in range(2))
    most = {"rows": int(rows.max()) + 1, "columns": int(columns.max()) + 1}
    if max(most.values()) > GRID:
        if len(set(thirds)) == len(thirds):
            return thirds
        name = max(most, key=lambda axis: most[axis])
        raise InputError(
            f"the shapes lie in {most[name]} {name}: this model reads up to nine shapes in three rows of three"
        )
    cells = [GRID * int(row) + int(column) for row, column in zip(rows, columns, strict=True)]
    for cell in cells:
        if cells.count(cell) > 1:
            raise InputError(
                f"two shapes lie in {name_cell(cell)} of the drawing: this model reads up to nine shapes in three rows "
                "of three, one in each place"
            )
    return cells


def name_cell(cell: int) -> str:
    """`row 1, column 3`."""
    return f"row {cell // GRID + 1}, column {cell % GRID + 1}"


def _thirds(boxes: np.ndarray, size: tuple[int, int]) -> tuple[list[int], bool]:
    """Cells by the picture's own thirds, and whether these explain where the shapes lie."""
    low, high = boxes[:, :2] * GRID / size, boxes[:, 2:] * GRID / size  # (K, 2) in units of a cell
    cells = ((low + high) / 2).astype(int).clip(0, GRID - 1)
    off = np.abs((low + high) / 2 - cells - 0.5)
    over = np.maximum(cells - low, high - cells - 1).max()
    near = off.max() <= _MOST_OFF and off.mean(0).max() <= _MEAN_OFF and over <= _MOST_OVER
    found = [GRID * int(row) + int(column) for row, column in cells]
    return found, bool(near and len(set(found)) == len(found))


def _groups(places: np.ndarray, usual: float) -> np.ndarray:
    """Row or column, from 0, of each place along one axis; a single one is the middle one."""
    order = np.argsort(places)
    steps = np.diff(places[order]) > _NEW_ROW * usual
    count = int(steps.sum()) + 1
    group = np.empty(len(places), int)
    group[order] = np.concatenate([[0], np.cumsum(steps)]) + (1 if count == 1 else 0)
    return group

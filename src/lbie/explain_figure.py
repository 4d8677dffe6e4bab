"""The explanation of an edit as a matplotlib figure, as notebooks show it."""

from __future__ import annotations

import io
import textwrap
from itertools import chain

from matplotlib.figure import Figure

from lbie.edit import Edit
from lbie.explain import explanation

_CELL = 1.9  # inches of a panel's longer side
_LEAST, _GAP, _LINE = 4.0, 0.08, 0.14  # inches: width of a figure, between panels, of a line of a label
_MOST_LINES = 3  # of the heading, and of a label
_SMALL, _LARGE = 8, 11  # points
_LETTERS = 116  # an inch, at one point


class _ShownFigure(Figure):
    """A figure that shows itself once in a notebook, whether or not pyplot was ever imported there."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, format="png", dpi=100)
        return out.getvalue()


def explain_figure(edit: Edit) -> Figure:
    """Lay the explanation of an edit into a figure: a row a step, an axes a panel, its label as title.

    Raises:
        InputError: no words were read, as where all of a photo was changed.
    """
    told = explanation(edit)
    rows, columns = len(told.rows), len(told.rows[0])
    height, width = told.rows[0][0].picture.shape[:2]
    across, down = (_CELL * side / max(height, width) for side in (width, height))  # inches of a panel
    labels = [[_wrapped(panel.label, across, _SMALL) for panel in row] for row in told.rows]
    above = 2 * _GAP + _LINE * max(label.count("\n") + 1 for row in labels for label in row)
    wide = max(_LEAST, columns * (across + _GAP) + _GAP)
    heading, legend = _wrapped(told.heading, wide, _LARGE), _wrapped(told.legend, wide, _SMALL)
    head, foot = (_GAP + 1.4 * _LINE * (text.count("\n") + 1) for text in (heading, legend))
    high = head + rows * (above + down) + foot
    figure = _ShownFigure(figsize=(wide, high))
    figure.suptitle(heading, y=1 - _GAP / high, va="top", fontsize=_LARGE, parse_math=False)
    figure.supxlabel(legend, y=_GAP / high, va="bottom", fontsize=_SMALL, color="gray", parse_math=False)
    side = (wide - columns * (across + _GAP) + _GAP) / 2
    places = {"left": side / wide, "right": 1 - side / wide, "bottom": foot / high, "top": 1 - (head + above) / high}
    grid = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(**places, wspace=_GAP / across, hspace=above / down)
    for axes, panel, label in zip(grid.flat, chain(*told.rows), chain(*labels), strict=True):
        axes.imshow(panel.picture)
        axes.set_axis_off()
        axes.set_title(label, fontsize=_SMALL, parse_math=False)
    return figure


def _wrapped(text: str, inches: float, points: int) -> str:
    """At most `_MOST_LINES` lines; what does not fit is cut."""
    letters = max(8, int(_LETTERS * inches / points))
    return "\n".join(textwrap.wrap(text, letters, max_lines=_MOST_LINES, placeholder="\u2026"))

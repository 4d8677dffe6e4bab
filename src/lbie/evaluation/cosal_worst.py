"""A sheet of the worlds that a model coloured worst: what they are, what it painted, and which sentences it missed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from lbie.data.cosal.shapes import COLOURS, KINDS, NO_SHAPE, PALETTE, UNTOLD
from lbie.evaluation.cosal_scores import Answers, Exam, shape_counts, steps_of_shapes

SHOWN = np.vstack([PALETTE, [(190, 120, 255)]]).astype(np.uint8)
"""(8, 3) RGB of each class in a picture; a shape that was left as it was is violet there."""
_EACH, _COLUMNS, _FAULTS = 2, 2, 4


@dataclass(frozen=True)
class WorstWorld:
    """A world with its wrong pixels."""

    title: str
    truth: np.ndarray
    """(48, 48) classes."""
    answer: np.ndarray
    """(48, 48) classes."""
    sentences: tuple[str, ...]
    faults: tuple[str, ...]
    """What is wrong, a line each."""


class WorstWorlds:
    """Of each exam the two worlds with most wrong pixels, of those that have any."""

    def __init__(self) -> None:
        self.found: list[WorstWorld] = []

    def add(self, title: str, answers: Answers, exam: Exam, numbers: np.ndarray | None = None) -> None:
        """Look through an exam, whose worlds have the given numbers (None: 0, 1, 2, …)."""
        wrong = (answers.classes != exam.classes).sum((1, 2))
        some = np.argsort(-wrong, kind="stable")[:_EACH]
        rows = some[wrong[some] > 0]
        if len(rows) == 0:
            return
        few = exam.only(rows)
        own = replace(answers, classes=answers.classes[rows], steps=answers.steps[rows])
        counts, steps = shape_counts(own, few), steps_of_shapes(own, few)
        for i, row in enumerate(rows.tolist()):
            faults = _faults(own.classes[i], few, i, counts[i], steps[i])
            head = f"{title}: world {row if numbers is None else numbers[row]}, {wrong[row]} pixels wrong"
            self.found.append(WorstWorld(head, few.classes[i], own.classes[i], few.sentences[i], faults))

    def add_chains(self, answers: Answers, exam: Exam) -> None:
        """Look through chains, named and spatial apart."""
        for name, chosen in exam.by_reference().items():
            own = replace(answers, classes=answers.classes[chosen], steps=answers.steps[chosen])
            self.add(f"chain, {name}", own, exam.only(chosen), np.flatnonzero(chosen))

    def draw(self, path: Path) -> None:
        """Write the sheet: truth, answer and sentences of each world."""
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        rows = max(1, ceil(len(self.found) / _COLUMNS))
        figure = pyplot.figure(figsize=(23, 3.2 * rows), layout="constrained")
        grid = figure.add_gridspec(rows, 3 * _COLUMNS, width_ratios=[1, 1, 1.9] * _COLUMNS)
        for number, world in enumerate(self.found):
            row, column = divmod(number, _COLUMNS)
            axes = [figure.add_subplot(grid[row, 3 * column + k]) for k in range(3)]
            _panel(axes, world)
        if not self.found:
            figure.text(0.5, 0.5, "no pixel is wrong", ha="center")
        figure.savefig(path, dpi=70)
        pyplot.close(figure)


def _panel(axes: list[Any], world: WorstWorld) -> None:
    for axis, classes, title in zip(axes, (world.truth, world.answer), ("right", "painted"), strict=False):
        axis.imshow(SHOWN[classes], interpolation="nearest")
        axis.set_title(title, fontsize=9)
        axis.set_xticks([])
        axis.set_yticks([])
    axes[2].axis("off")
    axes[2].set_title(world.title, fontsize=9, loc="left")
    text = "\n".join([*world.sentences, "", *world.faults])
    axes[2].text(0, 1, text, va="top", fontsize=8.5, transform=axes[2].transAxes, in_layout=False)


def _faults(painted: np.ndarray, exam: Exam, row: int, counts: np.ndarray, steps: np.ndarray) -> tuple[str, ...]:
    """Lines for the shapes of which less than half is right, and one for what else is wrong."""
    lines, explained = [], 0
    for kind in np.flatnonzero(counts[:, 1] > counts[:, 0]).tolist():
        most = int(np.bincount(painted[exam.shapes[row] == kind]).argmax())
        said = "left as it was" if most == UNTOLD else "white" if most >= len(COLOURS) else COLOURS[most]
        right = COLOURS[exam.colours[row, kind]]
        where = f"hops {exam.hops[row, kind]}, stopped at step {steps[kind]:.3g}"
        lines.append(f"wrong: {KINDS[kind]} is {right}, not {said} ({where})")
        explained += int(counts[kind, 1])
    if len(lines) > _FAULTS:
        lines[_FAULTS - 1 :] = [f"and {len(lines) - _FAULTS + 1} other shapes wrong"]
    off = int(((painted != exam.classes[row]) & (exam.shapes[row] == NO_SHAPE)).sum())
    rest = int(counts[:, 1].sum()) - explained
    if rest or off:
        lines.append(f"wrong at edges: {rest} pixels of other shapes, {off} of the background")
    return tuple(lines)

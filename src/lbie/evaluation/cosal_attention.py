"""What a region reads, step by step: attention over the sentences for a few example worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lbie.data.cosal.programme import Form, Statement
from lbie.data.cosal.shapes import COLOURS, KINDS, PALETTE, SIZE, UNTOLD
from lbie.data.cosal.worlds import World, generate
from lbie.evaluation.cosal_scores import Exam
from lbie.evaluation.cosal_termination import STEPS
from lbie.evaluation.cosal_worst import SHOWN
from lbie.model.editing_model import EditingModel
from lbie.tasks.padding import pad_sentences

_SEARCHED = 200
WANTED = (
    ("paper", "none", Form.DIRECT, 0),
    ("paper", "none", Form.RELATIONAL, 1),
    ("chain", "named", Form.NAMED, 4),
    ("chain", "spatial", Form.SPATIAL, 3),
)
"""Suite, references, form of the shape's sentence and hops of each example: the first such world of the split."""


@dataclass(frozen=True)
class Reading:
    """How one shape was read."""

    world: World
    kind: int
    path: tuple[int, ...]
    """Sentences that lead from the shape to its colour, in that order."""
    attention: np.ndarray
    """(T, S) attention of the shape's regions to each sentence, up to the last step that one of them ran."""
    stopped: float
    """Step at which its regions stopped, their mean."""
    painted: np.ndarray
    """(48, 48) classes of the whole answer."""

    @property
    def colour(self) -> int:
        """Class of most of its pixels."""
        return int(np.bincount(self.painted[self.world.shapes == self.kind]).argmax())


def path_of(programme: Sequence[Statement], kind: int) -> tuple[int, ...]:
    """Indices of the sentences that lead from a shape to its colour."""
    about = {statement.target: i for i, statement in enumerate(programme)}
    path = [about[kind]]
    while (source := programme[path[-1]].source) is not None:
        path.append(about[source])
    return tuple(path)


def find_examples(split: str) -> list[tuple[World, int]]:
    """The first world of the split, and its first shape, of each of `WANTED`."""
    found = []
    for suite, references, form, hops in WANTED:
        worlds = generate(suite, split, _SEARCHED)
        found.append(
            next(
                (world, s.target)
                for world in worlds
                if world.references == references
                for s in world.programme
                if s.form is form and world.hops[s.target] == hops
            )
        )
    return found


@torch.inference_mode()
def read_shape(model: EditingModel, world: World, kind: int) -> Reading:
    """Let a model colour a world, and keep what the regions of one shape read."""
    exam = Exam.of([world], model.vocabulary, model.config.max_words)
    ids = pad_sentences(exam.ids)
    out = model(exam.image(slice(None)), ids, max_steps=STEPS, with_attention=True)
    assert out.trace.attention is not None
    maps = out.trace.attention[0].numpy()  # (T, N, h, w)
    steps = out.trace.stop_step[0].numpy()
    size = SIZE // steps.shape[-1]
    area = (world.shapes == kind).reshape(steps.shape[0], size, steps.shape[1], size).sum((1, 3))
    sentences = maps.reshape(len(maps), len(world.sentences), -1, *steps.shape).sum(2)  # (T, S, h, w)
    last = int(steps[area > 0].max())
    running = area * (np.arange(1, last + 1)[:, None, None] <= steps)  # (T, h, w)
    weights = (sentences[:last] * running[:, None]).sum((2, 3)) / running.sum((1, 2))[:, None]
    return Reading(
        world,
        kind,
        path_of(world.programme, kind),
        weights,
        float((steps * area).sum() / area.sum()),
        out.output[0].argmax(0).numpy().astype(np.uint8),
    )


def draw_attention(model: EditingModel, split: str, path: Path) -> None:
    """Draw the examples: the world with the shape framed, the answer, and sentences by steps."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    readings = [read_shape(model, world, kind) for world, kind in find_examples(split)]
    figure = pyplot.figure(figsize=(15, 3.6 * len(readings)), layout="constrained")
    grid = figure.add_gridspec(len(readings), 3, width_ratios=[1, 1, 2.2])
    for row, reading in enumerate(readings):
        axes = [figure.add_subplot(grid[row, k]) for k in range(3)]
        _pictures(axes[:2], reading)
        _table(axes[2], reading)
    figure.savefig(path, dpi=80)
    pyplot.close(figure)


def _pictures(axes: Sequence[Any], reading: Reading) -> None:
    from matplotlib.patches import Rectangle

    world = reading.world
    for axis, picture, title in zip(
        axes, (PALETTE[world.classes], SHOWN[reading.painted]), ("right", "painted"), strict=True
    ):
        axis.imshow(picture, interpolation="nearest")
        rows, columns = np.nonzero(world.shapes == reading.kind)
        left, top = int(columns.min()) - 1.5, int(rows.min()) - 1.5
        width, height = int(np.ptp(columns)) + 2, int(np.ptp(rows)) + 2
        axis.add_patch(Rectangle((left, top), width, height, fill=False, color="magenta", linewidth=2))
        axis.set_title(title, fontsize=10)
        axis.set_xticks([])
        axis.set_yticks([])


def _table(axis: Any, reading: Reading) -> None:
    world, steps = reading.world, len(reading.attention)
    labels = []
    for i, sentence in enumerate(world.sentences):
        place = f"({reading.path.index(i) + 1})  " if i in reading.path else ""
        labels.append(place + sentence)
    axis.imshow(reading.attention.T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for step in range(steps):
        for i in range(len(labels)):
            value = reading.attention[step, i]
            if value >= 0.05:
                axis.text(step, i, f"{value:.2f}", ha="center", va="center", color="white" if value > 0.5 else "black")
    axis.set_yticks(range(len(labels)), labels, fontsize=9)
    axis.yaxis.tick_right()
    axis.set_xticks(range(steps), [f"step {t + 1}" for t in range(steps)], fontsize=9)
    said = "left as it was" if reading.colour == UNTOLD else (*COLOURS, "white")[reading.colour]
    right = COLOURS[world.colours[reading.kind]]
    verdict = f"painted {said}" + (", which is right" if said == right else f", not {right}")
    form = world.programme[reading.path[0]].form.value
    hops = world.hops[reading.kind]
    head = f"{form}, {hops} hop{'s' * (hops != 1)}"
    axis.set_title(f"{head}: the {KINDS[reading.kind]} stopped at step {reading.stopped:.3g}, {verdict}", fontsize=10)

"""A picture of drawings as pieces, in the colours that a model gave them beside the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from lbie.data.cosal.free.sheet import draw_free_sheet
from lbie.data.cosal.free.world import FreeWorld
from lbie.evaluation.free_scores import FreeScores
from lbie.evaluation.sketch_answers import SketchAnswer
from lbie.model.piece_batch import BOTTOM, LEFT, RIGHT, TOP
from lbie.tasks.sketch import SketchBatch

_SIDE, _DRAWINGS, _COLUMNS = 96, 16, 4
_WORST = 24


def draw_pieces(batch: SketchBatch, given: Tensor) -> np.ndarray:
    """Some drawings, each right and as given (B, K), as boxes: (H, W, 3) uint8."""
    rng = np.random.default_rng(0)
    palette = np.vstack([rng.integers(30, 230, (int(batch.colour.max()), 3)), [[245, 245, 245]]]).astype(np.uint8)
    panels = []
    for i in range(min(_DRAWINGS, len(given))):
        both = []
        for colours in (batch.colour[i, 0], given[i]):
            panel = np.full((_SIDE, _SIDE, 3), 255, np.uint8)
            for place, colour in zip(batch.image.places[i].numpy(), colours.tolist(), strict=True):
                if colour >= 0:
                    x0, y0, x1, y1 = (np.array([place[LEFT], place[TOP], place[RIGHT], place[BOTTOM]]) * _SIDE).astype(
                        int
                    )
                    panel[y0:y1, x0:x1] = palette[min(colour, len(palette) - 1)]
            both.append(panel)
        panels.append(np.hstack(both))
    rows = [np.hstack(panels[i : i + _COLUMNS]) for i in range(0, len(panels) - len(panels) % _COLUMNS, _COLUMNS)]
    return np.vstack(rows or panels)


def draw_worst(worlds: Sequence[FreeWorld], answers: Sequence[SketchAnswer], scores: FreeScores, path: Path) -> None:
    """Write a sheet of the worlds with the lowest average IoU: source, right picture, answer and sentences."""
    means = np.array([np.mean([part.iou for part in parts]) for parts in scores.parts])
    order = means.argsort(kind="stable")[:_WORST]
    pictures = [answers[i].pieces.paint(answers[i].colours) for i in order]
    draw_free_sheet([worlds[i] for i in order], 2, pictures).save(path)

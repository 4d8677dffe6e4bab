"""The worlds of the suite `paper` in any colour."""

from __future__ import annotations

import cv2
import numpy as np

from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.drawing import Drawing, Patch
from lbie.data.cosal.free.layout import Shape
from lbie.data.cosal.free.looks import Look
from lbie.data.cosal.free.palette import draw_naming
from lbie.data.cosal.free.wording import Mention
from lbie.data.cosal.free.world import UNTOUCHED, FreeWorld
from lbie.data.cosal.programme import Form
from lbie.data.cosal.shapes import COLOURS, KINDS, SIZE
from lbie.data.cosal.worlds import World
from lbie.language.vocabulary import tokenize

_FORMS = {Form.DIRECT: "only", Form.RELATIONAL: "place"}


def colour_paper(world: World, split: str, seed: int = 0) -> FreeWorld:
    """A world of `paper` in any colour: its drawing and programme, and sentences in the paper's words.

    Args:
        world: of the suite `paper`.
        split: train, val or test.
        seed: with the world's index, of the colours.
    """
    chance = Chance(f"palette-paper {split} {seed} {world.index}")
    sentences, mentions, rows = [], [], []
    told, told_by = np.full(len(KINDS), UNTOUCHED), np.full(len(KINDS), UNTOUCHED)  # of the kinds
    for number, said in enumerate(world.programme):
        naming = draw_naming(split, chance)
        before, after = said.text().rsplit(COLOURS[said.colour or 0], 1)
        start = len(tokenize(before))
        sentences.append(before + naming.name + after)
        end = start + len(tokenize(naming.name))
        mentions.append(Mention(start, end, naming.name, naming.rgb, naming.held_out))
        told[said.target], told_by[said.target] = number, number
        rows.append(naming.rgb)
    kinds = world.arrangement.astype(int).tolist()
    shapes, patches = [], []
    everywhere = (slice(0, SIZE), slice(0, SIZE))
    for kind in kinds:
        mask = (world.shapes == kind).astype(np.uint8)
        shapes.append(Shape(kind, _hull(mask), Look("filled", 0)))
        patches.append(Patch(everywhere, mask * np.uint8(255), 1.0, (0.0, 0.0, 0.0)))
    drawing = Drawing(world.source, tuple(patches), np.zeros((SIZE, SIZE), np.uint8), None)
    forms = tuple([_FORMS[said.form] for said in world.programme])
    palette = np.array(rows, np.uint8)
    zeros = np.zeros(len(kinds), np.int64)
    return FreeWorld(
        world.index,
        "palette-paper",
        tuple(shapes),
        drawing,
        tuple(sentences),
        (),
        tuple(mentions),
        forms,
        palette,
        told[kinds],
        told_by[kinds],
        zeros,
        np.full(len(kinds), UNTOUCHED),
    )


def _hull(mask: np.ndarray) -> np.ndarray:
    """(P, 2) points around a mask; all kinds are convex."""
    found = cv2.findNonZero(mask)
    return cv2.convexHull(found.reshape(-1, 2)).reshape(-1, 2).astype(float) + 0.5

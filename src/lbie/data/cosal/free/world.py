"""One free drawing, its sentences and the exact answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lbie.data.cosal.free.drawing import Drawing
from lbie.data.cosal.free.layout import Shape
from lbie.data.cosal.free.programme import Instruction
from lbie.data.cosal.free.solver import Scene
from lbie.data.cosal.free.wording import Mention
from lbie.data.cosal.shapes import BACKGROUND, KINDS, UNTOLD

UNTOUCHED = -1
"""Of a shape that no sentence tells."""


@dataclass(frozen=True)
class FreeWorld:
    """A drawing of N shapes, and S sentences that tell the colours of some."""

    index: int
    suite: str
    shapes: tuple[Shape, ...]
    """The lowest first."""
    drawing: Drawing
    sentences: tuple[str, ...]
    programme: tuple[Instruction, ...]
    """What each sentence says; none in `palette-paper`, whose worlds say it."""
    mentions: tuple[Mention | None, ...]
    """Where each sentence names its colour."""
    forms: tuple[str, ...]
    """What kind of sentence each is (`programme.FORMS`)."""
    palette: np.ndarray
    """(K, 3) uint8 RGB of each colour."""
    told: np.ndarray
    """(N,) int64, colour of each shape, or `UNTOUCHED`."""
    told_by: np.ndarray
    """(N,) int64, the sentence that tells it last, or `UNTOUCHED`."""
    hops: np.ndarray
    """(N,) int64, references that its colour is handed over by."""

    taken_from: np.ndarray
    """(N,) int64, the shape whose colour it takes, or `UNTOUCHED`."""

    @property
    def source(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB: the drawing."""
        return self.drawing.source

    @property
    def inside(self) -> np.ndarray:
        """(N, H, W) bool: pixels that get each shape's colour."""
        return self.drawing.inside

    @property
    def stroke(self) -> np.ndarray:
        """(H, W) bool: pixels of strokes."""
        return self.drawing.stroke

    @cached_property
    def target(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB: each shape in its colour; what is not told is as in the source."""
        return self.drawing.paint([None if c == UNTOUCHED else self.palette[c].tolist() for c in self.told])

    @cached_property
    def owner(self) -> np.ndarray:
        """(H, W) int8: the shape inside which each pixel lies, or `UNTOUCHED` on paper and strokes."""
        out = np.full(self.drawing.ink.shape, UNTOUCHED, np.int8)
        for number, patch in enumerate(self.drawing.patches):
            out[patch.box][patch.fill >= 128] = number
        return out

    @cached_property
    def told_map(self) -> np.ndarray:
        """(H, W) int8: the colour that each pixel gets, or `UNTOUCHED`."""
        return np.append(self.told, UNTOUCHED).astype(np.int8)[self.owner]

    @cached_property
    def classes(self) -> np.ndarray:
        """(H, W) uint8: the colour of each pixel inside a told shape; `UNTOLD` inside others; else `BACKGROUND`.

        Raises:
            ValueError: the colours are not the six of CoSaL.
        """
        if self.suite.startswith("palette"):
            raise ValueError(f"the colours of the suite '{self.suite}' are no classes: use `told_map` and `palette`")
        of_shape = np.where(self.told == UNTOUCHED, UNTOLD, self.told)
        return np.append(of_shape, BACKGROUND).astype(np.uint8)[self.owner]

    @cached_property
    def scene(self) -> Scene:
        """Measures of the whole shapes."""
        return Scene.of_outlines([s.kind for s in self.shapes], [s.points for s in self.shapes])

    def form_of(self, shape: int) -> str:
        """The kind of sentence that tells a shape, or `untouched`."""
        by = int(self.told_by[shape])
        return "untouched" if by == UNTOUCHED else self.forms[by]

    def record(self) -> dict[str, Any]:
        """All but the pictures, for JSON."""
        shapes = [
            {"kind": KINDS[s.kind], "manner": s.look.manner, "outline": np.round(s.points, 2).tolist()}
            for s in self.shapes
        ]
        mentions = [
            None if m is None else {"tokens": [m.start, m.end], "name": m.name, "rgb": m.rgb, "held_out": m.held_out}
            for m in self.mentions
        ]
        return {
            "index": self.index,
            "suite": self.suite,
            "sentences": list(self.sentences),
            "programme": [said.record() for said in self.programme],
            "forms": list(self.forms),
            "mentions": mentions,
            "shapes": shapes,
            "palette": self.palette.tolist(),
            "told": self.told.tolist(),
            "told_by": self.told_by.tolist(),
            "hops": self.hops.tolist(),
        }

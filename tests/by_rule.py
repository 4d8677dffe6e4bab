"""A stand-in for the model of shapes that answers by rule, and drawings for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import cv2
import numpy as np

from lbie import Editor, InputError
from lbie.data.cosal import World, generate, solver
from lbie.data.cosal.shapes import BACKGROUND, CELL, GRID, KINDS, SIZE, UNTOLD, draw_shape
from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ModelConfig
from lbie.registry import ModelCard
from lbie.runtime import Fused

SAMPLE_WORLD = 9
"""World of the test split of `paper` that `sample:shapes` shows."""
STEPS = 3


@cache
def vocabulary() -> Vocabulary:
    """All words of CoSaL."""
    suites = ("paper", "wording", "chain")
    return Vocabulary.build((s for suite in suites for w in generate(suite, "train", 300) for s in w.sentences), 1)


@cache
def sample_world() -> World:
    """The world of `sample:shapes`."""
    return next(generate("paper", "test", 1, start=SAMPLE_WORLD))


class RuleRuntime:
    """Knows which kind of shape lies in each cell; of two sentences about a shape the later one holds."""

    name, device, size_multiple = "torch", "cpu", 16

    def __init__(self, kinds: Mapping[int, int], task: str = "shapes") -> None:
        """`kinds`: cell to kind."""
        self.config = ModelConfig(
            task=task, out_channels=8, by_sentence=True, working_size=SIZE, max_words=20, decoder_channels=(8, 8, 8)
        )
        self.vocabulary = vocabulary()
        self.kinds = dict(kinds)
        self.seen: np.ndarray | None = None
        self.asked = 0

    def encode_image(self, image: np.ndarray, wraps: bool = False) -> tuple[np.ndarray, float]:
        assert image.shape == (1, 1, SIZE, SIZE) and image.dtype == np.float32
        assert image.min() >= -1 and image.max() <= 1
        self.seen = image[0, 0]
        return image[0, 0], 1.0

    def fuse_descriptions(
        self, image: np.ndarray, descriptions: Sequence[Sequence[tuple[int, ...]]], max_steps: int | None = None
    ) -> tuple[Fused, np.ndarray]:
        assert all(descriptions) and all(all(d) for d in descriptions), "nothing empty is asked"
        self.asked += len(descriptions)
        outputs = np.stack([self._logits(image, d) for d in descriptions])
        words = sum(len(sentence) for sentence in descriptions[0])
        steps = np.full((GRID, GRID), min(2, max_steps or STEPS))
        attention = np.zeros((max_steps or STEPS, words, GRID, GRID), np.float32)
        attention[: steps.max()] = 1 / words
        return Fused(outputs[0], steps, attention, int(steps.sum())), outputs

    def _logits(self, image: np.ndarray, description: Sequence[tuple[int, ...]]) -> np.ndarray:
        colours = self.colours([" ".join(self.vocabulary.words[i] for i in sentence) for sentence in description])
        logits = np.zeros((UNTOLD + 1, SIZE, SIZE), np.float32)
        for cell in range(GRID * GRID):
            row, column = (CELL * x for x in divmod(cell, GRID))
            block = np.s_[row : row + CELL, column : column + CELL]
            logits[(colours.get(self.kinds.get(cell, -1), UNTOLD), *block)] += 4 * (image[block] < 0.9)
        logits[BACKGROUND] += 6 * (image > 0)  # soft edges, too, are background by majority
        return logits

    def colours(self, sentences: Sequence[str]) -> dict[int, int]:
        """Kind of shape to colour."""
        cells = {kind: divmod(cell, GRID) for cell, kind in self.kinds.items()}
        kinds = {place: kind for kind, place in cells.items()}

        def find(meant: object) -> int | None:
            if not isinstance(meant, solver._Place):
                return meant if meant in cells else None
            if meant.kind not in cells:
                return None
            (row, column), (down, right) = cells[meant.kind], meant.step
            return kinds.get((row + down, column + right))

        colour_of: dict[int, int] = {}
        for _ in range(len(KINDS)):
            for sentence in sentences:
                try:
                    reading = solver._read(sentence)
                except InputError:
                    continue
                target = find(reading.target)
                colour = reading.colour if reading.source is None else colour_of.get(find(reading.source))
                if target is not None and colour is not None:
                    colour_of[target] = colour
        return colour_of


def rule_editor(kinds: Mapping[int, int] | None = None) -> Editor:
    """An editor with such a stand-in; without `kinds` it knows the shapes of `sample:shapes`."""
    kinds = dict(enumerate(sample_world().arrangement.tolist())) if kinds is None else kinds
    return Editor(RuleRuntime(kinds), ModelCard("cosal", "0", "shapes"))


def draw(
    shapes: Mapping[int, tuple[int, np.ndarray]],
    cell: int = 100,
    *,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    paper: int = 255,
    ink: int = 0,
    soft: bool = True,
) -> np.ndarray:
    """A drawing (H, W) uint8.

    Args:
        shapes: cell to kind and geometry (8,).
        cell: side of a cell in pixels.
        margins: paper above, left, below and right of the cells.
        paper: gray level.
        ink: gray level.
        soft: with anti-aliased edges.
    """
    share = np.zeros((GRID * cell, GRID * cell), np.float32)
    for place, (kind, geometry) in shapes.items():
        row, column = (cell * x for x in divmod(place, GRID))
        stamp = draw_shape(kind, geometry, 8 * cell if soft else cell).astype(np.float32)
        share[row : row + cell, column : column + cell] = cv2.resize(stamp, (cell, cell), interpolation=cv2.INTER_AREA)
    top, left, bottom, right = margins
    share = np.pad(share, ((top, bottom), (left, right)))
    return np.rint(paper + (ink - paper) * share).astype(np.uint8)

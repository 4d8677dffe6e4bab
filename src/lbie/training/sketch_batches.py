"""Training batches of drawings for the sketch model: half free ones, half CoSaL's; a pure function of seed and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch

from lbie.data.cosal.colour_numbers import colour_numbers
from lbie.data.cosal.free.world import UNTOUCHED
from lbie.data.cosal.shapes import BACKGROUND, CELL, GRID, UNTOLD
from lbie.editing.piece_view import pad_views, view_pieces
from lbie.editing.pieces import Piece
from lbie.language.colour_mentions import colour_words
from lbie.language.colour_numbers import MOST_COLOURS, colour_token, replace_colours
from lbie.language.vocabulary import UNKNOWN_ID, Tokens, Vocabulary
from lbie.model.piece_batch import AREA, PieceBatch
from lbie.tasks.colour_ids import renumbered
from lbie.tasks.padding import pad_sentences
from lbie.tasks.shapes import ShapesBatch
from lbie.tasks.sketch import SketchBatch
from lbie.training.options import Lesson
from lbie.training.piece_examples import Example, Said, piece_examples
from lbie.training.recipe import Recipe
from lbie.training.shape_batches import ShapeBatches

FREE = ("free", "again", "overlap", "hand")
"""Suites of free drawings that are trained on: those of `palette` are drawn and worded alike."""


class CosalColours(Vocabulary):
    """A vocabulary that reads CoSaL's six colours as colours 0 to 5."""

    def encode(self, text: str, max_words: int) -> Tokens:
        """As `Vocabulary.encode`, with the number of a colour in place of its name."""
        words = replace_colours(colour_words(text), lambda colour: colour_token(colour_numbers()[colour.rgb]))
        kept = tuple(words[:max_words])
        return Tokens(kept, tuple(self._ids.get(w, UNKNOWN_ID) for w in kept), (0,) * len(kept), (), 0)

    def knows_some(self, text: str) -> bool:
        """Whether the text has a word that is known."""
        return any(i != UNKNOWN_ID for i in self.encode(text, len(text)).ids)


@dataclass(frozen=True)
class Row:
    """A drawing of K pieces and its description."""

    crops: np.ndarray
    places: np.ndarray
    ids: Sequence[tuple[int, ...]]
    colour: np.ndarray
    """(K,) colour, or `UNTOUCHED`; likewise the others."""
    kind: np.ndarray
    """(K,) 1 + kind, 0 of none."""
    told_by: np.ndarray
    source: np.ndarray


class SketchBatches:
    """Batch number `step` of a run, the same on every call and every machine."""

    def __init__(self, vocabulary: Vocabulary, recipe: Recipe) -> None:
        self.recipe = recipe
        self.words = CosalColours(vocabulary.words)
        options = recipe.cosal
        lessons = tuple([replace(x, suites=_chosen(x, free=False)) for x in options.lessons])
        self.half = recipe.batch_size // 2
        self.cosal = ShapeBatches(
            self.words, replace(recipe, cosal=replace(options, lessons=lessons), batch_size=self.half)
        )
        suites = {suite for lesson in options.lessons for suite in _chosen(lesson, free=True)}
        self.examples = {s: piece_examples(s, "train", recipe.limit or options.drawings) for s in sorted(suites)}

    @property
    def steps_per_epoch(self) -> int:
        """Those of CoSaL's half."""
        return self.cosal.steps_per_epoch

    def lesson(self, step: int) -> Lesson:
        """What batch number `step` shows."""
        return self.recipe.cosal.lessons[self.cosal.lesson_number(step)]

    def batch(self, step: int) -> SketchBatch:
        """Batch number `step`, from 0."""
        rng = np.random.default_rng((self.recipe.seed, 5, step))
        suites = _chosen(self.lesson(step), free=True)
        names, shares = list(suites), np.array(list(suites.values()), float)
        rows = _cosal_rows(self.cosal.batch(step))
        for _ in range(self.recipe.batch_size - self.half):
            several = self.examples[names[int(rng.choice(len(names), p=shares / shares.sum()))]]
            example = several[int(rng.integers(len(several)))]
            said = example.said[int(rng.integers(len(example.said)))]
            rows.append(free_row(example, said, self.words, self.recipe.model.max_words))
        return joined(rows, rng)


def _chosen(lesson: Lesson, free: bool) -> dict[str, float]:
    """The shares of the free suites of a lesson, or of CoSaL's."""
    return {suite: share for suite, share in lesson.suites.items() if (suite in FREE) == free}


def free_row(example: Example, said: Said, words: Vocabulary, most: int) -> Row:
    """A free drawing with a description, of whose sentences at most so many words are read."""
    ids = [words.encode(sentence, most).ids for sentence in said.sentences]
    of = example.shape
    on = of != UNTOUCHED
    colour, told_by, source = (np.full(len(of), UNTOUCHED) for _ in range(3))
    colour[on], told_by[on] = said.told[of[on]], said.told_by[of[on]]
    kind = np.zeros(len(of), np.int64)
    kind[on] = example.kind[of[on]] + 1
    for i in np.flatnonzero(on):
        parts = np.flatnonzero(of == said.source[of[i]]) if said.source[of[i]] != UNTOUCHED else ()
        if len(parts):
            source[i] = parts[example.places[parts, AREA].argmax()]
    return Row(example.crops, example.places, ids, colour, kind, told_by, source)


def _cosal_rows(batch: ShapesBatch) -> list[Row]:
    """CoSaL's worlds as pieces."""
    maps = [x.numpy() for x in (batch.classes, batch.told_by, batch.source)]
    rows = []
    for i, ids in enumerate(batch.ids.numpy()):
        sentences = [tuple(words[words != 0].tolist()) for words in ids]
        row = cosal_row(maps[0][i], [words for words in sentences if words], maps[1][i], maps[2][i])
        row.told_by[row.told_by == len(ids)] = UNTOUCHED
        rows.append(row)
    return rows


def cosal_row(
    classes: np.ndarray,
    ids: Sequence[tuple[int, ...]],
    told_by: np.ndarray | None = None,
    source: np.ndarray | None = None,
) -> Row:
    """A world of CoSaL as pieces, each cell that holds a shape.

    Args:
        classes: (48, 48), below `CLASSES`.
        ids: of the sentences.
        told_by: (48, 48), as in `ShapesBatch`; None where nobody asks.
        source: likewise.
    """
    ink = (classes != BACKGROUND).astype(np.uint8) * np.uint8(255)
    pieces: list[Piece] = []
    found = []
    place = np.full(GRID * GRID + 1, UNTOUCHED)  # of each cell, the last of none
    for cell in range(GRID * GRID):
        row, column = (CELL * n for n in divmod(cell, GRID))
        mask = ink[row : row + CELL, column : column + CELL]
        if not mask.any():
            continue
        x, y, wide, high = cv2.boundingRect(mask)
        box = np.s_[row + y : row + y + high, column + x : column + x + wide]
        own = ink[box] > 0
        place[cell] = len(pieces)
        pieces.append(Piece(box, ink[box], True, (0.0, 0.0, 0.0)))
        found.append([UNTOUCHED if m is None else int(m[box][own][0]) for m in (classes, told_by, source)])
    colour, told, taken = np.array(found, np.int64).reshape(-1, 3).T
    crops, places = view_pieces(pieces, ink)
    unknown = np.full(len(pieces), -1)
    return Row(crops, places, ids, np.where(colour == UNTOLD, UNTOUCHED, colour), unknown, told.copy(), place[taken])


def joined(rows: Sequence[Row], rng: np.random.Generator) -> SketchBatch:
    """Rows as a batch; the colours of each change their numbers."""
    image = PieceBatch.from_numpy(*pad_views([(row.crops, row.places) for row in rows]))
    ids = pad_sentences([row.ids for row in rows])  # (B, S, L)
    size, sentences = ids.shape[:2]
    orders = np.stack([rng.permutation(MOST_COLOURS) for _ in rows])
    colour, kind, told_by, source = (np.full((size, 1, image.places.shape[1]), -1, np.int64) for _ in range(4))
    for i, (row, order) in enumerate(zip(rows, orders, strict=True)):
        count = len(row.colour)
        colour[i, 0, :count] = np.where(row.colour == UNTOUCHED, MOST_COLOURS, order[row.colour])
        kind[i, 0, :count] = row.kind
        told_by[i, 0, :count] = np.where(row.told_by == UNTOUCHED, sentences, row.told_by)
        source[i, 0, :count] = row.source
    ids = renumbered(ids, torch.from_numpy(orders))
    return SketchBatch(image, ids, *(torch.from_numpy(x) for x in (colour, kind, told_by, source)))

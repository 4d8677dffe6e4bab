"""Training batches of CoSaL worlds, by symmetries and small troubles; a pure function of seed and step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from lbie.data.cosal.arrays import (
    COLOUR,
    DIRECT,
    FORM,
    LANDMARK,
    NAMED,
    NONE,
    RELATION,
    RELATIONAL,
    SOURCE,
    SPATIAL,
    TARGET,
    WorldArrays,
    decode_statement,
    look_up,
    resolve,
)
from lbie.data.cosal.programme import NEIGHBOURS, OPPOSITE
from lbie.data.cosal.shapes import BACKGROUND, COLOURS, GRID, KINDS, NO_SHAPE, UNTOLD, draw_shape_maps, ink_input
from lbie.data.cosal.templates import COLOUR_NAMES, KIND_NAMES
from lbie.data.cosal.wording import DRAWS, word_statement
from lbie.data.cosal.worlds import generate
from lbie.language.vocabulary import UNKNOWN_ID, Vocabulary, tokenize
from lbie.tasks.padding import pad_sentences
from lbie.tasks.shapes import ShapesBatch
from lbie.training.hand import draw_by_hand
from lbie.training.options import Lesson
from lbie.training.recipe import Recipe

_PARTIAL = 0.35  # of the descriptions, where there are troubles, have any number of sentences from one on
_MIRRORED = np.array([0, 1, 3, 2, NONE], np.int8)  # left and right change places; the last is for NONE


@dataclass(frozen=True)
class _Drawn:
    """The worlds of a batch."""

    suites: list[str]
    """Name of the suite of each of the B worlds."""
    arrangement: np.ndarray
    """(B, 9) kind in each cell, before mirroring."""
    geometry: np.ndarray
    """(B, 9, 8)."""
    mirror: np.ndarray
    """(B,) bool: the picture is flipped from left to right."""
    programme: np.ndarray
    """(B, 9, 6), see `WorldArrays`."""
    said: np.ndarray
    """(B, 9) bool: the sentence is said."""
    spoilt: np.ndarray
    """(B, 9): 1 where the sentence's colour is an unknown word, 2 where its shapes are, else 0."""
    absent: np.ndarray
    """(B, 9) bool: the picture lacks this kind."""

    def pictures(self, by_hand: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Gray levels (B, 48, 48) float32 in [0, 1] and kinds (B, 48, 48); a share is drawn by hand."""
        size = len(self.arrangement)
        shapes = draw_shape_maps(self.arrangement, self.geometry)
        if self.mirror.any():
            shapes[self.mirror] = shapes[self.mirror][..., ::-1]
        gray = (shapes == NO_SHAPE).astype(np.float32)
        for i in np.flatnonzero(rng.random(size) < by_hand):
            gray[i], shapes[i] = draw_by_hand(self.arrangement[i], self.geometry[i], bool(self.mirror[i]), rng)
        hidden = look_up(self.absent, shapes, False)
        return np.where(hidden, np.float32(1), gray), np.where(hidden, NO_SHAPE, shapes)

    @property
    def holds(self) -> np.ndarray:
        """(B, 9) bool: the sentence is said, and with known words."""
        return self.said & (self.spoilt == 0)

    def classes(self) -> np.ndarray:
        """(B, 9) int64 class of each kind."""
        colours = resolve(self.programme, self.holds)
        return np.where(colours == NONE, UNTOLD, colours).astype(np.int64)

    def sources(self) -> np.ndarray:
        """(B, 9) int64: for each kind whose colour is that of another, the other's cell in the picture, else `NONE`."""
        size = len(self.arrangement)
        grid = self.arrangement.reshape(size, GRID, GRID)
        cell_of = np.where(self.mirror[:, None, None], grid[..., ::-1], grid).reshape(size, -1).argsort(1)
        cells = look_up(cell_of, self.programme[..., SOURCE], NONE)  # (B, 9) of each sentence
        out = np.full(cells.shape, NONE, np.int64)
        world, sentence = np.nonzero(self.holds)
        out[world, self.programme[world, sentence, TARGET]] = cells[world, sentence]
        return out


class ShapeBatches:
    """Batch number `step` of a run, the same on every call and every machine."""

    def __init__(self, vocabulary: Vocabulary, recipe: Recipe) -> None:
        self.vocabulary, self.recipe, self.options = vocabulary, recipe, recipe.cosal
        self.count = recipe.limit or self.options.worlds
        self.worlds: dict[tuple[str, tuple[int, ...]], WorldArrays] = {}
        for lesson in self.options.lessons:
            for suite in lesson.suites:
                key = _worlds_of(suite, lesson)
                if key not in self.worlds:
                    worlds = generate(key[0], "train", self.count, direct=lesson.direct)
                    self.worlds[key] = WorldArrays.of(worlds, self.count, f"{key[0]} train")
        self._known: dict[tuple[int, ...], tuple[int, ...]] = {}
        self.colour_ids = self._ids_of(COLOUR_NAMES)
        self.kind_ids = self._ids_of(KIND_NAMES)

    def _ids_of(self, names: tuple[tuple[str, ...], ...]) -> frozenset[int]:
        words = [word for several in names for name in several for word in tokenize(name)]
        return frozenset(self.vocabulary.encode(word, 1).ids[0] for word in words if self.vocabulary.knows_some(word))

    @property
    def steps_per_epoch(self) -> int:
        """Batches in a pass over as many examples as a suite has worlds."""
        return max(1, self.count // self.recipe.batch_size)

    def lesson(self, step: int) -> Lesson:
        """What batch number `step` shows."""
        return self.options.lessons[self.lesson_number(step)]

    def lesson_number(self, step: int) -> int:
        """Place in the recipe of what batch number `step` shows."""
        share, lessons = step / (self.recipe.epochs * self.steps_per_epoch), self.options.lessons
        return next((i for i, lesson in enumerate(lessons) if share < lesson.until), len(lessons) - 1)

    def batch(self, step: int) -> ShapesBatch:
        """Batch number `step`, from 0."""
        rng = np.random.default_rng((self.recipe.seed, 3, step))
        lesson = self.lesson(step)
        drawn = self._draw(lesson, rng)
        gray, shapes = drawn.pictures(lesson.by_hand, rng)
        sentences, told_by = [], np.full(drawn.absent.shape, NONE, np.int64)  # told_by: (B, 9) sentence of each kind
        for i in range(len(gray)):
            worded = drawn.suites[i] == "wording"
            told = np.flatnonzero(drawn.said[i])
            positions = np.arange(len(told))
            lines = [self._ids(drawn.programme[i, j], worded, int(drawn.spoilt[i, j]), rng) for j in told]
            if lesson.troubles and rng.random() < self.options.contradictions:
                sound = np.flatnonzero(drawn.spoilt[i][told] == 0)
                if len(sound):
                    place = int(rng.choice(sound))
                    target = int(drawn.programme[i, told[place], TARGET])
                    row = _other_colour(target, drawn.arrangement[i], bool(drawn.mirror[i]), rng)
                    before = int(rng.integers(place + 1))
                    lines.insert(before, self._ids(row, worded, 0, rng))
                    positions[before:] += 1
            holding = drawn.holds[i][told]
            told_by[i, drawn.programme[i, told[holding], TARGET]] = positions[holding]
            sentences.append(lines)
        image = ink_input(gray)[:, None]  # (B, 1, H, W)
        ids = pad_sentences(sentences)  # (B, S, L)
        told_by[told_by == NONE] = ids.shape[1]
        targets = ((drawn.classes(), BACKGROUND), (told_by, NONE), (drawn.sources(), NONE))
        maps = [torch.from_numpy(look_up(of_kind, shapes, none)) for of_kind, none in targets]
        return ShapesBatch(torch.from_numpy(image), ids, *maps)

    def _draw(self, lesson: Lesson, rng: np.random.Generator) -> _Drawn:
        """Choose worlds, and change them as the lesson says."""
        size, names = self.recipe.batch_size, list(lesson.suites)
        shares = np.array(list(lesson.suites.values()), float)
        chosen = rng.choice(len(names), size, p=shares / shares.sum())
        rows = rng.integers(self.count, size=size)
        worlds = [self.worlds[_worlds_of(name, lesson)] for name in names]
        pairs = list(zip(chosen, rows, strict=True))
        arrangement = np.stack([worlds[s].arrangement[r] for s, r in pairs]).astype(np.int64)
        geometry = np.stack([worlds[s].geometry[r] for s, r in pairs])
        programme = np.stack([worlds[s].programme[r] for s, r in pairs])
        hops = np.stack([worlds[s].hops[r] for s, r in pairs])
        for i in np.flatnonzero(chosen == names.index("tree")) if "tree" in names else ():
            programme[i], hops[i] = _refer(programme[i], hops[i], arrangement[i], lesson.most_hops, rng)
        mirror = np.zeros(size, bool)
        if self.options.symmetry:
            arrangement, geometry, programme = _permute(arrangement, geometry, programme, rng)
            mirror = rng.random(size) < 0.5
            relation = programme[..., RELATION]
            programme[..., RELATION] = np.where(mirror[:, None], _MIRRORED[relation], relation)
            order = rng.random(hops.shape).argsort(1)
            programme = np.take_along_axis(programme, order[..., None], 1)
            hops = np.take_along_axis(hops, order, 1)
        said = hops <= lesson.most_hops
        absent = np.zeros((size, len(KINDS)), bool)
        spoilt = np.zeros(hops.shape, np.int8)
        if lesson.troubles:
            said, absent = _leave_out(programme, said, rng)
            spoilt = np.where(rng.random(spoilt.shape) < 0.03, rng.integers(1, 3, spoilt.shape), 0).astype(np.int8)
            spoilt[(spoilt == 1) & (programme[..., COLOUR] == NONE)] = 0
            colours = resolve(programme, said & (spoilt == 0))
            dangling = said & (spoilt == 0) & (look_up(colours, programme[..., TARGET], NONE) == NONE)
            dangling[(rng.random(size) < self.options.dangling) | ~(said & ~dangling).any(1)] = False
            said &= ~dangling
        suites = [names[i] for i in chosen]
        return _Drawn(suites, arrangement, geometry, mirror, programme, said, spoilt, absent)

    def _ids(self, row: np.ndarray, worded: bool, spoilt: int, rng: np.random.Generator) -> tuple[int, ...]:
        key = tuple(row.tolist())
        if worded:
            text = word_statement(decode_statement(key), "train", rng.random(DRAWS).tolist())
            ids = self.vocabulary.encode(text, self.recipe.model.max_words).ids
        else:
            if key not in self._known:
                text = decode_statement(key).text()
                self._known[key] = self.vocabulary.encode(text, self.recipe.model.max_words).ids
            ids = self._known[key]
        if spoilt:
            gone = self.colour_ids if spoilt == 1 else self.kind_ids
            ids = tuple(UNKNOWN_ID if i in gone else i for i in ids)
        return ids


def _other_colour(target: int, arrangement: np.ndarray, mirror: bool, rng: np.random.Generator) -> np.ndarray:
    """A sentence that gives the target any colour: one that contradicts it is said later, and holds."""
    row = np.full(6, NONE, np.int8)
    row[FORM], row[TARGET], row[COLOUR] = DIRECT, target, rng.integers(len(COLOURS))
    if rng.random() < 0.4:
        cell = int(np.flatnonzero(arrangement == target)[0])
        around = [(r, near) for near in range(GRID * GRID) for r, other in NEIGHBOURS[near] if other == cell]
        relation, near = around[rng.integers(len(around))]
        row[FORM], row[LANDMARK] = RELATIONAL, arrangement[near]
        row[RELATION] = _MIRRORED[relation] if mirror else relation
    return row


def _permute(
    arrangement: np.ndarray, geometry: np.ndarray, programme: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kinds and colours change places, in pictures and sentences alike."""
    size, count = arrangement.shape
    kinds = rng.random((size, count)).argsort(1)
    colours = rng.random((size, len(COLOURS))).argsort(1)
    moved = np.take_along_axis(kinds, arrangement, 1)  # (B, 9) new kind in each cell
    cell_of = arrangement.argsort(1)  # the cell in which each kind lay, with its geometry
    geometry = np.take_along_axis(geometry, np.take_along_axis(cell_of, moved, 1)[..., None], 1)
    programme = programme.copy()
    for columns, table in (((TARGET, LANDMARK, SOURCE), kinds), ((COLOUR,), colours)):
        for column in columns:
            programme[..., column] = look_up(table, programme[..., column], NONE)
    return moved, geometry, programme


def _refer(
    programme: np.ndarray, hops: np.ndarray, arrangement: np.ndarray, most_hops: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Turn the relational sentences of a world into references, each to any shape that is told before.

    Args:
        programme: (9, 6), direct sentences first.
        hops: (9,) of the sentences.
        arrangement: (9,) kind in each cell.
        most_hops: hops that a shape may need.
        rng: of every choice.

    Returns:
        The programme and its hops.
    """
    programme, hops = programme.copy(), np.where(programme[:, FORM] == DIRECT, 0, hops)
    cell_of = arrangement.argsort()
    for j in np.flatnonzero(programme[:, FORM] == RELATIONAL):
        before = int(rng.choice(np.flatnonzero(hops[:j] < most_hops)))
        target, source = int(programme[j, TARGET]), int(programme[before, TARGET])
        programme[j], hops[j] = NONE, hops[before] + 1
        programme[j, [FORM, TARGET, SOURCE]] = NAMED, target, source
        if rng.random() < 0.5:
            around = [(OPPOSITE[r], arrangement[near]) for r, near in NEIGHBOURS[cell_of[source]]]
            around = [(r, kind) for r, kind in around if kind != target]
            programme[j, FORM] = SPATIAL
            programme[j, [RELATION, LANDMARK]] = around[rng.integers(len(around))]
    return programme, hops


def _worlds_of(suite: str, lesson: Lesson) -> tuple[str, tuple[int, ...]]:
    """Which worlds a lesson shows of a suite: `wording` has those of `paper`; `direct` is nothing to chains."""
    return ("chain", ()) if suite == "chain" else ("paper", lesson.direct)


def _leave_out(programme: np.ndarray, said: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Of the sentences said (B, S) leave out some, and some shapes of the picture: said (B, S) and absent (B, 9)."""
    size, sentences, _ = programme.shape
    count = np.where(rng.random(size) < _PARTIAL, rng.integers(1, sentences + 1, size), sentences)
    said = said & (rng.random((size, sentences)).argsort(1) < count[:, None])
    absent = rng.random((size, 9)) < np.where(rng.random(size) < 0.1, 0.3, 0.0)[:, None]
    for column in (LANDMARK, SOURCE):
        said &= ~look_up(absent, programme[..., column], False)
    empty = ~said.any(1)
    said[empty, rng.integers(sentences)] = True
    absent[empty] = False
    return said, absent

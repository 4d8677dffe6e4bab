"""Scores of CoSaL: the paper's average IoU in both readings, by hops, and the step at which each shape stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from tqdm import tqdm

from lbie.data.cosal.arrays import look_up
from lbie.data.cosal.shapes import BACKGROUND, CELL, GRID, NO_SHAPE, SIZE, ink_input
from lbie.data.cosal.worlds import World
from lbie.evaluation.ratios import Ratios
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel
from lbie.tasks.padding import pad_sentences

BATCH = 250


@dataclass(frozen=True)
class Exam:
    """N worlds with their sentences, ready to be asked."""

    arrangement: np.ndarray
    """(N, 9) uint8."""
    shapes: np.ndarray
    """(N, 48, 48) uint8."""
    colours: np.ndarray
    """(N, 9) uint8, by kind."""
    hops: np.ndarray
    """(N, 9), by kind."""
    spatial: np.ndarray
    """(N,) bool: references by place."""
    sentences: list[tuple[str, ...]]
    """Of each world."""
    ids: list[list[tuple[int, ...]]]
    """Of each world the word ids of each sentence."""

    def __len__(self) -> int:
        return len(self.shapes)

    @classmethod
    def of(cls, worlds: Iterable[World], vocabulary: Vocabulary, max_words: int) -> Exam:
        """Collect worlds."""
        rows = list(worlds)
        exam = cls(
            np.stack([w.arrangement for w in rows]),
            np.stack([w.shapes for w in rows]),
            np.stack([w.colours for w in rows]),
            np.array([w.hops for w in rows]),
            np.array([w.references == "spatial" for w in rows]),
            [w.sentences for w in rows],
            [],
        )
        return exam.read_by(vocabulary, max_words)

    def read_by(self, vocabulary: Vocabulary, max_words: int) -> Exam:
        """The same worlds in the word ids of another vocabulary."""
        distinct = {s for sentences in self.sentences for s in sentences}
        known = {s: vocabulary.encode(s, max_words).ids for s in distinct}
        return replace(self, ids=[[known[s] for s in sentences] for sentences in self.sentences])

    def only(self, rows: slice | np.ndarray) -> Exam:
        """Some of the worlds."""
        numbers = np.arange(len(self))[rows].tolist()
        return Exam(
            self.arrangement[rows],
            self.shapes[rows],
            self.colours[rows],
            self.hops[rows],
            self.spatial[rows],
            [self.sentences[i] for i in numbers],
            [self.ids[i] for i in numbers],
        )

    def digest(self) -> str:
        """SHA-256 of the pictures, colours and sentences."""
        found = hashlib.sha256()
        for array in (self.arrangement, self.shapes, self.colours):
            found.update(np.ascontiguousarray(array).tobytes())
        found.update("\n".join(s for sentences in self.sentences for s in sentences).encode())
        return found.hexdigest()

    @cached_property
    def classes(self) -> np.ndarray:
        """(N, 48, 48) the right class of each pixel."""
        return look_up(self.colours, self.shapes, BACKGROUND)

    def by_reference(self) -> dict[str, np.ndarray]:
        """Which worlds (N,) bool have named and which spatial references; a kind of which there is none is left out."""
        kinds = {"named": ~self.spatial, "spatial": self.spatial}
        return {name: chosen for name, chosen in kinds.items() if chosen.any()}

    def image(self, part: slice) -> torch.Tensor:
        """(B, 1, 48, 48): the sketches of some worlds, as the network takes them."""
        gray = (self.shapes[part] == NO_SHAPE).astype(np.float32)
        return torch.from_numpy(ink_input(gray))[:, None]


@dataclass(frozen=True)
class Answers:
    """What a model says to an exam."""

    classes: np.ndarray
    """(N, 48, 48) uint8."""
    steps: np.ndarray
    """(N, h, w) uint8: step at which each region stopped."""
    executed: int
    """Region updates computed."""


@dataclass(frozen=True)
class Manner:
    """How the fusion runs; as the model says where nothing is said."""

    max_steps: int | None = None
    """T."""
    force_steps: int | None = None
    """Every region runs so many steps, whatever its gate says."""
    stop_probability: float | None = None
    """Probability of having stopped at which a region stops."""

    @contextmanager
    def stopping(self, model: EditingModel) -> Iterator[None]:
        """Let the model stop at this probability; its own is put back at the end."""
        own = model.fusion.stop_probability
        model.fusion.stop_probability = self.stop_probability or own
        try:
            yield
        finally:
            model.fusion.stop_probability = own


def ask(
    model: EditingModel,
    exam: Exam,
    *,
    max_steps: int | None = None,
    force_steps: int | None = None,
    title: str | None = None,
) -> Answers:
    """Let a model colour all worlds of an exam; `title` names the progress bar (None: no bar)."""
    return ask_each(model, exam, [Manner(max_steps, force_steps)], title)[0]


@torch.inference_mode()
def ask_each(model: EditingModel, exam: Exam, manners: Sequence[Manner], title: str | None = None) -> list[Answers]:
    """The same in several manners; pictures and sentences are encoded once."""
    classes: list[list[np.ndarray]] = [[] for _ in manners]
    steps: list[list[np.ndarray]] = [[] for _ in manners]
    executed = [0] * len(manners)
    for start in tqdm(range(0, len(exam), BATCH), desc=title, disable=title is None or None, leave=False):
        part = slice(start, start + BATCH)
        features = model.encode_image(exam.image(part))
        language = model.encode_sentence(pad_sentences(exam.ids[part]))
        for i, manner in enumerate(manners):
            with manner.stopping(model):
                out = model.fuse_and_decode(
                    features, language, max_steps=manner.max_steps, force_steps=manner.force_steps
                )
            classes[i].append(out.output.argmax(1).numpy().astype(np.uint8))
            steps[i].append(out.trace.stop_step.numpy().astype(np.uint8))
            executed[i] += out.trace.executed
    return [Answers(np.concatenate(c), np.concatenate(s), e) for c, s, e in zip(classes, steps, executed, strict=True)]


def colour_ratios(answers: Answers, exam: Exam) -> Ratios:
    """Reading (a), the release's: of each of six colours and the background, intersection over union."""
    right, union = [], []
    for colour in range(BACKGROUND + 1):
        told, painted = exam.classes == colour, answers.classes == colour
        right.append((told & painted).sum((1, 2)))
        union.append((told | painted).sum((1, 2)))
    return Ratios(np.stack(right, 1), np.stack(union, 1))


def _by_cell(pixels: np.ndarray) -> np.ndarray:
    """(N, 48, 48) to the pixels of each cell, (N, 3, 16, 3, 16)."""
    return pixels.reshape(-1, GRID, CELL, GRID, CELL)


def _by_kind(cells: np.ndarray, exam: Exam) -> np.ndarray:
    """(N, 3, 3) of the cells to (N, 9) of the kinds that they hold."""
    return np.take_along_axis(cells.reshape(len(exam), -1), exam.arrangement.argsort(1), 1)


def shape_counts(answers: Answers, exam: Exam) -> np.ndarray:
    """(N, 9, 3) pixels of each kind: painted in its colour, not, and background of its cell painted in its colour."""
    colour = np.take_along_axis(exam.colours, exam.arrangement.astype(np.int64), 1)  # (N, 9) of the cells
    painted = _by_cell(answers.classes) == colour.reshape(-1, GRID, 1, GRID, 1)
    on = _by_cell(exam.shapes != NO_SHAPE)
    return np.stack([_by_kind(m.sum((2, 4)), exam) for m in (painted & on, ~painted & on, painted & ~on)], -1)


def shape_ratios(answers: Answers, exam: Exam) -> Ratios:
    """Reading (b): of each of nine kinds of shapes and the background, intersection over union."""
    counts = shape_counts(answers, exam)
    paper, white = exam.shapes == NO_SHAPE, answers.classes == BACKGROUND
    right, union = (paper & white).sum((1, 2)), (paper | white).sum((1, 2))
    return Ratios(np.column_stack([counts[..., 0], right]), np.column_stack([counts.sum(-1), union]))


def hop_ratios(answers: Answers, exam: Exam, chosen: Sequence[bool] | np.ndarray) -> Ratios:
    """Column h: the shapes that need h hops, of the chosen worlds (N,); counted as in reading (b), kinds pooled."""
    counts, hops = shape_counts(answers, exam)[np.asarray(chosen)], exam.hops[np.asarray(chosen)]
    needs = hops[..., None] == np.arange(exam.hops.max() + 1)  # (n, 9, hops)
    return Ratios((counts[..., :1] * needs).sum(1), (counts.sum(-1, keepdims=True) * needs).sum(1))


def iou_by_colour(answers: Answers, exam: Exam) -> float:
    """Reading (a): mean IoU over six colours and the background, pixels pooled over the worlds."""
    return colour_ratios(answers, exam).mean()


def iou_by_shape(answers: Answers, exam: Exam) -> float:
    """Reading (b): mean IoU over nine kinds of shapes and the background, pooled over the worlds."""
    return shape_ratios(answers, exam).mean()


def iou_by_hops(answers: Answers, exam: Exam, chosen: Sequence[bool] | np.ndarray) -> dict[int, float]:
    """IoU of the shapes that need so many hops, of the chosen worlds (N,)."""
    each = hop_ratios(answers, exam, chosen).each()
    return {hop: float(value) for hop, value in enumerate(each) if not np.isnan(value)}


def steps_of_shapes(answers: Answers, exam: Exam) -> np.ndarray:
    """(N, 9) stopping step of each kind of shape: mean over the regions under its pixels."""
    scale = SIZE // answers.steps.shape[-1]
    steps = _by_cell(answers.steps.repeat(scale, 1).repeat(scale, 2))
    on = _by_cell(exam.shapes != NO_SHAPE)
    total, area = (steps * on).sum((2, 4)), on.sum((2, 4))
    return _by_kind(total / area.clip(min=1), exam)

"""What a sketch model says to drawings, from their pixels on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from lbie.data.cosal.colour_numbers import colour_numbers
from lbie.data.cosal.free.world import UNTOUCHED, FreeWorld
from lbie.data.cosal.shapes import BACKGROUND
from lbie.data.cosal.worlds import World
from lbie.editing.piece_view import pad_views, view_pieces
from lbie.editing.pieces import Pieces, find_pieces
from lbie.errors import InputError
from lbie.language.colour_mentions import colour_words, find_mentions
from lbie.language.colour_numbers import ColourNumbers
from lbie.model.editing_model import EditingModel
from lbie.model.piece_batch import PieceBatch
from lbie.registry import resolve_model
from lbie.tasks.padding import pad_sentences

_BATCH = 50
RGB = tuple[int, int, int]


@dataclass(frozen=True)
class SketchAnswer:
    """A drawing with its pieces and the colour that each was given."""

    pieces: Pieces
    colours: tuple[RGB | None, ...]
    """Of each piece, as the colour library has it; None where it stays as it is."""
    steps: np.ndarray
    """(K,) step at which each piece stopped."""


def load_sketch_model(name: str) -> EditingModel:
    """Load a model by name or folder.

    Raises:
        InputError: there is no such model, or it does not see pieces.
    """
    model = EditingModel.load_folder(resolve_model(name))
    if not model.config.colours:
        raise InputError(f"the model '{name}' does not colour sketches: its task is '{model.config.task}'")
    return model


def answer_sketches(
    model: EditingModel, drawings: Iterable[tuple[np.ndarray, Sequence[str]]]
) -> Iterator[SketchAnswer]:
    """Colour drawings (H, W, 3) uint8 as their sentences say, one by one in order."""
    waiting: list[tuple[Pieces, Sequence[str]]] = []
    for picture, sentences in drawings:
        waiting.append((find_pieces(picture), sentences))
        if len(waiting) == _BATCH:
            yield from _ask(model, waiting)
            waiting = []
    if waiting:
        yield from _ask(model, waiting)


@torch.inference_mode()
def _ask(model: EditingModel, drawings: Sequence[tuple[Pieces, Sequence[str]]]) -> Iterator[SketchAnswer]:
    numbers = [ColourNumbers(model.vocabulary) for _ in drawings]
    ids = [
        [own.read(sentence).ids[: model.config.max_words] for sentence in sentences]
        for own, (_, sentences) in zip(numbers, drawings, strict=True)
    ]
    views = pad_views([view_pieces(found.pieces, found.ink) for found, _ in drawings])
    out = model(PieceBatch.from_numpy(*views), pad_sentences(ids))
    given, steps = out.output.argmax(1)[:, 0].numpy(), out.trace.stop_step[:, 0].numpy()
    for i, (found, _) in enumerate(drawings):
        count, known = len(found.pieces), numbers[i].colours
        colours = tuple([known[n].rgb if n < len(known) else None for n in given[i, :count].tolist()])
        yield SketchAnswer(found, colours, steps[i, :count])


def painted(answer: SketchAnswer, world: FreeWorld) -> tuple[np.ndarray, FreeWorld]:
    """An answer as `score_parts` takes it, (H, W), and the world with each colour once."""
    numbers: dict[RGB, int] = {}
    first = np.arange(len(world.palette))
    for sentence, mention, said in zip(world.sentences, world.mentions, _colours(world), strict=True):
        if mention is not None:
            rgb = find_mentions(colour_words(sentence))[0].colour.rgb
            first[said] = numbers.setdefault(rgb, said)
    told = np.where(world.told == UNTOUCHED, UNTOUCHED, first[world.told])
    out = np.full(answer.pieces.ink.shape, UNTOUCHED)
    for piece, given in zip(answer.pieces.pieces, answer.colours, strict=True):
        if given is not None:
            out[piece.box][piece.share >= 128] = numbers[given]
    return out, replace(world, told=told)


def _colours(world: FreeWorld) -> list[int]:
    """The colour that each sentence tells, an index into the palette; 0 where it tells none."""
    if world.programme:
        return [said.colour or 0 for said in world.programme]
    return list(range(len(world.sentences)))


def cosal_classes(answer: SketchAnswer, world: World) -> np.ndarray:
    """An answer to a world of CoSaL as the class of each pixel, (48, 48) uint8."""
    out = np.full(world.classes.shape, BACKGROUND, np.uint8)
    for piece, rgb in zip(answer.pieces.pieces, answer.colours, strict=True):
        if rgb is not None:
            out[piece.box][piece.share >= 128] = colour_numbers()[rgb]
    return out

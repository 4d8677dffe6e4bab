"""Colouring the shapes of a drawing: a colour for each, from the sentences of a description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lbie.data.cosal.shapes import BACKGROUND, CELL, COLOURS, GRID, KINDS, PALETTE, SIZE, UNTOLD, ink_input
from lbie.edit import Edit
from lbie.editing.controls import Controls
from lbie.editing.drawing import Drawing, read_drawing, refuse_panorama
from lbie.editing.effects import Effects
from lbie.editing.facts import describe_stranger, describe_unknown, refusal
from lbie.editing.grid import name_cell
from lbie.editing.known import Description, Known, describe_several
from lbie.editing.paint import changed, paint_shapes
from lbie.editing.sentences import Sentence, read_sentences
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage
from lbie.registry import ModelCard
from lbie.runtime import Runtime

KNOWN = f"it knows the colours {', '.join(COLOURS)}, and the shapes {', '.join(KINDS)}"
"""What the model understands, for messages."""
_CHOICES = np.array([*range(BACKGROUND), UNTOLD])
_SIZES = (1, UNTOLD + 1, SIZE, SIZE)  # channels in and out, sides in and out
_SURE = 0.5


@dataclass(frozen=True)
class Sheet:
    """A drawing, encoded."""

    drawing: Drawing
    features: Any
    """Handle of the runtime."""


class ShapesEditing:
    """See `Editing`."""

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        """Take a model.

        Raises:
            InputError: it does not see 48 x 48 pixels and tell the class of each.
        """
        config = runtime.config
        if (config.in_channels, config.out_channels, config.working_size, config.output_size) != _SIZES:
            raise InputError(
                f"a model of shapes takes {SIZE} x {SIZE} pixels to {UNTOLD + 1} classes; this one does not"
            )
        self.runtime, self.card = runtime, card

    def prepare(self, source: SourceImage, panorama: bool = False) -> Sheet:
        """Find the drawing's shapes and encode its miniature."""
        refuse_panorama(panorama)
        drawing = read_drawing(source)
        features, _ = self.runtime.encode_image(ink_input(1 - drawing.miniature)[None, None])  # (1, 1, 48, 48): -1 ink
        return Sheet(drawing, features)

    def edit(
        self, image: Sheet, sentence: str, controls: Controls, max_steps: int | None, record: dict[str, Any]
    ) -> Edit:
        """Colour the shapes."""
        if controls.record:
            raise InputError(f"shapes are coloured whole: a drawing takes no {', '.join(controls.record)}")
        drawing, vocabulary = image.drawing, self.runtime.vocabulary
        try:
            sentences = read_sentences(sentence, vocabulary, self.runtime.config.max_words)
        except SentenceError as error:
            raise SentenceError(f"{error}; {KNOWN}") from error
        unknown = tuple(dict.fromkeys(word for s in sentences for word in s.unknown))
        judged = [(s, refusal(s.words)) for s in sentences]
        refused = [(s, reason) for s, reason in judged if reason]
        sentences = [s for s, reason in judged if not reason]
        if not sentences:
            raise SentenceError(f"{_join_reasons(refused)}; {KNOWN}")

        def ask(descriptions: Sequence[Description]) -> np.ndarray:
            ids = [[s.ids for s in description] for description in descriptions]
            _, outputs = self.runtime.fuse_descriptions(image.features, ids, max_steps)
            return _CHOICES[_votes(outputs, drawing).argmax(2)]

        known = Known.ask(sentences, [shape.cell for shape in drawing.shapes], vocabulary, ask)
        read = known.current(sentences)
        fused, _ = self.runtime.fuse_descriptions(image.features, [[s.ids for s in read]], max_steps)
        votes = _votes(fused.output[None], drawing)[0]  # (K, 7)
        classes = _CHOICES[votes.argmax(1)]  # (K,)

        def why(sentence: Sentence) -> str:
            return known.reasons(sentence, (classes != UNTOLD).tolist(), vocabulary)

        if (classes == UNTOLD).all():
            reasons = _join_reasons([*refused, *((s, why(s)) for s in sentences)])
            raise SentenceError(f"nothing that is said applies to a shape of this drawing: {reasons}; {KNOWN}")
        effects = Effects(sentences, classes, lambda descriptions: ask([known.current(d) for d in descriptions]))
        lines = [*drawing.source.notices, *drawing.notices, *known.several()]
        lines += [f"{s} was not read: {reason}" for s, reason in refused]
        lines += self._sentence_warnings(sentences, effects, why)
        told = {k: PALETTE[c].astype(float) for k, c in enumerate(classes) if c != UNTOLD}
        rgb = paint_shapes(drawing, told)
        share = np.exp(votes - votes.max(1, keepdims=True))
        sure = 1 / share.sum(1)  # (K,) probability of the class that won
        count = fused.attention.shape[1]
        return Edit(
            rgb=rgb,
            find_mask=partial(changed, drawing, list(told), rgb),
            confidence=float(sure.min()),
            steps=fused.steps,
            attention=fused.attention,
            tokens=tuple(word for s in read for word in s.words)[:count],
            token_sentence=tuple(i for i, s in enumerate(read) for _ in s.words)[:count],
            unknown_words=unknown,
            warnings=(*lines, *_result_warnings(drawing, sure, bool((rgb == drawing.source.rgb).all()))),
            record=record,
            source=drawing.source,
            seen=_paint_miniature(drawing, classes),
        )

    def _sentence_warnings(
        self, sentences: Sequence[Sentence], effects: Effects, why: Callable[[Sentence], str]
    ) -> list[str]:
        vocabulary = self.runtime.vocabulary
        vain = {effects.sentences[i].words for i in effects.unexplained}
        blamed = {word for words in vain for word in words}
        other = dict.fromkeys(word for s in sentences for word in s.unknown if word not in blamed)
        lines = []
        if other:
            lines.append(f"words this model does not know: {describe_unknown(tuple(other), vocabulary)}")
        for s in sentences:
            for named, colour in s.shades:
                lines.append(
                    f"{s}: '{named}' is not one of the model's colours ({', '.join(COLOURS)}): read as {colour}"
                )
            if s.words not in vain:
                strangers = [name for name in s.fact.strangers if name not in s.unknown]
                lines += [f"{s}: '{name}' is {describe_stranger(name)}" for name in strangers]
                if s.fact.several:
                    lines.append(f"{s}: {describe_several(s)}")
        lines += effects.warnings(why)
        if effects.unexplained:
            lines.append(f"about the model '{self.card.name}': {KNOWN}")
        return lines


def _result_warnings(drawing: Drawing, sure: np.ndarray, same: bool) -> list[str]:
    lines = []
    unsure = "; ".join(name_cell(s.cell) for s, p in zip(drawing.shapes, sure, strict=True) if p < _SURE)
    if unsure:
        lines.append(f"the model is not sure of the colour of: {unsure}")
    if same:
        lines.append("the result is the drawing as it was: every shape that is told has its colour already")
    return lines


def _join_reasons(reasons: Sequence[tuple[Sentence, str]], most: int = 4) -> str:
    """What is wrong with each sentence; of one alone, without quoting it."""
    if len(reasons) == 1:
        return reasons[0][1]
    more = len(reasons) - most
    lines = "; ".join(f"{sentence}: {reason}" for sentence, reason in reasons[:most])
    return lines + (f"; and {more} more" if more > 0 else "")


def _votes(outputs: np.ndarray, drawing: Drawing) -> np.ndarray:
    """Logits (B, C, 48, 48) to their mean (B, K, 7) over the ink of each shape, for the classes `_CHOICES`."""
    ink = drawing.miniature
    blocks = (outputs[:, _CHOICES] * ink).reshape(-1, len(_CHOICES), GRID, CELL, GRID, CELL).sum((3, 5))
    amount = ink.reshape(GRID, CELL, GRID, CELL).sum((1, 3))
    mean = (blocks / np.maximum(amount, 1e-6)).reshape(len(outputs), len(_CHOICES), -1)  # (B, 7, 9)
    return mean[..., [shape.cell for shape in drawing.shapes]].swapaxes(1, 2)


def _paint_miniature(drawing: Drawing, classes: np.ndarray) -> np.ndarray:
    """(48, 48, 3) uint8: the miniature in the shapes' colours, untold ones black."""
    colours = np.zeros((GRID * GRID, 3))
    for shape, number in zip(drawing.shapes, classes, strict=True):
        if number != UNTOLD:
            colours[shape.cell] = PALETTE[number]
    wide = colours.reshape(GRID, GRID, 3).repeat(CELL, 0).repeat(CELL, 1)
    return np.rint(255 + drawing.miniature[..., None] * (wide - 255)).astype(np.uint8)

"""Colouring the areas of a drawing: a colour for each, from the sentences of a description."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from lbie.edit import Edit
from lbie.editing.controls import Controls
from lbie.editing.drawing import on_white, refuse_panorama
from lbie.editing.piece_view import pad_views, view_pieces
from lbie.editing.pieces import Pieces, find_pieces
from lbie.editing.told import Description, read_description
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage
from lbie.model.piece_batch import CROP
from lbie.registry import ModelCard
from lbie.runtime import Runtime

MOST_PIECES = 200
"""Areas of a drawing that are read; one with more is refused."""
_SURE = 0.5


@dataclass(frozen=True)
class Sketch:
    """A drawing, encoded."""

    source: SourceImage
    pieces: Pieces
    crops: np.ndarray
    """(K, 2, 24, 24) uint8."""
    features: Any
    """Handle of the runtime."""


class SketchEditing:
    """See `Editing`."""

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        """Take a model.

        Raises:
            InputError: it does not see pieces.
        """
        if not runtime.config.colours:
            raise InputError("a model of sketches sees the pieces of a drawing; this one does not")
        self.runtime, self.card = runtime, card

    def prepare(self, source: SourceImage, panorama: bool = False) -> Sketch:
        """Find the drawing's areas and encode them.

        Raises:
            InputError: there is none, or it is said to be a panorama.
        """
        refuse_panorama(panorama)
        found = find_pieces(on_white(source))
        if not found.pieces:
            raise InputError(
                "found no area that could be coloured: a drawing has shapes filled with ink, or closed outlines"
            )
        if len(found.pieces) > MOST_PIECES:
            raise InputError(
                f"found {len(found.pieces):,} areas; this model reads drawings of up to {MOST_PIECES}: is it a photo?"
            )
        crops, places = view_pieces(found.pieces, found.ink)
        features, _ = self.runtime.encode_image(pad_views([(crops, places)]))
        return Sketch(source, found, crops, features)

    def edit(
        self, image: Sketch, sentence: str, controls: Controls, max_steps: int | None, record: dict[str, Any]
    ) -> Edit:
        """Colour the areas."""
        if controls.record:
            raise InputError(f"areas are coloured whole: a drawing takes no {', '.join(controls.record)}")
        config = self.runtime.config
        told = read_description(sentence, self.runtime.vocabulary, config.max_words)
        fused, _ = self.runtime.fuse_descriptions(image.features, [[s.read.ids for s in told.sentences]], max_steps)
        logits = fused.output[:, 0].T  # (K, colours + 1)
        share = np.exp(logits - logits.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        given = logits.argmax(1)
        on = given < len(told.colours)
        if not on.any():
            lines, strangers = "; ".join(str(s) for s in told.sentences[:4]), _strangers(told)
            lines += f" ({strangers})" if strangers else ""
            raise SentenceError(f"nothing that is said applies to an area of this drawing: {lines}")
        colours = [told.colours[n].rgb if n < len(told.colours) else None for n in given.tolist()]
        rgb = image.pieces.paint(colours)
        if image.source.alpha is not None:
            rgb = np.where((rgb == image.pieces.source).all(-1, keepdims=True), image.source.rgb, rgb)
        words = [(name, i) for i, s in enumerate(told.sentences) for name in s.read.names]
        count = fused.attention.shape[1]
        return Edit(
            rgb=rgb,
            find_mask=partial(_changed, image, on),
            confidence=float(share.max(1)[on].min()),
            steps=fused.steps,
            attention=fused.attention,
            tokens=tuple(name for name, _ in words)[:count],
            token_sentence=tuple(i for _, i in words)[:count],
            unknown_words=told.unknown,
            warnings=(*image.source.notices, *_warnings(image, told, given, share.max(1), rgb)),
            record=record,
            source=image.source,
            seen=_strip(image.crops, colours),
        )


def _changed(image: Sketch, on: np.ndarray) -> np.ndarray:
    """(H, W) float32 in [0, 1]: the areas that got a colour."""
    mask = np.zeros(image.pieces.ink.shape, np.float32)
    for piece, coloured in zip(image.pieces.pieces, on, strict=True):
        if coloured:
            np.maximum(mask[piece.box], piece.share / np.float32(255), out=mask[piece.box])
    return mask


def _strangers(told: Description) -> str:
    return f"words this model does not know: {', '.join(map(repr, told.unknown[:6]))}" if told.unknown else ""


def _warnings(image: Sketch, told: Description, given: np.ndarray, sure: np.ndarray, rgb: np.ndarray) -> list[str]:
    lines = []
    strangers = _strangers(told)
    if strangers:
        lines.append(strangers)
    used = {told.colours[n].name for n in given.tolist() if n < len(told.colours)}
    unused = [colour.name for colour in told.colours if colour.name not in used]
    if unused:
        lines.append(f"nothing in the drawing was taken to be meant by: {', '.join(unused)}")
    unsure = int((sure < _SURE).sum())
    if unsure:
        lines.append(f"the model is not sure of the colour of {unsure} of {len(sure)} areas")
    if (rgb == image.source.rgb).all():
        lines.append("the result is the drawing as it was: every area that is told has its colour already")
    return lines


def _strip(crops: np.ndarray, colours: list[tuple[int, int, int] | None]) -> np.ndarray:
    """(24, 24 K, 3) uint8: each area in its colour, one beside the other as the network reads them."""
    out = np.full((CROP, CROP * len(crops), 3), 255, np.float32)
    for i, (crop, colour) in enumerate(zip(crops, colours, strict=True)):
        tile = out[:, CROP * i : CROP * (i + 1)]
        tile -= crop[1][..., None]
        inside = crop[0][..., None] / np.float32(255)
        tile += inside * (np.array((215, 215, 215) if colour is None else colour, np.float32) - tile)
    return cv2.convertScaleAbs(out)

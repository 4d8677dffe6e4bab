"""Editing a photo where a phrase points: find what is named, and change that alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import cv2
import numpy as np

from lbie.colour.bands import bands
from lbie.colour.gamut import gamut_table_soon
from lbie.edit import Edit
from lbie.editing.change import Change
from lbie.editing.changes import apply_change
from lbie.editing.controls import Controls
from lbie.editing.find_things import Found, Photo, find_things, name_things
from lbie.editing.request import MOST_CHARACTERS, parse_request
from lbie.editing.shade import shares
from lbie.editing.things import Things, read_things
from lbie.errors import InputError
from lbie.image_io import SourceImage
from lbie.language.vocabulary import normalise, tokenize
from lbie.registry import ModelCard
from lbie.runtime import Runtime
from lbie.tasks.photo_view import view

_CHANNELS = (3, 1)  # in and out


class PhotosEditing:
    """See `Editing`."""

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        """Take a model.

        Raises:
            InputError: it does not take RGB to one probability a pixel, or its card has a threshold that is none.
        """
        config = runtime.config
        if (config.in_channels, config.out_channels) != _CHANNELS:
            raise InputError(
                f"a model that finds things takes {_CHANNELS[0]} channels to {_CHANNELS[1]}; this one takes "
                f"{config.in_channels} to {config.out_channels}"
            )
        self.runtime, self.card = runtime, card
        gamut_table_soon()
        self.threshold = check_threshold(card.threshold)

    def prepare(self, source: SourceImage, panorama: bool = False) -> Photo:
        """Encode the photo as validation shows it to the model: nearly in its shape, with a fixed area."""
        config = self.runtime.config
        seen = view(source.rgb, config.working_size, self.runtime.size_multiple, panorama)  # (1, 3, h, w)
        encoded, _ = self.runtime.encode_image(seen, panorama)
        grid = seen.shape[2] // config.stride, seen.shape[3] // config.stride
        larger = 2 ** len(config.decoder_channels)
        return Photo(source, encoded, grid, (grid[0] * larger, grid[1] * larger), panorama)

    def segment(
        self,
        image: Photo,
        phrases: Sequence[str],
        threshold: float | None,
        max_steps: int | None,
        record: dict[str, Any],
    ) -> Edit:
        """The union of what phrases name, cut out: see `Editor.segment`."""
        threshold = self.threshold if threshold is None else check_threshold(threshold)
        if not phrases:
            raise InputError("no phrase was given: name a thing, such as 'the dog on the left'")
        found = find_things(self.runtime, image, [_read_phrase(p) for p in phrases], threshold, max_steps)
        if threshold != self.threshold:
            record = record | {"threshold": threshold}
        rgb = image.source.rgb
        return _result(image, found, rgb, _joined_alpha(image.source, found.shade), found.warnings, record)

    def edit(
        self, image: Photo, sentence: str, controls: Controls, max_steps: int | None, record: dict[str, Any]
    ) -> Edit:
        """Do what the sentence asks for; the photo as it was, with a mask of zeros, where nothing matches."""
        controls.check(image.source.rgb.shape[:2])
        _check_controls(controls, record)
        request = parse_request(sentence)
        change = _scaled(request.change, controls.strength)
        things = Things(request.phrases, request.inverted)
        found = find_things(self.runtime, image, [things], self.threshold, max_steps)
        record = record | {"understood": f"{name_things(things)}: {request.change}"} | controls.record
        source, warnings = image.source, list(found.warnings)
        if not found.shade.any():
            return _result(image, found, source.rgb, None, warnings, record)
        if controls.mask is not None:
            found = replace(found, shade=cv2.multiply(found.shade, controls.mask, dtype=cv2.CV_8U))
            if not found.shade.any():
                raise InputError(f"the mask is black where {name_things(things)} is: nothing may change")
        changed = apply_change(source.rgb, found.shade, change, image.wraps)
        alpha = None if changed.alpha is None else _joined_alpha(source, changed.alpha)
        if alpha is None and _equal(changed.rgb, source.rgb):
            warnings.append(f"the result is the photo as it was: {name_things(things)} is like that already")
        return _result(image, found, changed.rgb, alpha, warnings, record)


def check_threshold(threshold: float) -> float:
    """The threshold.

    Raises:
        InputError: it is no number in [0, 1].
    """
    if not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise InputError(f"a threshold is a confidence from 0 to 1, got {threshold}")
    return float(threshold)


def _read_phrase(phrase: str) -> Things:
    """What a phrase names: a thing, several, or all but some."""
    if len(phrase) > MOST_CHARACTERS:
        raise InputError(f"the phrase has {len(phrase):,} characters; at most {MOST_CHARACTERS} are read")
    text = " ".join(normalise(phrase).split()).strip(" .,;!?")
    if not any(any(c.isalnum() for c in word) for word in tokenize(text)):
        raise InputError(f"a phrase is empty, got {phrase[:40]!r}: name a thing, such as 'the dog on the left'")
    return read_things(text) or Things((text,), False)


def _check_controls(controls: Controls, record: dict[str, Any]) -> None:
    """Refuse controls that are for colouring photos."""
    if controls.hints:
        raise InputError("hints are for colouring: say in the sentence what changes and how, as in 'make the car red'")
    if controls.keep_background:
        raise InputError("keep_background is for colouring: of a photo that is edited only what is named changes")
    if record.get("seed"):
        raise InputError(f"a seed is for colouring: an edit of what is named has one result, got seed {record['seed']}")


def _scaled(change: Change, strength: float) -> Change:
    """A change that goes further or less far.

    Raises:
        InputError: it cannot.
    """
    if strength == 1:
        return change
    if change.kind == "cut out":
        raise InputError(f"a cut-out is whole: it takes no strength, got {strength:g}")
    if strength > 1 and change.kind in ("colour", "gray out") and change.amount >= 1:
        raise InputError(f"'{change}' is reached in full at strength 1, got {strength:g}")
    return replace(change, amount=change.amount * strength)


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pictures (H, W, 3) are: looked at from the top, up to the first difference."""
    return all(np.array_equal(one[rows], other[rows]) for rows in bands(*one.shape[:2]))


def _joined_alpha(source: SourceImage, alpha: np.ndarray) -> np.ndarray:
    """(H, W) uint8: the alpha of a cut-out and the source's own, multiplied."""
    return alpha if source.alpha is None else cv2.multiply(alpha, source.alpha, scale=1 / 255)


def _result(
    photo: Photo,
    found: Found,
    rgb: np.ndarray,
    alpha: np.ndarray | None,
    warnings: Sequence[str],
    record: dict[str, Any],
) -> Edit:
    return Edit(
        rgb=rgb,
        find_mask=partial(shares, found.shade),
        confidence=found.confidence,
        steps=found.steps,
        attention=found.attention,
        tokens=found.tokens,
        token_sentence=found.token_sentence,
        unknown_words=found.unknown_words,
        warnings=(*warnings, *photo.source.notices),
        record=record,
        source=photo.source,
        alpha=alpha,
        matches=found.matches,
    )

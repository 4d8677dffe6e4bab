"""Colouring a photo: chroma from its lightness and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from lbie.colour.compose import LightnessSource, compose, fit_chroma, lightness_at
from lbie.colour.gamut import gamut_table_soon
from lbie.colour.lab import AB_SCALE, lightness_input, rgb_to_lab
from lbie.edit import Edit
from lbie.editing.controls import Controls
from lbie.editing.followed import not_followed
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage
from lbie.language.colour_names import CONTROL_COLOURS
from lbie.language.little_words import says_nothing
from lbie.language.shades import SHADES, names_colour, variant
from lbie.language.vocabulary import check_words
from lbie.registry import ModelCard
from lbie.runtime import Runtime
from lbie.tasks.hints import hint_map

LONGEST_ASPECT = 4
"""The longer side of what the network sees is at most this many times its working size."""
CHROMA_BOUNDARY = 10.0
"""Change of ab at which a pixel counts as edited: `Edit.mask` is .5 there."""
_UNTOUCHED = 1 / 255  # of the full change: a pixel that gets less keeps the source's value exactly


@dataclass(frozen=True)
class Photo:
    """A photo, encoded."""

    source: SourceImage
    lightness: LightnessSource
    grid: tuple[int, int]
    """Rows and columns of the network's regions."""
    encoded: Any
    """Handle of the runtime."""
    domain: float
    """Probability that it is of the kind the model was made for."""


class ColorizeEditing:
    """See `Editing`."""

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        self.runtime, self.card = runtime, card
        gamut_table_soon()

    def prepare(self, source: SourceImage, panorama: bool = False) -> Photo:
        """Encode the photo's lightness."""
        gray = source.gray
        lightness = LightnessSource.of(source.rgb, gray, wraps=panorama)
        multiple, work = self.runtime.size_multiple, self.runtime.config.working_size
        size = network_size(source.rgb.shape[:2], work, multiple)
        big = max(source.rgb.shape[:2]) > 4 * max(size) or min(source.rgb.shape[:2]) >= min(size)
        seen = lightness_at(source.rgb, gray, size, cv2.INTER_AREA if big else cv2.INTER_LINEAR, panorama)
        network_input = lightness_input(seen).astype(np.float32)[None, None]  # (1, 1, h, w)
        stride = self.runtime.config.stride
        grid = size[0] // stride, size[1] // stride
        return Photo(source, lightness, grid, *self.runtime.encode_image(network_input, panorama))

    def edit(
        self, image: Photo, sentence: str, controls: Controls, max_steps: int | None, record: dict[str, Any]
    ) -> Edit:
        """Colour the photo."""
        controls.check(image.source.rgb.shape[:2])
        vocabulary, warnings = self.runtime.vocabulary, list(image.source.notices)
        seed = record["seed"]
        if seed:
            told, sentence = sentence, variant(sentence, seed)
            if sentence == told:
                warnings.append(f"seed {seed} changes nothing: the sentence names none of {', '.join(SHADES)}")
            else:
                record = record | {"read_as": sentence}
                warnings.append(f"seed {seed} reads: {sentence}")
        tokens = vocabulary.encode(sentence, self.runtime.config.max_words)
        check_words(len(tokens.words) + tokens.cut, self.runtime.config.max_words)
        if not controls.hints and says_nothing(word for word in tokens.words if word not in tokens.unknown):
            unknown = f"; not known: {vocabulary.describe_unknown(tokens.unknown)}" if tokens.unknown else ""
            raise SentenceError(
                f"what this model knows of the sentence says nothing of a colour or a thing{unknown}: describe the "
                "result, e.g. 'The flower is red.'"
            )
        if tokens.unknown:
            warnings.append(f"words this model does not know: {vocabulary.describe_unknown(tokens.unknown)}")
        if not names_colour(sentence) and not controls.hints:
            some = ", ".join(CONTROL_COLOURS)
            warnings.append(f"the sentence names no colour ({some}, ...): the colours are the model's guess")
        if image.domain < 0.5:
            warnings.append(
                f"this does not look like what the model '{self.card.name}' was made for ({self.card.made_for}): "
                f"score {image.domain:.2f} of 1; the result may be poor"
            )
        features = self._hinted(image, controls)
        fused = self.runtime.fuse(features, self.runtime.encode_sentence(tokens.ids), max_steps)
        wanted = fit_chroma(image.lightness, fused.output.transpose(1, 2, 0) * AB_SCALE)
        warnings += not_followed(controls.hints, image.lightness.lightness, wanted)
        reach = self._reach(image, controls, fused.matte)
        if reach is not None or controls.strength != 1:
            own, factor = _own_chroma(image.source, wanted.shape[:2]), controls.strength
            wanted = own + (wanted - own) * (factor if reach is None else factor * reach[..., None])
        rgb, ab = compose(image.lightness, wanted)
        if reach is not None:
            touched = cv2.resize(reach, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR) > _UNTOUCHED
            if controls.mask is not None:
                touched &= controls.mask > 0
            rgb = np.where(touched[..., None], rgb, image.source.rgb)
        return Edit(
            rgb=rgb,
            find_mask=partial(chroma_mask, image.source, ab),
            confidence=image.domain,
            steps=fused.steps,
            attention=fused.attention,
            tokens=tokens.words[: fused.attention.shape[1]],  # a twin that ignores the sentence reads one word
            token_sentence=tokens.sentence[: fused.attention.shape[1]],
            unknown_words=tokens.unknown,
            warnings=tuple(warnings),
            record=record | controls.record,
            source=image.source,
        )

    def _hinted(self, photo: Photo, controls: Controls) -> Any:
        """The runtime's handle with the hints added."""
        if not controls.hints:
            return photo.encoded
        if photo.lightness.wraps:
            raise InputError("hints do not reach over the sides of a panorama: give none, or do without panorama")
        if not self.runtime.config.hints:
            raise InputError(f"the model '{self.card.name}' takes no colour hints")
        points = [(h.x, h.y, rgb_to_lab(np.array(h.colour, np.uint8))[1:]) for h in controls.hints]
        return self.runtime.add_hints(photo.encoded, hint_map(points, photo.grid))

    def _reach(self, photo: Photo, controls: Controls, matte: np.ndarray | None) -> np.ndarray | None:
        """How far each pixel at the guided size may change, (h, w) float32 in [0, 1]; None for all of them fully."""
        height, width = photo.lightness.lightness.shape
        reach = None
        if controls.mask is not None:
            reach = cv2.resize(controls.mask, (width, height), interpolation=cv2.INTER_AREA)
        if controls.keep_background:
            if matte is None:
                raise InputError(f"the model '{self.card.name}' cannot tell the background from the rest")
            fitted = fit_chroma(photo.lightness, matte[..., None].repeat(2, 2))[..., 0].clip(0, 1)
            reach = fitted if reach is None else reach * fitted
        return reach


def _own_chroma(source: SourceImage, size: tuple[int, int]) -> np.ndarray:
    """The source's ab (h, w, 2) float32 at another size (h, w)."""
    if source.gray:
        return np.zeros((*size, 2), np.float32)
    return rgb_to_lab(cv2.resize(source.rgb, size[::-1], interpolation=cv2.INTER_AREA))[..., 1:]


def chroma_mask(source: SourceImage, ab: np.ndarray) -> np.ndarray:
    """(H, W) float32 in [0, 1] by how much the chroma (h, w, 2) that was applied differs from the source's."""
    change = ab - _own_chroma(source, ab.shape[:2])
    soft = np.clip(np.hypot(change[..., 0], change[..., 1]) / (2 * CHROMA_BOUNDARY), 0, 1)
    return cv2.resize(soft, source.rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def network_size(size: tuple[int, int], work: int, multiple: int) -> tuple[int, int]:
    """(height, width) at which the network sees an image: shorter side near `work`, both multiples of `multiple`."""
    height, width = size
    scale = min(work / min(height, width), LONGEST_ASPECT * work / max(height, width))
    return (
        max(multiple, round(height * scale / multiple) * multiple),
        max(multiple, round(width * scale / multiple) * multiple),
    )

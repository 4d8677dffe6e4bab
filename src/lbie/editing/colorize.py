"""Colouring a photo: chroma from its lightness and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from lbie.colour.compose import LightnessSource, compose, fit_chroma, lightness_of
from lbie.colour.lab import AB_SCALE, lightness_input, rgb_to_lab
from lbie.edit import Edit
from lbie.image_io import SourceImage
from lbie.language.colour_names import CONTROL_COLOURS, families_in
from lbie.registry import ModelCard
from lbie.runtime import Runtime

LONGEST_ASPECT = 4
"""The longer side of what the network sees is at most this many times its working size."""
CHROMA_BOUNDARY = 10.0
"""Change of ab at which a pixel counts as edited: `Edit.mask` is .5 there."""


@dataclass(frozen=True)
class Photo:
    """A photo, encoded."""

    source: SourceImage
    lightness: LightnessSource
    features: Any
    """Handle of the runtime."""
    domain: float
    """Probability that it is of the kind the model was made for."""


class ColorizeEditing:
    """See `Editing`."""

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        self.runtime, self.card = runtime, card

    def prepare(self, source: SourceImage) -> Photo:
        """Encode the photo's lightness."""
        gray = source.gray
        lightness = LightnessSource.of(source.rgb, gray)
        multiple, work = self.runtime.size_multiple, self.runtime.config.working_size
        size = network_size(source.rgb.shape[:2], work, multiple)
        big = max(source.rgb.shape[:2]) > 4 * max(size) or min(source.rgb.shape[:2]) >= min(size)
        small = cv2.resize(source.rgb, size[::-1], interpolation=cv2.INTER_AREA if big else cv2.INTER_LINEAR)
        network_input = lightness_input(lightness_of(small, gray)).astype(np.float32)[None, None]  # (1, 1, h, w)
        return Photo(source, lightness, *self.runtime.encode_image(network_input))

    def edit(self, image: Photo, sentence: str, max_steps: int | None, record: dict[str, Any]) -> Edit:
        """Colour the photo."""
        vocabulary = self.runtime.vocabulary
        tokens = vocabulary.encode(sentence, self.runtime.config.max_words)
        warnings = list(image.source.notices)
        if tokens.unknown:
            warnings.append(f"words this model does not know: {vocabulary.describe_unknown(tokens.unknown)}")
        if tokens.cut:
            read = len(tokens.words)
            warnings.append(f"only the first {read} words were read, the last {tokens.cut} left out")
        if not families_in(sentence) & set(CONTROL_COLOURS):
            warnings.append(
                "the sentence names none of the colours that this model follows "
                f"({', '.join(CONTROL_COLOURS)}): the colours are its guess"
            )
        if image.domain < 0.5:
            warnings.append(
                f"this does not look like what the model '{self.card.name}' was made for ({self.card.made_for}): "
                f"score {image.domain:.2f} of 1; the result may be poor"
            )
        fused = self.runtime.fuse(image.features, self.runtime.encode_sentence(tokens.ids), max_steps)
        wanted = fit_chroma(image.lightness, fused.output.transpose(1, 2, 0) * AB_SCALE)
        rgb, ab = compose(image.lightness, wanted)
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
            record=record,
            source=image.source,
        )


def chroma_mask(source: SourceImage, ab: np.ndarray) -> np.ndarray:
    """(H, W) float32 in [0, 1] by how much the chroma (h, w, 2) that was applied differs from the source's."""
    change = ab
    if not source.gray:
        small = cv2.resize(source.rgb, ab.shape[1::-1], interpolation=cv2.INTER_AREA)
        change = change - rgb_to_lab(small)[..., 1:]
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

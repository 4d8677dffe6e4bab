"""The library's face: encode an image once, edit it with many sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np
from PIL import Image

import lbie
from lbie.colour.compose import LightnessSource, compose, fit_chroma, lightness_of
from lbie.colour.lab import AB_SCALE, lightness_input
from lbie.edit import Edit
from lbie.errors import InputError, LbieError
from lbie.image_io import SourceImage, read_image, source_from_array, source_from_pil
from lbie.image_io.decode import MAX_PIXELS
from lbie.language.colour_names import CONTROL_COLOURS, families_in
from lbie.registry import ModelCard, read_card, resolve_model
from lbie.samples import resolve_input

if TYPE_CHECKING:
    from lbie.runtime import Runtime

LONGEST_ASPECT = 4
"""The longer side of what the network sees is at most this many times its working size."""


class Editor:
    """Edits images by describing the result.

    Example:
        >>> editor = Editor.from_pretrained("flowers")
        >>> editor.set_image("photo.jpg")
        >>> editor.edit("The flower is blue in color.").save("blue.png")
    """

    def __init__(self, runtime: Runtime, card: ModelCard) -> None:
        self.runtime, self.card = runtime, card
        self._source: SourceImage | None = None
        self._lightness: LightnessSource | None = None
        self._features: Any = None
        self._domain = 0.0

    @classmethod
    def from_pretrained(cls, name_or_path: str | Path = "flowers", device: str = "auto") -> Self:
        """Load a model.

        Args:
            name_or_path: a bundled name, a model folder, or `owner/name` on the hub.
            device: `auto`, `cpu`, `cuda` or `mps`.

        Raises:
            InputError: no such model or device, or a broken model folder.
        """
        from lbie.runtime import TorchRuntime

        folder = resolve_model(name_or_path)
        return cls(TorchRuntime(folder, device), read_card(folder))

    def set_image(self, image: Any, *, max_pixels: int = MAX_PIXELS) -> Self:
        """Encode the image that the next edits are of.

        Args:
            image: path (or `-`, or `sample:NAME`), PIL image, `SourceImage`, or array / tensor: (H, W), (H, W, 3|4)
                uint8, or a (3, H, W) / (1, H, W) tensor, uint8 or float in [0, 1].
            max_pixels: limit on the declared pixels of a file.

        Raises:
            InputError: the image cannot be read; the image set before stays.
            ResourceError: it does not fit into memory.
        """
        source = _to_source(image, max_pixels)
        gray = source.gray
        lightness = LightnessSource.of(source.rgb, gray)
        multiple, work = self.runtime.size_multiple, self.runtime.config.working_size
        size = network_size(source.rgb.shape[:2], work, multiple)
        big = max(source.rgb.shape[:2]) > 4 * max(size) or min(source.rgb.shape[:2]) >= min(size)
        small = cv2.resize(source.rgb, size[::-1], interpolation=cv2.INTER_AREA if big else cv2.INTER_LINEAR)
        network_input = lightness_input(lightness_of(small, gray)).astype(np.float32)[None, None]  # (1, 1, h, w)
        self._features, self._domain = self.runtime.encode_image(network_input)
        self._source, self._lightness = source, lightness
        return self

    def edit(self, sentence: str, *, seed: int = 0, max_steps: int | None = None) -> Edit:
        """Edit the image as the sentence says.

        Args:
            sentence: what the result looks like.
            seed: stored with the result; this model's edits do not depend on it.
            max_steps: limit on the steps of the fusion (None: the model's own).

        Raises:
            InputError: an empty or far too long sentence, or no image set.
            SentenceError: no word of it is known.
            ResourceError: out of memory.
        """
        if self._source is None or self._lightness is None:
            raise LbieError("no image to edit: call set_image first")
        if max_steps is not None and not 1 <= max_steps <= 64:
            raise InputError(f"max_steps must be between 1 and 64, got {max_steps}")
        vocabulary = self.runtime.vocabulary
        tokens = vocabulary.encode(sentence, self.runtime.config.max_words)
        warnings = list(self._source.notices)
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
        if self._domain < 0.5:
            warnings.append(
                f"this does not look like what the model '{self.card.name}' was made for ({self.card.made_for}): "
                f"score {self._domain:.2f} of 1; the result may be poor"
            )
        fused = self.runtime.fuse(self._features, self.runtime.encode_sentence(tokens.ids), max_steps)
        wanted = fit_chroma(self._lightness, fused.output.transpose(1, 2, 0) * AB_SCALE)
        rgb, ab = compose(self._lightness, wanted)
        record: dict[str, Any] = {"sentence": sentence, "model": self.card.name, "model_version": self.card.version}
        record |= {"version": lbie.__version__, "seed": seed}
        return Edit(
            rgb,
            ab,
            self._domain,
            fused.steps,
            fused.attention,
            tokens.words[: fused.attention.shape[1]],  # a twin that ignores the sentence reads one word
            tokens.sentence[: fused.attention.shape[1]],
            tokens.unknown,
            tuple(warnings),
            record,
            self._source,
        )


def network_size(size: tuple[int, int], work: int, multiple: int) -> tuple[int, int]:
    """(height, width) at which the network sees an image: shorter side near `work`, both multiples of `multiple`."""
    height, width = size
    scale = min(work / min(height, width), LONGEST_ASPECT * work / max(height, width))
    return (
        max(multiple, round(height * scale / multiple) * multiple),
        max(multiple, round(width * scale / multiple) * multiple),
    )


def _to_source(image: Any, max_pixels: int) -> SourceImage:
    if isinstance(image, SourceImage):
        return image
    if isinstance(image, str | Path):
        return read_image(resolve_input(image), max_pixels)
    if isinstance(image, Image.Image):
        return source_from_pil(image)
    if hasattr(image, "detach"):
        image = image.detach().cpu()
        image = (image.float() if image.is_floating_point() else image).numpy()
        if image.ndim == 3 and image.shape[0] in (1, 3, 4):
            image = image.transpose(1, 2, 0)
        image = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
        if image.dtype.kind == "f":
            image = np.rint(image.clip(0, 1) * 255).astype(np.uint8)
    if isinstance(image, np.ndarray):
        return source_from_array(image)
    raise InputError(f"cannot take an image of type {type(image).__name__}: give a path, PIL image, array or tensor")

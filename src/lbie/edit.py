"""The result of one edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

from lbie.editing.overlay import Match
from lbie.errors import InputError
from lbie.image_io import SUFFIXES, SourceImage, check_output, encode_image, write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OPAQUE = ("JPEG", "BMP")


@dataclass(frozen=True)
class Edit:
    """An edited image and how it came about."""

    rgb: np.ndarray
    """(H, W, 3) uint8 sRGB, the source's resolution."""
    find_mask: Callable[[], np.ndarray]
    """Computes `mask`."""
    confidence: float
    """In [0, 1]: of a photo the probability that it is of the kind the model was made for, of a drawing that of the
    colour given to the shape of which the model is least sure; where things are found, that of the least sure of those
    that were, and below the threshold, with a `mask` of zeros, where none was."""
    steps: np.ndarray
    """(H', W') int: step of the fusion at which each region stopped, from 1."""
    attention: np.ndarray
    """(T, N, H', W') float32: what each region attended to at each step; sums to 1 over N, or to less where the rest
    of its attention was on nothing that is said; zero after it stopped. Of several phrases, it does so for each."""
    tokens: tuple[str, ...]
    """The N words, in order."""
    token_sentence: tuple[int, ...]
    """Number of the sentence each word belongs to, from 0."""
    unknown_words: tuple[str, ...]
    """Words of the sentence that the model does not know."""
    warnings: tuple[str, ...]
    """What a person should know of this edit, one line each."""
    record: dict[str, Any]
    """Sentence, model, version and seed: stored in the file by `save`."""
    source: SourceImage
    """The image that was edited."""
    seen: np.ndarray | None = None
    """(h, w, 3) uint8: the result as laid out for the network, where its regions are not those of the image."""
    alpha: np.ndarray | None = None
    """(H, W) uint8: that of a cut-out, the source's included; None where the result has the source's."""
    matches: tuple[Match, ...] = ()
    """What each phrase matched, where things are looked for."""

    @property
    def found(self) -> bool:
        """Whether there is anything of what was named; where not, nothing was edited."""
        return not self.matches or any(match.found for match in self.matches)

    @cached_property
    def image(self) -> Image.Image:
        """The edited image, with the source's alpha or that of the cut-out."""
        image = Image.fromarray(self.rgb)
        alpha = self.source.alpha if self.alpha is None else self.alpha
        if alpha is not None:
            image.putalpha(Image.fromarray(alpha))
        return image

    @cached_property
    def mask(self) -> np.ndarray:
        """(H, W) float32 in [0, 1]: where the edit changed the image; .5 is the boundary."""
        return self.find_mask()

    def encode(self, suffix: str, metadata: Literal["keep", "strip"] = "keep") -> tuple[bytes, list[str]]:
        """The bytes of an image file of one of `SUFFIXES`, with the record in its metadata, and notices.

        Raises:
            InputError: a cut-out in a format without transparency.
        """
        if self.alpha is not None and SUFFIXES[suffix.lower()] in _OPAQUE:
            raise InputError(f"a cut-out needs transparency, which '{suffix}' does not hold: write .png or .webp")
        source = self.source if self.alpha is None else replace(self.source, alpha=self.alpha)
        return encode_image(self.rgb, suffix, source=source, record=self.record, metadata=metadata)

    def save(self, path: str | Path, *, metadata: Literal["keep", "strip"] = "keep") -> list[str]:
        """Write the image, in the format of the suffix, with the record in its metadata; returns notices.

        Raises:
            InputError: the path cannot be written or has an unknown suffix, or that of a format without transparency
                for a cut-out; nothing is written then.
            ResourceError: the disk is full.
        """
        check_output(path)
        data, notices = self.encode(Path(path).suffix, metadata)
        write_bytes(path, data)
        return notices

    def explain(self) -> Figure:
        """What the regions read at each step, by word, and where they stopped: what `lbie edit --explain` draws.

        Returns:
            A matplotlib figure, a row a step, which shows itself in a notebook; `savefig` writes it.

        Raises:
            InputError: no words were read, as where all of a photo was changed, or matplotlib is not installed.
        """
        try:
            from lbie.explain_figure import explain_figure
        except ModuleNotFoundError as error:
            raise InputError("this needs the package 'matplotlib': pip install 'lbie[notebook]'") from error
        return explain_figure(self)

    def __repr__(self) -> str:
        """One line, without the pixels."""
        height, width = self.rgb.shape[:2]
        sentence, model = self.record.get("sentence"), self.record.get("model")
        return f"Edit({sentence!r}, model {model!r}, {width} x {height}, confidence {self.confidence:.2f})"

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from lbie.display import edit_html

        return edit_html(self)

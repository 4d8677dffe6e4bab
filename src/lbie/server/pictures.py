"""What the store keeps: pictures, the results among them with how they came about."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np

from lbie.edit import Edit
from lbie.editing.choose import Look
from lbie.editing.overlay import Match
from lbie.editing.shade import shades
from lbie.editor import Editor
from lbie.image_io import SourceImage
from lbie.server.held import held_bytes


@dataclass(frozen=True)
class Matched:
    """What a phrase matched, in less memory."""

    phrase: str
    confidence: float
    shade: np.ndarray | None
    """(H, W) uint8, above 127 inside; None where nothing matched."""
    box: tuple[int, int, int, int] | None
    """Left, top, width and height in pixels."""

    @classmethod
    def of(cls, match: Match) -> Matched:
        """Take a match."""
        if not match.found:
            return cls(match.phrase, match.confidence, None, None)
        left, top, width, height = cv2.boundingRect(match.inside.astype(np.uint8))
        return cls(match.phrase, match.confidence, match.shade, (left, top, width, height))

    def match(self, size: tuple[int, ...]) -> Match:
        """As it was; `size` is (H, W)."""
        shade = np.broadcast_to(np.uint8(0), size) if self.shade is None else self.shade
        return Match(self.phrase, shade, self.confidence)


@dataclass(frozen=True)
class Result:
    """An edit."""

    edit: Edit
    """Its matches are in `matches`."""
    matches: tuple[Matched, ...]
    found: bool
    source_id: str
    """Id of the picture that was edited."""
    reason: str | None
    """Why the model was chosen; None where it was asked for."""

    @classmethod
    def of(cls, edit: Edit, source_id: str, reason: str | None) -> Result:
        """Take an edit, and let go of what is large."""
        matches, found = tuple(Matched.of(match) for match in edit.matches), edit.found
        return cls(replace(edit, matches=()), matches, found, source_id, reason)

    @property
    def mask(self) -> np.ndarray:
        """(H, W) uint8; found anew each time, which takes less than keeping it."""
        return shades(self.edit.find_mask())

    @property
    def picture(self) -> SourceImage:
        """The result as an image to edit again."""
        alpha = self.edit.source.alpha if self.edit.alpha is None else self.edit.alpha
        return replace(self.edit.source, rgb=self.edit.rgb, alpha=alpha, notices=())

    @property
    def bytes(self) -> int:
        """What it takes beside its picture: the image that was edited may be kept for it alone."""
        edit = self.edit
        shades = [match.shade for match in self.matches if match.shade is not None]
        return held_bytes([edit.source.rgb, edit.find_mask, edit.attention, edit.steps, edit.seen, shades])


@dataclass(frozen=True)
class Picture:
    """An uploaded image, or a result."""

    source: SourceImage
    result: Result | None = None
    editors: dict[str, Editor] = field(default_factory=dict)
    """An editor with this image set, for each model that it has been encoded by."""
    encoding: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is encoded, which is done once."""

    @cached_property
    def look(self) -> Look:
        """Whether it looks like a drawing."""
        return Look(self.source)

    @property
    def bytes(self) -> int:
        """What it takes, but for its encodings."""
        alpha = 0 if self.source.alpha is None else self.source.alpha.nbytes
        return self.source.rgb.nbytes + alpha + (0 if self.result is None else self.result.bytes)

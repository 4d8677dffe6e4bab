"""Pictures as the bytes of files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lbie.editing.overlay import draw_overlay
from lbie.image_io import SourceImage, encode_image
from lbie.server.pictures import Picture, Result
from lbie.server.problems import ProblemError, not_found

MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
"""Format of a file to its media type."""
Format = Literal["png", "jpg", "webp"]
Metadata = Literal["keep", "strip"]


@dataclass(frozen=True)
class File:
    """The content of a file."""

    data: bytes
    format: Format = "png"

    @property
    def media_type(self) -> str:
        """Of the format."""
        return MEDIA_TYPES[self.format]


def picture_file(picture: Picture) -> File:
    """A picture as it is shown: sRGB, without metadata."""
    source = picture.source
    return File(encode_image(source.rgb, ".png", source=SourceImage(source.rgb, source.alpha))[0])


def result_file(result: Result, form: Format, metadata: Metadata) -> File:
    """The picture that an edit gave, as `Edit.save` would write it.

    Raises:
        ProblemError: 404, nothing matched, so there is none.
        InputError: a cut-out in a format without transparency.
    """
    if not result.found:
        raise ProblemError(404, "no-match", "; ".join(result.edit.warnings))
    return File(result.edit.encode(f".{form}", metadata)[0], form)


def mask_file(result: Result) -> File:
    """Where the edit changed the picture, black to white."""
    return File(encode_image(result.mask, ".png", record=result.edit.record)[0])


def match_file(result: Result) -> File:
    """What was matched, on the picture that was edited.

    Raises:
        ProblemError: 404, nothing was looked for.
    """
    if not result.matches:
        raise not_found("match: the model of this result looks for nothing")
    rgb = result.edit.source.rgb
    drawn = draw_overlay(rgb, [match.match(rgb.shape[:2]) for match in result.matches])
    return File(encode_image(np.asarray(drawn), ".png")[0])


def seen_file(result: Result) -> File:
    """The result as the network's regions lie on it.

    Raises:
        ProblemError: 404, they lie on the picture itself.
    """
    if result.edit.seen is None:
        raise not_found("other picture that the regions lie on")
    return File(encode_image(result.edit.seen, ".png")[0])

"""The fields of requests."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from lbie.editing.find_things import name_things
from lbie.editing.request import parse_request
from lbie.editing.things import Things
from lbie.errors import InputError, SentenceError

MOST_FIELDS, MOST_FILES = 100, 2
"""Of one request."""
MOST_FIELD_BYTES = 2**16
"""Of one field that is no file."""
MOST_PHRASES, MOST_THEN = 8, 32

_MODEL = "A name that `/v1/models` lists; without one, it is chosen from the image and the sentence."
_IMAGE = "An image file: JPEG, PNG, WebP, TIFF, BMP or GIF."
_MASK = "An image of the photo's size: white where it may change."
_IMAGE_ID = "Instead of `image`: the id of an uploaded image, or of a result."
_FILE: dict[str, Any] = {"format": "binary"}
_STEPS = "Limit on the steps of the fusion."

Unset = SkipJsonSchema[None]
"""That a field is left out; no null can be sent in a form."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class UploadForm(_Form):
    """An image to work on."""

    image: UploadFile = Field(description=_IMAGE, json_schema_extra=_FILE)


class _WithImage(_Form):
    image: UploadFile | Unset = Field(None, description=_IMAGE, json_schema_extra=_FILE)
    image_id: str | Unset = Field(None, description=_IMAGE_ID, max_length=64)
    model: str | Unset = Field(None, description=_MODEL, max_length=64)
    max_steps: Annotated[int, Field(ge=1, le=64)] | Unset = Field(None, description=_STEPS)


class EditForm(_WithImage):
    """An image and what is to become of it."""

    sentence: str = Field(
        description="What the result looks like, or what to change.", examples=["The flower is blue in color."]
    )
    strength: float = Field(1.0, gt=0, le=2, description="How far a photo changes.")
    keep_background: bool = Field(False, description="Colour only what the sentence speaks of.")
    mask: UploadFile | Unset = Field(None, description=_MASK, json_schema_extra=_FILE)
    hints: list[str] = Field(
        default=[], max_length=64, description="Colours of points: X,Y,COLOUR.", examples=[["50%,25%,crimson"]]
    )
    seed: int = Field(0, ge=0, lt=2**31, description="0 is the model's best; others are other shades.")
    then: list[str] = Field(default=[], max_length=MOST_THEN, description="Of a drawing, what to change after that.")

    @property
    def controls(self) -> dict[str, Any]:
        """What `Editor.edit` takes beside the sentence and the mask."""
        return {
            "strength": self.strength,
            "keep_background": self.keep_background,
            "hints": self.hints,
            "seed": self.seed,
            "max_steps": self.max_steps,
            "then": self.then,
        }


class SegmentForm(_WithImage):
    """An image and what to find in it."""

    phrase: list[str] = Field(
        default=[],
        max_length=MOST_PHRASES,
        description="Names of things; of several, the union.",
        examples=[["the cat"]],
    )
    sentence: str | Unset = Field(None, description="Instead of `phrase`: a request; what it would change is found.")
    threshold: Annotated[float, Field(ge=0, le=1)] | Unset = Field(
        None, description="Confidence from which on a thing is there."
    )

    @property
    def phrases(self) -> list[str]:
        """What to find.

        Raises:
            InputError: neither phrases nor a sentence are given, or both.
        """
        if bool(self.phrase) == (self.sentence is not None):
            raise InputError("say what to find in 'phrase', or in a 'sentence' that asks for a change: one of the two")
        return self.phrase if self.sentence is None else _named_in(self.sentence)


def _named_in(sentence: str) -> list[str]:
    """Phrases for what a request names; the sentence itself where it asks for no change."""
    try:
        request = parse_request(sentence)
    except SentenceError:
        return [sentence]
    if not request.inverted:
        return list(request.phrases)
    return [name_things(Things(request.phrases, True)).replace(" + ", " and ")]

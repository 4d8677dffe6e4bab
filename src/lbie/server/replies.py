"""The bodies of answers."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, Field

from lbie.edit import Edit
from lbie.server.pictures import Matched, Picture, Result


class ModelReply(BaseModel):
    """A model."""

    name: str
    version: str
    task: str = Field(description="colorize, shapes, sketch or segment.")
    made_for: str
    licence: str


class ModelsReply(BaseModel):
    """The models of this server."""

    models: list[ModelReply]


class ExampleReply(BaseModel):
    """A picture to try things on."""

    name: str
    credit: str
    sentences: list[str]
    href: str


class ExamplesReply(BaseModel):
    """The pictures of this server to try things on."""

    examples: list[ExampleReply]


class HealthReply(BaseModel):
    """That the server runs."""

    status: str
    version: str


class ImageReply(BaseModel):
    """An image that was uploaded."""

    id: str
    width: int
    height: int
    gray: bool = Field(description="Whether it is without colour.")
    expires_in: int = Field(description="Seconds after its last use for which it is kept.")

    @classmethod
    def of(cls, name: str, picture: Picture, expires_in: float) -> ImageReply:
        """Describe a picture."""
        height, width = picture.source.rgb.shape[:2]
        return cls(id=name, width=width, height=height, gray=picture.source.gray, expires_in=int(expires_in))


class TokenReply(BaseModel):
    """A word as the model read it."""

    word: str
    sentence: int = Field(description="Number of its sentence or phrase, from 0.")


class MatchReply(BaseModel):
    """What a phrase matched."""

    phrase: str
    found: bool
    confidence: float
    box: list[int] | None = Field(description="Left, top, width and height in pixels.", min_length=4, max_length=4)

    @classmethod
    def of(cls, match: Matched) -> MatchReply:
        """Describe a match."""
        box = None if match.box is None else list(match.box)
        return cls(phrase=match.phrase, found=box is not None, confidence=round(match.confidence, 4), box=box)


class LinkReply(BaseModel):
    """Where a part of a result is to be had."""

    href: str


class LinksReply(BaseModel):
    """Where what belongs to a result is to be had."""

    image: str | None = Field(description="The picture; null where nothing matched.")
    mask: str
    attention: str
    match: str | None = Field(description="What was matched, drawn on the image; null where nothing is looked for.")
    seen: str | None = Field(description="What the regions lie on, where that is not the image itself; else null.")


class ResultReply(BaseModel):
    """A result."""

    id: str = Field(description="Also an image id: the next sentence may be about it.")
    image_id: str = Field(description="Id of the image that was edited.")
    width: int
    height: int
    model: str
    model_version: str
    reason: str | None = Field(description="Why this model was chosen; null where it was asked for.")
    sentence: str
    understood: str | None = Field(description="How the sentence was understood, where things are looked for.")
    confidence: float
    found: bool = Field(description="False where nothing in the image matches; nothing was edited then.")
    unknown_words: list[str]
    warnings: list[str]
    grid: list[int] = Field(description="Rows and columns of the regions.", min_length=2, max_length=2)
    steps: list[list[int]] = Field(description="The step at which each region stopped.")
    max_steps: int = Field(description="The steps there are attention maps of.")
    tokens: list[TokenReply]
    attention: LinkReply
    matches: list[MatchReply]
    links: LinksReply

    @classmethod
    def of(cls, name: str, result: Result) -> ResultReply:
        """Describe a result."""
        edit, place = result.edit, f"/v1/results/{name}"
        height, width = edit.rgb.shape[:2]
        matches = [MatchReply.of(match) for match in result.matches]
        links = LinksReply(
            image=f"{place}/image" if result.found else None,
            mask=f"{place}/mask",
            attention=f"{place}/attention",
            match=f"{place}/match" if matches else None,
            seen=f"{place}/seen" if edit.seen is not None else None,
        )
        words = zip(edit.tokens, edit.token_sentence, strict=True)
        return cls(
            id=name,
            image_id=result.source_id,
            width=width,
            height=height,
            model=edit.record["model"],
            model_version=edit.record["model_version"],
            reason=result.reason,
            sentence=edit.record["sentence"],
            understood=edit.record.get("understood"),
            confidence=round(edit.confidence, 4),
            found=result.found,
            unknown_words=list(edit.unknown_words),
            warnings=list(edit.warnings),
            grid=list(edit.steps.shape),
            steps=edit.steps.tolist(),
            max_steps=len(edit.attention),
            tokens=[TokenReply(word=word, sentence=number) for word, number in words],
            attention=LinkReply(href=links.attention),
            matches=matches,
            links=links,
        )


class AttentionReply(BaseModel):
    """What each region attended to."""

    shape: list[int] = Field(description="Steps, words, rows and columns.", min_length=4, max_length=4)
    values: list[float] = Field(description="Shares of the attention in that order, rounded to 3 digits.")

    @classmethod
    def of(cls, edit: Edit) -> AttentionReply:
        """The attention of an edit."""
        values = np.round(edit.attention.astype(float), 3).ravel().tolist()
        return cls(shape=list(edit.attention.shape), values=values)

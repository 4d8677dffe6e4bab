"""Errors as RFC 9457 problem details: one line of text, no internals."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from lbie.errors import ImageSizeError, InputError, LbieError, NoMatchError, ResourceError, SentenceError

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    "request": "The request cannot be read",
    "host": "The server is not known by this name",
    "origin": "Requests from other sites are refused",
    "not-found": "There is no such thing, or no longer",
    "method": "The method is not allowed here",
    "slow-upload": "The request took too long to arrive",
    "too-large": "The request or the image is too large",
    "media-type": "The request is not a form",
    "not-an-image": "The file is not an image that can be read",
    "input": "The request cannot be carried out as it is",
    "sentence": "The sentence does not apply to the model or the image",
    "no-match": "Nothing in the image matches what was named",
    "busy": "The server is busy",
    "gone": "The client has gone",
    "internal": "The server failed",
    "resources": "The server has not enough memory for this",
    "time-limit": "The work took too long",
}


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="What kind of error it is.", examples=["urn:lbie:problem:sentence"])
    title: str = Field(description="The kind in words.", examples=[_TITLES["sentence"]])
    status: int = Field(description="The HTTP status.", examples=[422])
    detail: str = Field(description="What was wrong, in a line.", examples=["no word of 'the xyzzy' is known"])


class ProblemError(Exception):
    """An error to answer with."""

    def __init__(self, status: int, kind: str, detail: str, headers: dict[str, str] | None = None) -> None:
        """Take the HTTP status, a kind of `_TITLES`, one line of text, and further headers."""
        super().__init__(detail)
        self.status, self.kind, self.detail, self.headers = status, kind, " ".join(detail.split()), headers or {}

    def response(self) -> JSONResponse:
        """The answer."""
        problem = Problem(
            type=f"urn:lbie:problem:{self.kind}", title=_TITLES[self.kind], status=self.status, detail=self.detail
        )
        return JSONResponse(problem.model_dump(), self.status, self.headers, MEDIA_TYPE)


def not_found(what: str) -> ProblemError:
    """The answer where a name is not known."""
    return ProblemError(404, "not-found", f"no {what}: it never was, or has expired")


def of_error(error: LbieError | MemoryError) -> ProblemError:
    """The answer to an error that lbie raises on purpose, or to a lack of memory."""
    if isinstance(error, ResourceError | MemoryError):
        return ProblemError(503, "resources", str(error) or "not enough memory", {"Retry-After": "10"})
    kinds: dict[type[LbieError], tuple[int, str]] = {
        ImageSizeError: (413, "too-large"),
        SentenceError: (422, "sentence"),
        NoMatchError: (422, "no-match"),
        InputError: (422, "input"),
    }
    status, kind = next((found for known, found in kinds.items() if isinstance(error, known)), (422, "input"))
    return ProblemError(status, kind, str(error))


def of_status(status: int, detail: str, headers: dict[str, str] | None = None) -> ProblemError:
    """The answer to what the framework refuses."""
    kind = {404: "not-found", 405: "method", 413: "too-large"}.get(status, "request")
    words = "" if detail == HTTPStatus(status).phrase else detail
    text = {404: "there is nothing at this address", 405: "see the Allow header for what is"}.get(status, "")
    return ProblemError(status, kind, words or text or HTTPStatus(status).phrase, headers)

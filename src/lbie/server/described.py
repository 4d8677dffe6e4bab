"""What the description of the API (OpenAPI) says of answers."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lbie.server.problems import MEDIA_TYPE, Problem

Answers = dict[int | str, dict[str, Any]]

_PROBLEMS = {
    400: "The request cannot be read, or is for another host",
    403: "The request comes from another site",
    404: "There is no such thing, or no longer",
    408: "The request took too long to arrive",
    413: "The request, or the image in it, is too large",
    415: "The file is not an image that can be read, or the request is no form",
    422: "The request cannot be carried out: a field, the sentence, or nothing in the image matches",
    429: "The server is busy",
    503: "The server has not enough memory for this, or does not get on with its work",
    504: "The work took too long",
}
_AFTER = {"Retry-After": {"description": "Seconds until it is worth another try.", "schema": {"type": "integer"}}}
BINARY = {"schema": {"type": "string", "format": "binary"}}
"""Content that is bytes."""


def problems(*statuses: int) -> Answers:
    """Answers that are problems; 400 always may be."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: Answers = {s: {"description": _PROBLEMS[s], "content": content} for s in (400, *statuses)}
    for status in found.keys() & {429, 503}:
        found[status]["headers"] = _AFTER
    return found


def files(*media_types: str) -> Answers:
    """An answer that is a file."""
    return {200: {"description": "The file.", "content": dict.fromkeys(media_types, BINARY)}}


def links(parameter: str, *operations: str) -> dict[str, Any]:
    """That the id in an answer is a parameter of other operations."""
    return {name: {"operationId": name, "parameters": {parameter: "$response.body#/id"}} for name in operations}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description: as FastAPI makes it, with problems in place of its own kind of error."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        parts = schema.setdefault("components", {}).setdefault("schemas", {})
        parts["Problem"] = Problem.model_json_schema()
        for name in ("HTTPValidationError", "ValidationError"):
            parts.pop(name, None)
        for place in schema["paths"].values():
            for operation in place.values():
                refused = operation["responses"].get("422", {})
                if "application/json" in refused.get("content", {}):  # FastAPI's own
                    del operation["responses"]["422"]
        app.openapi_schema = schema
    return app.openapi_schema

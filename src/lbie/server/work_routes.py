"""The addresses that do work: uploads, edits and searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from lbie.errors import NoMatchError
from lbie.server import described
from lbie.server.accept import wanted_format
from lbie.server.file_routes import json_answer
from lbie.server.files import MEDIA_TYPES, result_file
from lbie.server.forms import EditForm, SegmentForm, UploadForm
from lbie.server.limits import limited_route
from lbie.server.pictures import Result
from lbie.server.pool import Pool
from lbie.server.replies import ImageReply, ResultReply
from lbie.server.service import Service

_MULTIPART = "multipart/form-data"
_PARTS = ("result_image", "result_mask", "result_match", "result_seen", "result_attention")
_UPLOADED: described.Answers = {201: {"links": described.links("image_id", "image")}}
_RESULT: described.Answers = {
    200: {
        "description": "The result; where Accept asks for an image, the picture itself.",
        "content": dict.fromkeys(MEDIA_TYPES.values(), described.BINARY),
        "links": described.links("result_id", *_PARTS),
    }
}
_REFUSED = described.problems(403, 404, 408, 413, 415, 422, 429, 503, 504)


def work_routes(service: Service, pool: Pool) -> APIRouter:
    """The addresses, with a pool to work in."""
    router = APIRouter(prefix="/v1", route_class=limited_route(pool, service.settings.time_limit))
    described_result: dict[str, Any] = {"response_model": ResultReply, "responses": _RESULT | _REFUSED}

    @router.post("/images", status_code=201, response_model=ImageReply, responses=_UPLOADED | _REFUSED)
    async def upload_image(request: Request, form: Annotated[UploadForm, Form(media_type=_MULTIPART)]) -> Response:
        """Keep an image for any number of sentences: it is encoded once."""

        def work() -> Response:
            name, picture = service.upload(form.image)
            return json_answer(ImageReply.of(name, picture, service.settings.time_to_live), 201)

        return await pool.run(request, work)

    @router.post("/edit", **described_result)
    async def edit(request: Request, form: Annotated[EditForm, Form(media_type=_MULTIPART)]) -> Response:
        """Edit an image as a sentence says; the id of the result is an image id for the next sentence."""
        return await _answer(request, lambda: service.edit(form))

    @router.post("/segment", **described_result)
    async def segment(request: Request, form: Annotated[SegmentForm, Form(media_type=_MULTIPART)]) -> Response:
        """Find what phrases name, and cut it out. That nothing matches is an answer, with `found` false."""
        return await _answer(request, lambda: service.segment(form))

    async def _answer(request: Request, function: Callable[[], tuple[str, Result]]) -> Response:
        form = wanted_format(request.headers.get("accept", ""))

        def work() -> Response:
            name, result = function()
            if form is None:
                return json_answer(ResultReply.of(name, result))
            if not result.found:
                raise NoMatchError("; ".join(result.edit.warnings))
            file = result_file(result, form, "keep")
            return Response(file.data, media_type=file.media_type, headers={"Content-Location": f"/v1/images/{name}"})

        return await pool.run(request, work)

    return router

"""The addresses of pictures, and of what belongs to results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from lbie.server import described
from lbie.server.files import (
    MEDIA_TYPES,
    File,
    Format,
    Metadata,
    mask_file,
    match_file,
    picture_file,
    result_file,
    seen_file,
)
from lbie.server.limits import limited_route
from lbie.server.pool import Pool
from lbie.server.replies import AttentionReply
from lbie.server.service import Service

_REFUSED = described.problems(404, 429, 503, 504)
_PNG: dict[str, Any] = {"response_class": Response, "responses": described.files("image/png") | _REFUSED}
_ANY: dict[str, Any] = {
    "response_class": Response,
    "responses": described.files(*MEDIA_TYPES.values()) | described.problems(404, 422, 429, 503, 504),
}


def file_routes(service: Service, pool: Pool) -> APIRouter:
    """The addresses, with a pool to draw in."""
    router = APIRouter(prefix="/v1", route_class=limited_route(pool, service.settings.time_limit))

    async def answer(request: Request, name: str, draw: Callable[[], File]) -> Response:
        file = await pool.run(request, draw)
        disposition = f'attachment; filename="{name}.{file.format}"'
        return Response(file.data, media_type=file.media_type, headers={"Content-Disposition": disposition})

    @router.get("/images/{image_id}", **_PNG)
    async def image(request: Request, image_id: str) -> Response:
        """An uploaded image, or a result, as it is shown: upright, sRGB, without metadata."""
        picture = service.picture(image_id)
        return await answer(request, "lbie-image", lambda: picture_file(picture))

    @router.get("/results/{result_id}/image", **_ANY)
    async def result_image(
        request: Request, result_id: str, format: Format = "png", metadata: Metadata = "keep"
    ) -> Response:
        """The result as a file; the edit is on record in its metadata, with the source's own where these are kept."""
        result = service.result(result_id)
        name = f"lbie-{result.edit.record['model']}"
        return await answer(request, name, lambda: result_file(result, format, metadata))

    @router.get("/results/{result_id}/mask", **_PNG)
    async def result_mask(request: Request, result_id: str) -> Response:
        """Where the edit changed the image, black to white."""
        result = service.result(result_id)
        return await answer(request, "lbie-mask", lambda: mask_file(result))

    @router.get("/results/{result_id}/match", **_PNG)
    async def result_match(request: Request, result_id: str) -> Response:
        """What was matched, drawn on the image that was edited."""
        result = service.result(result_id)
        return await answer(request, "lbie-match", lambda: match_file(result))

    @router.get("/results/{result_id}/seen", **_PNG)
    async def result_seen(request: Request, result_id: str) -> Response:
        """What the regions lie on, where that is not the image itself."""
        result = service.result(result_id)
        return await answer(request, "lbie-seen", lambda: seen_file(result))

    @router.get("/results/{result_id}/attention", response_model=AttentionReply, responses=_REFUSED)
    async def result_attention(request: Request, result_id: str) -> Response:
        """What each region attended to at each step."""
        result = service.result(result_id)
        return await pool.run(request, lambda: json_answer(AttentionReply.of(result.edit)))

    return router


def json_answer(reply: BaseModel, status: int = 200) -> Response:
    """A reply as JSON."""
    return Response(reply.model_dump_json(), status, media_type="application/json")

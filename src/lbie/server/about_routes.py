"""The addresses of the page and of what the server says of itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fastapi import APIRouter, Response

import lbie
from lbie.server import described
from lbie.server.assets import Asset
from lbie.server.examples import Example
from lbie.server.metrics import CONTENT_TYPE
from lbie.server.pool import Pool
from lbie.server.problems import not_found
from lbie.server.replies import ExampleReply, ExamplesReply, HealthReply, ModelReply, ModelsReply
from lbie.server.service import Service

_PAGE = "index.html"
_REFUSED = described.problems()
_TEXT: described.Answers = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


def about_routes(
    service: Service, pools: Collection[Pool], examples: Mapping[str, Example], assets: Mapping[str, Asset]
) -> APIRouter:
    """The addresses."""
    router = APIRouter()

    @router.get("/v1/models", responses=_REFUSED)
    async def models() -> ModelsReply:
        """The models."""
        return ModelsReply(
            models=[
                ModelReply(
                    name=card.name, version=card.version, task=task, made_for=card.made_for, licence=card.licence
                )
                for card, task in service.models.cards()
            ]
        )

    @router.get("/v1/examples", responses=_REFUSED)
    async def list_examples() -> ExamplesReply:
        """Pictures to try things on."""
        return ExamplesReply(
            examples=[
                ExampleReply(name=e.name, credit=e.credit, sentences=list(e.sentences), href=f"/v1/examples/{e.name}")
                for e in examples.values()
            ]
        )

    @router.get(
        "/v1/examples/{name}",
        response_class=Response,
        responses=described.files(*{example.media_type for example in examples.values()}) | described.problems(404),
    )
    async def example(name: str) -> Response:
        """One of these pictures."""
        if name not in examples:
            raise not_found("example of this name")
        return Response(examples[name].data, media_type=examples[name].media_type)

    @router.get("/healthz", responses=described.problems(503))
    async def healthz() -> HealthReply:
        """That the server runs, and gets on."""
        for pool in pools:
            pool.check()
        return HealthReply(status="ok", version=lbie.__version__)

    @router.get("/metrics", response_class=Response, responses=_TEXT | _REFUSED)
    async def metrics() -> Response:
        """What the server counts, for Prometheus."""
        return Response(service.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    @router.get("/", include_in_schema=False)
    async def page() -> Response:
        return _asset(_PAGE)

    @router.get("/static/{name:path}", include_in_schema=False)
    async def asset(name: str) -> Response:
        return _asset(name)

    def _asset(name: str) -> Response:
        found = assets.get(name)
        if found is None:
            raise not_found("such page")
        return Response(found.data, media_type=found.media_type, headers={"Cache-Control": "no-cache"})

    return router

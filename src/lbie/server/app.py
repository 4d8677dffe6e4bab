"""The application: models, store and workers behind the addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

import lbie
from lbie.errors import LbieError
from lbie.server.about_routes import about_routes
from lbie.server.assets import load_assets
from lbie.server.described import describe
from lbie.server.examples import installed_examples
from lbie.server.file_routes import file_routes
from lbie.server.guard import Guard
from lbie.server.memory import give_back
from lbie.server.metrics import Metrics
from lbie.server.models import Models
from lbie.server.pool import Pool
from lbie.server.problems import ProblemError, of_error, of_status
from lbie.server.service import Service
from lbie.server.settings import LOCAL_HOSTS, Settings
from lbie.server.store import Store
from lbie.server.work_routes import work_routes

_FILES_QUEUE = 128
"""Requests for files that wait: they are small, and a page asks for several at once."""
_SWEEP = 15.0
"""Seconds between looks for what has expired."""


def create_app(settings: Settings, models: Models | None = None) -> FastAPI:
    """Make the application.

    Args:
        settings: limits and places.
        models: that are loaded already; without them, all bundled ones are.

    Raises:
        InputError: the device is unknown or not there.
    """
    metrics = Metrics()
    service = Service(settings, models or Models(settings.device, runtime=settings.runtime), metrics)
    work = Pool("work", settings.workers, settings.queue, settings.time_limit)
    files = Pool("files", settings.workers, _FILES_QUEUE, settings.time_limit)
    metrics.gauge("queue_depth", "Requests that wait for a worker", lambda: work.waiting)
    metrics.gauge("running", "Requests that are worked on", lambda: work.running)
    metrics.gauge("overdue", "Work that has run for longer than the time limit", lambda: work.overdue + files.overdue)
    metrics.gauge("store_bytes", "Bytes of what is kept", lambda: service.store.bytes)
    metrics.gauge("store_items", "Pictures that are kept", lambda: len(service.store))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(service.store))
        yield
        sweeping.cancel()
        work.close()
        files.close()

    app = FastAPI(
        title="lbie",
        version=lbie.__version__,
        description="Edit images by describing the result.",
        lifespan=lifespan,
        docs_url=None,  # its page would come from another site
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.add_middleware(Guard, hosts=(*LOCAL_HOSTS, *settings.hosts), max_body=settings.max_upload, metrics=metrics)
    for kind in (ProblemError, LbieError, MemoryError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refuse)
    app.include_router(work_routes(service, work))
    app.include_router(file_routes(service, files))
    app.include_router(about_routes(service, (work, files), installed_examples(), load_assets()))

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, object]:
        return describe(app)

    return app


async def _refuse(_request: Request, error: Exception) -> Response:
    """The answer to an error that is meant."""
    if isinstance(error, RequestValidationError):
        error = _of_field(error)
    elif isinstance(error, HTTPException):
        error = of_status(error.status_code, str(error.detail), dict(error.headers or {}))
    elif isinstance(error, LbieError | MemoryError):
        error = of_error(error)
    assert isinstance(error, ProblemError)
    return error.response()


def _of_field(error: RequestValidationError) -> ProblemError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    said = {"missing": "it is missing or empty", "extra_forbidden": "there is no such field here"}
    message = "an image file is expected" if "UploadFile" in first["msg"] else said.get(first["type"], first["msg"])
    return ProblemError(422, "input", f"{field}: {message}" if field else message)


async def _sweep(store: Store) -> None:
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(_SWEEP)
            store.sweep()
            await asyncio.to_thread(give_back)

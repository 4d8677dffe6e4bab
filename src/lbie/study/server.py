"""The server of a study: one page, its pictures and two calls. No answer tells the system of a picture."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TypeVar

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from lbie.errors import InputError, LbieError
from lbie.study.messages import Rate, Start
from lbie.study.store import NotAssignedError, Store, picture_path

Message = TypeVar("Message", Start, Rate)

MAX_BODY = 4096
"""Bytes of a call that are read at most."""
_ASSETS = {"/": "page.html", "/page.css": "page.css", "/page.js": "page.js"}
_LOCAL = ("127.0.0.1", "localhost")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def application(folder: Path, hosts: tuple[str, ...] = _LOCAL) -> Starlette:
    """The study in `folder` as a web application that answers to the names in `hosts` (`*`: any).

    Raises:
        InputError: there is no study in the folder.
    """
    store = Store(folder)
    known = {item.id for item in store.items()}

    def picture(request: Request) -> Response:
        item = request.path_params["item"]
        if item not in known:
            raise HTTPException(404)
        return FileResponse(picture_path(folder, item))

    async def start(request: Request) -> Response:
        message = await _read(request, Start)
        rater = message.rater or f"rater-{secrets.token_hex(4)}"
        shown = await run_in_threadpool(store.shown_to, rater)
        return JSONResponse({"rater": rater, "items": [asdict(item) for item in shown]})

    async def rate(request: Request) -> Response:
        message = await _read(request, Rate)
        await run_in_threadpool(store.rate, message.rater, message.item, message.consistency, message.quality)
        return JSONResponse({})

    return Starlette(
        routes=[
            *(Route(path, partial(_asset, name)) for path, name in _ASSETS.items()),
            Route("/pictures/{item}.png", picture),
            Route("/api/start", start, methods=["POST"]),
            Route("/api/rate", rate, methods=["POST"]),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(BaseHTTPMiddleware, dispatch=_add_headers),
        ],
        exception_handlers={HTTPException: _refuse, LbieError: _refuse_expected},
    )


def _asset(name: str, _request: Request) -> Response:
    return FileResponse(Path(__file__).parent / name)


async def _read(request: Request, kind: type[Message]) -> Message:
    """The body as a message, or an answer that says what is wrong with it."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "send application/json")  # which no form of another site can
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"at most {MAX_BODY} bytes")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise HTTPException(422, f"{field}: {first['msg']}" if field else first["msg"]) from error


async def _add_headers(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await following(request)
    response.headers.update(_HEADERS)
    return response


def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


def _refuse_expected(_request: Request, error: Exception) -> Response:
    if isinstance(error, NotAssignedError):
        return JSONResponse({"error": str(error)}, 404)
    return JSONResponse({"error": "the rating could not be stored; please try again"}, 503)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one.

    Raises:
        InputError: the address cannot be used.
    """
    try:
        found = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # Connections take it over. asyncio does not set it where the socket does not name its protocol, as here; then
        # each answer's body waits 40 ms for word that its head has come.
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot listen on {host}, port {port}: {reason}") from error


def server_of(folder: Path, host: str) -> uvicorn.Server:
    """The server of a study, to `run(sockets=[...])`. On this machine's own address it answers to its names only."""
    application_ = application(folder, _LOCAL if host in _LOCAL else ("*",))
    return uvicorn.Server(uvicorn.Config(application_, log_level="warning", server_header=False))

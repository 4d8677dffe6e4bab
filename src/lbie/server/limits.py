"""Routes whose requests are let in one by one, read within limits, and answered in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from lbie.server.forms import MOST_FIELD_BYTES, MOST_FIELDS, MOST_FILES
from lbie.server.pool import Pool
from lbie.server.problems import ProblemError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def limited_route(pool: Pool, seconds: float) -> type[APIRoute]:
    """A kind of route whose requests take a place in a pool, before any of their body is read."""

    class LimitedRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def limited(request: Request) -> Response:
                arrived = request.method == "GET"
                with pool.admit():
                    try:
                        async with asyncio.timeout(seconds):
                            if not arrived:
                                await _read_form(request)
                                arrived = True
                            return await handle(request)
                    except TimeoutError as error:
                        if arrived:
                            raise ProblemError(504, "time-limit", f"not done within {seconds:g} s") from error
                        raise ProblemError(408, "slow-upload", f"not all of it came within {seconds:g} s") from error

            return limited

    return LimitedRoute


async def _read_form(request: Request) -> None:
    """Read the form, which the request keeps.

    Raises:
        ProblemError: it is none, or the client went before it ended.
        HTTPException: 400 or 413, it is broken or too large.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        raise ProblemError(415, "media-type", f"send {_FORMS[0]}, got '{kind[:60]}'")
    try:
        await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES)
    except ClientDisconnect as error:
        raise ProblemError(499, "gone", "the client has closed the connection") from error

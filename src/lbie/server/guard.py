"""What every request passes first: its host, its origin and the size of its body; and what every answer gets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lbie.server.metrics import Metrics
from lbie.server.problems import ProblemError

_LOG = logging.getLogger("uvicorn.error")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_SLOW = 408
"""Status of an answer whose client is not waited for any longer."""
_LEFT_OVER = 5.0
"""Seconds for which the rest of a refused body is read, so that the client gets to read the answer."""


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], max_body: int, metrics: Metrics) -> None:
        self._app, self._max_body, self._metrics = app, max_body, metrics
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        exchange = _Exchange(scope, receive, send, self._max_body)
        try:
            self._check(scope["method"], Headers(scope=scope))
            await self._app(scope, exchange.receive, exchange.send)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError):  # of what still runs when the time to end is over
                error = ProblemError(503, "busy", "the server is being stopped")
            elif not isinstance(error, ProblemError):
                _LOG.exception("a request failed")
                error = ProblemError(500, "internal", "this should not have happened; the server's log says more")
            if not exchange.status:
                await error.response()(scope, exchange.receive, exchange.send)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.count(scope["method"], route, exchange.status, time.perf_counter() - began)

    def _check(self, method: str, headers: Headers) -> None:
        """Refuse a request for another host or from another site, and one whose length is two things or too large."""
        host = headers.get("host", "").lower()
        if "*" not in self._hosts and _name(host) not in self._hosts:
            raise ProblemError(400, "host", f"'{host[:60]}' is no name of this server: if it should be, --allow-host")
        origin = headers.get("origin")
        if method not in _SAFE and origin is not None and origin.lower().partition("://")[2] != host:
            raise ProblemError(403, "origin", "this server takes requests from its own page and from no other")
        length = headers.get("content-length", "0")
        if "content-length" in headers and "transfer-encoding" in headers:  # a proxy may see its end elsewhere
            raise ProblemError(400, "request", "a request has Content-Length or Transfer-Encoding, not both")
        if length.isdecimal() and int(length) > self._max_body:
            raise ProblemError(413, "too-large", _too_large(self._max_body))


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body: int) -> None:
        headers = Headers(scope=scope)
        self._receive, self._send, self._max_body = receive, send, max_body
        self._more = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._asked = "expect" not in headers  # else the client waits until its body is asked for
        self._read = 0
        self.status = 0
        """Of the answer, as soon as it has begun."""

    async def receive(self) -> Message:
        self._asked = True
        message = await self._next()
        if self._read > self._max_body:
            raise HTTPException(413, _too_large(self._max_body))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._more:
                if self.status != _SLOW:
                    await self._read_rest()
                headers["Connection"] = "close"
        await self._send(message)

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def _read_rest(self) -> None:
        """Read on for a while: a client that still sends would not read the answer."""
        end = self._read + self._max_body
        try:
            async with asyncio.timeout(_LEFT_OVER):
                while self._asked and self._more and self._read < end:
                    await self._next()
        except TimeoutError:
            pass


def _name(host: str) -> str:
    """A host without its port."""
    head, colon, port = host.rpartition(":")
    return head if colon and port.isdecimal() else host


def _too_large(limit: int) -> str:
    return f"at most {limit / 2**20:g} MiB are taken in one request"

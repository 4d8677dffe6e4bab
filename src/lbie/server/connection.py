"""A connection: how many there may be, and how long a client may take over what it sends and what it reads."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from lbie.server.problems import ProblemError

_SLOWEST = 128 * 2**10
"""Bytes a second at which a client reads an answer at least, once its time for a request is over."""
_MOST_UNREAD = 256 * 2**20
"""Bytes of answers that wait for their clients; beyond that, the one that waits longest goes."""
_GOODBYE = 1.0
"""Seconds that a client gets to read that there is no room for it."""
_LATER = {"Retry-After": "10"}


def limited_connection(seconds: float, most: int) -> type[H11Protocol]:
    """A kind of connection of which there are only so many; each is cut where a request's head does not come within so
    many seconds of the connection's start or the answer before, or where an answer is not read.
    """

    class LimitedConnection(H11Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(cast(asyncio.Transport, transport))
            self._cut: asyncio.TimerHandle | None = None
            self._state: tuple[bool, bool] | None = None
            self._unread_since = 0.0
            self._away = len(self.connections) > most
            if not self._away:
                self._watch()
            elif len(self.connections) > 2 * most:
                self.transport.abort()
            else:
                self._end(ProblemError(503, "busy", f"{most} connections are open: try again later", _LATER))

        def connection_lost(self, exc: Exception | None) -> None:
            if self._cut:
                self._cut.cancel()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if not self._away:
                super().data_received(data)
                self._watch()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._unread_since = self.loop.time()
            self._watch()
            waiting = [c for c in self.connections if isinstance(c, LimitedConnection) and c.flow.write_paused]
            if sum(c.transport.get_write_buffer_size() for c in waiting) > _MOST_UNREAD:
                longest = min(waiting, key=lambda c: c._unread_since)
                if longest is not self:
                    longest.transport.abort()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._watch()

        def send_400_response(self, msg: str) -> None:
            if self.cycle is not None:  # its request goes no further
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            try:
                self._end(ProblemError(400, "request", "this is not HTTP/1.1 as it should be"))
            except h11.LocalProtocolError:  # an answer has begun
                self.transport.close()

        def _watch(self) -> None:
            """Set when the connection is cut: never while a request is worked on and its answer is read."""
            if self._away:
                return
            unread, working = self.flow.write_paused, self.cycle is not None and not self.cycle.response_complete
            if self._state == (unread, working):  # a byte now and then gains no time
                return
            self._state = unread, working
            if self._cut:
                self._cut.cancel()
            wait = seconds + (self.transport.get_write_buffer_size() / _SLOWEST if unread else 0)
            self._cut = self.loop.call_later(wait, self.transport.abort) if unread or not working else None

        def _end(self, problem: ProblemError) -> None:
            """Write an answer that is the last, and read no more; closed at once, what is still sent would undo it."""
            answer = problem.response()
            headers = [*answer.raw_headers, (b"connection", b"close")]
            start = h11.Response(status_code=problem.status, headers=headers, reason=HTTPStatus(problem.status).phrase)
            for event in (start, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
            self._away = True
            if self._cut:
                self._cut.cancel()
            self._cut = self.loop.call_later(_GOODBYE, self.transport.abort)
            self.transport.write_eof()

    return LimitedConnection

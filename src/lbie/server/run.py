"""An application, served."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import webbrowser
from socket import socket

import uvicorn

from lbie.server.app import create_app
from lbie.server.connection import limited_connection
from lbie.server.models import Models
from lbie.server.pool import THREADS
from lbie.server.settings import Settings

_KEEP_ALIVE = 15
"""Seconds for which a connection without requests stays open."""
_LAST = 5.0
"""Seconds that work gets to end in which no request waits for any more."""


def make_server(settings: Settings, models: Models | None = None) -> uvicorn.Server:
    """A server, to `run(sockets=[...])`. Takes and raises what `create_app` does."""
    config = uvicorn.Config(
        create_app(settings, models),
        log_level="warning",
        access_log=False,
        server_header=False,
        http=limited_connection(settings.time_limit, settings.connections),
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=settings.drain,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.force_exit:  # which leaves this out, so that the application would be cancelled with a traceback
            await self.lifespan.shutdown()


def serve_until_told(server: uvicorn.Server, listening: socket, page: str | None = None) -> None:
    """Serve until a signal: SIGTERM lets requests end and returns, so does SIGINT, as a `KeyboardInterrupt`; a second
    SIGINT does not wait for them. Where work goes on for all that, the process ends here.

    Args:
        server: the server.
        listening: where it listens.
        page: an address to open in the browser.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it once more when it has ended
    if page:
        threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
    code = 0
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        code = 130
        raise
    finally:
        _leave_work(0 if server.force_exit else _LAST, code)


def _leave_work(seconds: float, code: int) -> None:
    """End the process where threads still work after so long: Python itself would wait for them without end."""
    end = time.monotonic() + seconds
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(THREADS)]
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        sys.stderr.flush()
        os._exit(code)

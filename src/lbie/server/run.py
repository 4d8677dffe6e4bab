"""An application, served."""

from __future__ import annotations

import signal
import threading
import webbrowser
from socket import socket

import uvicorn

from lbie.server.app import create_app
from lbie.server.models import Models
from lbie.server.settings import Settings

_KEEP_ALIVE = 15
"""Seconds for which a connection without requests stays open."""


def make_server(settings: Settings, models: Models | None = None) -> uvicorn.Server:
    """A server, to `run(sockets=[...])`. Takes and raises what `create_app` does."""
    config = uvicorn.Config(
        create_app(settings, models),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=settings.drain,
    )
    return uvicorn.Server(config)


def serve_until_told(server: uvicorn.Server, listening: socket, page: str | None = None) -> None:
    """Serve until a signal: SIGTERM lets requests end and returns, so does SIGINT, as a `KeyboardInterrupt`.

    Args:
        server: the server.
        listening: where it listens.
        page: an address to open in the browser.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it once more when it has ended
    if page:
        threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
    server.run(sockets=[listening])

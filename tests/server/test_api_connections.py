from __future__ import annotations

import socket
import time

import pytest
from api_served import Client, served

from lbie.server import connection
from lbie.server.models import Models

pytest.importorskip("skimage", reason="needs lbie[demo]")
ASK = b"GET /v1/examples/chelsea HTTP/1.1\r\nHost: localhost\r\n\r\n"


def deaf(client: Client) -> socket.socket:
    """A connection with more answers than its buffers hold, which are not read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", client.port))
    made.sendall(ASK * 100)
    return made


def is_cut(made: socket.socket, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            made.sendall(b" ")
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_of_too_many_unread_answers_the_one_that_waits_longest_goes(models: Models, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "_MOST_UNREAD", 2**16)
    with served(models, time_limit=60) as client:
        first = deaf(client)
        assert not is_cut(first, 1)
        second = deaf(client)
        assert is_cut(first, 20)
        assert not is_cut(second, 0.3)
        assert client.get("/healthz").status_code == 200
        first.close()
        second.close()

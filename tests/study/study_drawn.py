"""Studies of pictures drawn by code, and their server."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drawn import COLOURS, flower
from lbie.study.make import Picture, write_study
from lbie.study.store import Store

SYSTEMS = ("ours", "without_attention", "without_language", "truth")


def drawn_study(folder: Path, photos: int, systems: tuple[str, ...] = SYSTEMS) -> Store:
    """A study of flowers drawn by code."""
    names = list(COLOURS)
    pictures = [
        Picture(f"{p}.jpg", system, f"the flower is {names[p % 4]} & <bold>", flower(names[(p + s) % 4], 9 * p + s, 64))
        for p in range(photos)
        for s, system in enumerate(systems)
    ]
    return write_study(folder, pictures, {"split": "drawn"})


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serve a study from a thread; gives the port."""
    from lbie.study.server import listen, server_of

    server = server_of(folder, "127.0.0.1")
    with listen("127.0.0.1", 0) as socket:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield socket.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


Call = Callable[..., tuple[int, dict[str, str], bytes]]


def caller(port: int) -> Call:
    """A function that calls the server: returns status, headers and body."""

    def call(method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
        connection.request(method, path, data, given)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    return call

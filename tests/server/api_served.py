"""A server in a thread, and ways to call it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import requests
from PIL import Image

from lbie.server.models import Models
from lbie.server.run import make_server
from lbie.server.settings import Settings
from lbie.study.server import listen

BLUE = "The flower is blue in color."


class Client:
    """Calls a server."""

    def __init__(self, port: int) -> None:
        self.port, self.root = port, f"http://127.0.0.1:{port}"

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.root + path, timeout=60, **options)

    def post(self, path: str, image: bytes | None = None, **fields: Any) -> requests.Response:
        """Post a form; fields that are bytes are files."""
        headers = fields.pop("headers", None)
        given = fields if image is None else {**fields, "image": image}
        files = [(k, ("x", v)) for k, v in given.items() if isinstance(v, bytes)]
        files += [
            (k, (None, str(item)))
            for k, v in given.items()
            if not isinstance(v, bytes)
            for item in (v if isinstance(v, list) else [v])
        ]
        return requests.post(self.root + path, files=files, headers=headers, timeout=60)

    def upload(self, image: bytes) -> str:
        answer = self.post("/v1/images", image)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def pixels(self, path: str) -> np.ndarray:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return np.asarray(Image.open(io.BytesIO(answer.content)))

    def edit(self, image: bytes | None = None, **fields: Any) -> dict[str, Any]:
        answer = self.post("/v1/edit", image, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def metric(self, name: str) -> float:
        lines = self.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def png(pixels: np.ndarray, **options: Any) -> bytes:
    """The bytes of a PNG file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **options)
    return out.getvalue()


@contextmanager
def served(models: Models, **settings: Any) -> Iterator[Client]:
    """Serve from a thread."""
    server = make_server(Settings(device="cpu", **settings), models)
    with listen("127.0.0.1", 0) as socket:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Client(socket.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def check_problem(answer: requests.Response, status: int, kind: str) -> str:
    """Check that an answer is a problem of a kind; returns its detail."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["type"] == f"urn:lbie:problem:{kind}"
    assert problem["status"] == status
    assert "\n" not in problem["detail"] and "Traceback" not in answer.text and "/src/" not in answer.text
    return problem["detail"]

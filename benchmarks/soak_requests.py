"""The requests of benchmarks/serve_soak.py: good ones, bad ones, and clients that go or stay."""

from __future__ import annotations

import io
import random
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import requests
from PIL import Image

from lbie.samples import sample_path

LIMIT = 30
"""Seconds, of the server."""
LARGE = 1_500_000
"""Bytes of a file that the server does not keep in memory while it comes in."""


class Mix:
    """What is sent. Each method is a kind of request: it returns the status, 0 where the client went before it."""

    def __init__(self, port: int, seed: int = 0) -> None:
        self.port, self.root, self._draw = port, f"http://127.0.0.1:{port}", random.Random(seed)
        self._samples = {name: sample_path(name).read_bytes() for name in ("flower", "chelsea", "coffee", "shapes")}
        self._noise = np.random.default_rng(seed).bytes(LARGE)
        self._ids: list[str] = []
        self.open: list[socket.socket] = []
        """Of clients that stay, and send and read nothing more."""
        self.kinds: dict[str, tuple[Callable[[], int], int, tuple[int, ...]]] = {
            "edit flowers": (self._edit_flowers, 4, (200,)),
            "edit photos": (self._edit_photos, 4, (200,)),
            "edit shapes": (self._edit_shapes, 4, (200,)),
            "next sentence": (self._next_sentence, 4, (200, 404)),
            "segment": (self._segment, 4, (200,)),
            "post image": (self._post_image, 6, (201,)),
            "get image": (self._get_image, 6, (200, 404)),
            "page and health": (self._get_page, 6, (200,)),
            "refused": (self._refused, 8, (400, 403, 404, 405, 413, 415, 422)),
            "gone midway": (self._gone, 6, (0,)),
            "gone while it is worked on": (self._gone_after, 3, (0,)),
            "stays and says nothing": (self._stay, 2, (0,)),
        }
        """Kind to how it is sent, how often, and what it may be answered."""

    def drawn(self) -> str:
        """A kind, as often as it is to come."""
        return self._draw.choices([*self.kinds], [often for _, often, _ in self.kinds.values()])[0]

    def _post(self, path: str, image: bytes | None = None, **fields: str) -> requests.Response:
        files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
        if image is not None:
            files["image"] = ("../../etc/x", image)
        answer = requests.post(f"{self.root}/v1/{path}", files=files, timeout=LIMIT + 30)
        if answer.ok:
            self._ids = [*self._ids[-30:], answer.json()["id"]]
        return answer

    def _edit_flowers(self) -> int:
        return self._post("edit", self._samples["flower"], sentence="The flower is red in color.").status_code

    def _edit_photos(self) -> int:
        return self._post("edit", self._samples["chelsea"], sentence="make the cat orange").status_code

    def _edit_shapes(self) -> int:
        return self._post("edit", self._samples["shapes"], sentence="The circle is red.").status_code

    def _next_sentence(self) -> int:
        sentence = self._draw.choice(("a blue flower", "a yellow flower", "The flower is white in color."))
        return self._post("edit", image_id=self._some_id(), sentence=sentence, model="flowers").status_code

    def _segment(self) -> int:
        return self._post("segment", self._samples["coffee"], phrase="the cup").status_code

    def _post_image(self) -> int:
        """An image that never was, of any size."""
        out, rng = io.BytesIO(), np.random.default_rng(self._draw.randrange(2**31))
        side = self._draw.choice((16, 256, 1024))
        Image.fromarray(rng.integers(0, 256, (side, side, 3), np.uint8)).save(out, "PNG", compress_level=1)
        return self._post("images", out.getvalue()).status_code

    def _some_id(self) -> str:
        return self._draw.choice(self._ids or ["none"])

    def _get_image(self) -> int:
        path = self._draw.choice(
            ("images/{}", "results/{}/image?format=webp", "results/{}/mask", "results/{}/attention")
        )
        return requests.get(f"{self.root}/v1/{path.format(self._some_id())}", timeout=LIMIT + 30).status_code

    def _get_page(self) -> int:
        path = self._draw.choice(("/", "/healthz", "/metrics", "/v1/models", "/v1/examples/chelsea"))
        return requests.get(self.root + path, timeout=LIMIT).status_code

    def _refused(self) -> int:
        flower = self._samples["flower"]
        post = f"{self.root}/v1/images"
        return self._draw.choice(
            [
                lambda: self._post("edit", flower, sentence="xyzzy", model="flowers").status_code,
                lambda: self._post("edit", flower, sentence="red", strength="nan").status_code,
                lambda: self._post("images", self._noise).status_code,
                lambda: self._post("images", b"<svg/>").status_code,
                lambda: self._post("images", _bomb()).status_code,
                lambda: requests.post(post, data="[" * 100_000, timeout=LIMIT).status_code,
                lambda: requests.get(self.root, headers={"Host": "evil.example"}, timeout=LIMIT).status_code,
                lambda: requests.post(post, headers={"Origin": "http://evil.example"}, timeout=LIMIT).status_code,
                lambda: requests.get(f"{self.root}/static/..%2f..%2fetc", timeout=LIMIT).status_code,
                lambda: self._raw(b"\x16\x03\x01rubbish\r\n\r\n"),
                lambda: self._raw(_head("POST", "/v1/images", "Content-Length: 99000000", "Expect: 100-continue")),
                lambda: self._raw(_head("POST", "/v1/images", "Transfer-Encoding: chunked") + b"xyz\r\n"),
            ]
        )()

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT)

    def _raw(self, data: bytes) -> int:
        with self._connected() as connection:
            connection.sendall(data)
            return int(connection.recv(2**16)[9:12])

    def _whole(self) -> bytes:
        form = _part("sentence", b"The flower is red in color.") + _part("image", self._samples["flower"], "x")
        return _posted("/v1/edit", form)

    def _gone(self) -> int:
        """Go at any byte of the request, in every other one while a large file comes."""
        data = self._whole() if self._draw.random() < 0.5 else _posted("/v1/images", _part("image", self._noise, "x"))
        with self._connected() as connection:
            connection.sendall(data[: self._draw.randrange(len(data))])
            time.sleep(self._draw.random() / 4)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", self._draw.randrange(2), 0))
        return 0

    def _gone_after(self) -> int:
        with self._connected() as connection:
            connection.sendall(self._whole())
            time.sleep(self._draw.random() / 2)
        return 0

    def _stay(self) -> int:
        """In a head, in a body, or with answers that are not read."""
        connection = self._connected()
        ask = _head("GET", "/v1/examples/chelsea") * 40
        connection.sendall(self._draw.choice((b"GET / HT", self._whole()[:5000], ask)))
        self.open.append(connection)
        return 0

    def still_open(self) -> int:
        """How many of those that stay the server has not cut; closes all."""
        left = 0
        for connection in self.open:
            connection.settimeout(1.0)
            try:
                while connection.recv(2**20):
                    pass
            except TimeoutError:
                left += 1
            except OSError:
                pass
            connection.close()
        return left


def _head(method: str, path: str, *headers: str) -> bytes:
    kind = "Content-Type: multipart/form-data; boundary=b"
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", kind, *headers, "", ""]).encode()


def _part(name: str, data: bytes, file: str = "") -> bytes:
    said = f'form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
    return f"--b\r\nContent-Disposition: {said}\r\n\r\n".encode() + data + b"\r\n"


def _posted(path: str, form: bytes) -> bytes:
    body = form + b"--b--\r\n"
    return _head("POST", path, f"Content-Length: {len(body)}") + body


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (8, 8)).save(out, "GIF")
    return out.getvalue()[:6] + struct.pack("<HH", 60_000, 60_000) + out.getvalue()[10:]

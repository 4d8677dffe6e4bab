"""`lbie serve` as a process, seen from outside: what it answers to bytes, what it opens, what it holds."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LIMIT = 4
"""Seconds, for heads, requests and answers."""
LIMITS = (
    *("--time-limit", str(LIMIT), "--max-megabytes", "2", "--max-megapixels", "1"),
    *("--workers", "1", "--store-megabytes", "16"),
)
LOADED = 60.0
"""Seconds more, for a machine that does other things."""
WATCH = """
import os, sys
_OUT = os.open(os.environ["LBIE_WATCHED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.link", "os.symlink", "os.listdir", "os.scandir",
           "subprocess.Popen", "os.system", "os.exec", "os.fork", "socket.connect", "socket.getaddrinfo")
def _told(event, arguments):
    if event in _EVENTS:
        os.write(_OUT, f"{event} {arguments[:2]!r}\\n".encode("utf-8", "backslashreplace"))
sys.addaudithook(_told)
"""
"""A `sitecustomize` that writes down what a process opens, starts and connects to."""


class Attacked:
    """A server to attack."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder, self.log = process, folder, []
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        assert found, line + process.stderr.read()
        self.port = int(found[1])
        threading.Thread(target=self._read, args=(process.stderr,), daemon=True).start()

    def _read(self, stderr: Any) -> None:
        self.log.extend(stderr)

    def connect(self, seconds: float = LOADED) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def send(self, data: bytes, seconds: float = LOADED) -> bytes:
        """Everything that is answered to bytes, until the server closes the connection."""
        with self.connect(seconds) as connection:
            with suppress(OSError):  # it is closed before all is sent: what was answered may still be read
                connection.sendall(data)
            return read_all(connection)

    def get(self, path: str, headers: str = "Host: localhost\r\n") -> bytes:
        return self.send(f"GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n".encode())

    def post(self, path: str, body: bytes, kind: str = "multipart/form-data; boundary=b", headers: str = "") -> bytes:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n{headers}"
        return self.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def metric(self, name: str) -> float:
        lines = content(self.get("/metrics")).decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    @property
    def mebibytes(self) -> float:
        """Resident memory."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE") / 2**20

    @property
    def files(self) -> list[str]:
        """What it has open."""
        found = []
        for fd in self._entries("fd"):
            with suppress(FileNotFoundError):
                found.append(os.readlink(f"/proc/{self.process.pid}/fd/{fd}"))
        return sorted(found)

    @property
    def threads(self) -> int:
        return len(self._entries("task"))

    def _entries(self, kind: str) -> list[str]:
        return [name for name in os.listdir(f"/proc/{self.process.pid}/{kind}") if name.isdecimal()]

    def done(self) -> list[str]:
        """What it opened, started and connected to so far, a line each."""
        return (self.folder / "watched").read_text("utf-8").splitlines()


@contextmanager
def attacked(folder: Path, *words: str) -> Iterator[Attacked]:
    """Run Python with these words, in an empty folder of its own."""
    for name in ("work", "temporary", "home", "watch"):
        (folder / name).mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH)
    paths = os.pathsep.join([str(folder / "watch"), *(os.path.abspath(place) for place in sys.path)])
    environment = os.environ | {"PYTHONPATH": paths, "LBIE_WATCHED": str(folder / "watched")}
    environment |= {"TMPDIR": str(folder / "temporary"), "HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    environment |= {
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "131072",
    }  # what is freed is given back
    with subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.PIPE, text=True, cwd=folder / "work", env=environment
    ) as process:
        try:
            yield Attacked(process, folder)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(2**16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LOADED
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def status(answer: bytes) -> int:
    """The status of the first answer; 0 where there is none."""
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def statuses(answers: bytes) -> list[int]:
    """Those of all answers on a connection."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def content(answer: bytes) -> bytes:
    """The body of the first answer."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\ncontent-length: (\d+)", head.lower())
    return rest[: int(length[1])] if length else rest


def problem(answer: bytes) -> str:
    """The kind of problem that an answer is, which says nothing of the inside."""
    assert b"content-type: application/problem+json" in answer.partition(b"\r\n\r\n")[0].lower(), answer[:300]
    told = json.loads(content(answer))
    assert set(told) == {"type", "title", "status", "detail"} and told["status"] == status(answer)
    assert not re.search(r"Traceback|\n|/src/|site-packages|\.py\b|Error\b|Exception|0x[0-9a-f]{6}", told["detail"]), (
        told
    )
    return told["type"].removeprefix("urn:lbie:problem:")


def part(name: str, data: bytes, file: str | None = None) -> bytes:
    """A part of a form whose boundary is `b`."""
    said = f'form-data; name="{name}"' + ("" if file is None else f'; filename="{file}"')
    return f"--b\r\nContent-Disposition: {said}\r\n\r\n".encode("utf-8", "surrogateescape") + data + b"\r\n"


END = b"--b--\r\n"

"""What a server is told at start."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine to which a server always answers."""
MEBIBYTE = 2**20


def default_workers() -> int:
    """One, or two where there is more than one processor."""
    return min(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Settings:
    """Limits and places."""

    hosts: tuple[str, ...] = ()
    """Further names (`example.org`, without a port) that a request may call the server by; `*` for any."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""
    runtime: str = "auto"
    """auto, onnx or torch."""
    workers: int = field(default_factory=default_workers)
    """Edits at once."""
    queue: int = 16
    """Requests that wait for a worker; more are told to come back later."""
    time_limit: float = 60.0
    """Seconds that a request's head may take to arrive, and seconds from then to its answer."""
    max_upload: int = 32 * MEBIBYTE
    """Bytes of a request's body."""
    max_pixels: int = 52_000_000
    """Pixels of an image as its file declares them."""
    store_bytes: int = 1024 * MEBIBYTE
    """Of pictures, results and encodings together; those longest unused go first."""
    store_count: int = 500
    """Pictures and results."""
    time_to_live: float = 1800.0
    """Seconds after its last use for which a picture is kept."""
    connections: int = 200
    """Open ones; more are turned away."""
    drain: int = 30
    """Seconds that requests get to end in when the server is told to stop."""

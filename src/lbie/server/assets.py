"""The files of the page, read once at start; a request names one of them or nothing."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TEXT = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """A file of the page."""

    data: bytes
    media_type: str


def load_assets() -> dict[str, Asset]:
    """All of them, by their path below the folder, with `/` between its parts."""
    found = {}
    for path in sorted(_FOLDER.rglob("*")):
        if path.is_file():
            kind = _TEXT.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            found[path.relative_to(_FOLDER).as_posix()] = Asset(path.read_bytes(), kind)
    return found

"""What a client wants an answer as."""

from __future__ import annotations

from lbie.server.files import MEDIA_TYPES, Format

_FORMATS: dict[str, Format] = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/*": "png"}
assert {*MEDIA_TYPES.values(), "image/*"} == {*_FORMATS}


def wanted_format(accept: str) -> Format | None:
    """The format of image that an Accept header asks for first; None where it rather asks for JSON, or does not say."""
    best: tuple[float, Format | None] = (0.0, None)
    for item in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        if kind in _FORMATS or kind in ("application/json", "application/*", "*/*"):
            share = next((_number(p.removeprefix("q=")) for p in parameters if p.startswith("q=")), 1.0)
            best = max(best, (share, _FORMATS.get(kind)), key=lambda found: found[0])
    return best[1]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

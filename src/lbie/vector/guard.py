"""What a drawing must not hold: anything that runs, or that is fetched from elsewhere."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import tinycss2

from lbie.errors import InputError
from lbie.image_io import decode_image

MAX_PICTURE = 25_000_000
"""Limit on the pixels of a picture inside a drawing."""
MAX_PICTURES = 50_000_000
"""Limit on those of all pictures together."""
_FORBIDDEN = frozenset(
    {"script", "handler", "listener", "foreignobject", "iframe", "object", "embed", "audio", "video", "canvas", "link"}
)
_REFERENCES = frozenset({"href", "src", "srcset", "data", "poster", "base", "action", "formaction"})
_FETCHING = frozenset({"url", "src", "image", "image-set", "-webkit-image-set", "cross-fade", "element"})
_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp)(?:;[\w=-]+)*;base64,", re.IGNORECASE)
_SUSPECT = re.compile(r"[\\@]|url|src|image|cross-fade|element", re.IGNORECASE)  # what a value with a reference has

_PLAIN = re.compile(r"\{|aria-|data-|(?:id|class|d|points|transform|font-family|lang|role)$")  # attributes without CSS


def check_content(root: Any, name: str) -> None:
    """Refuse a drawing that is more than a drawing.

    Raises:
        InputError: it has a script, an event, HTML, or a reference to anything but a part of itself and raster
            pictures that it holds; the message says what and in which line.
    """
    pixels = 0
    for node in (*root.itersiblings(preceding=True), *root.iter()):
        where = f"{name}, line {node.sourceline}"
        if not isinstance(node.tag, str):
            if getattr(node, "target", "") == "xml-stylesheet":
                raise InputError(
                    f"{where}: a style sheet from elsewhere (<?xml-stylesheet …?>): put its rules into 'style'"
                )
            continue
        tag = node.tag.rpartition("}")[2]
        if tag.lower() in _FORBIDDEN:
            raise InputError(f"{where}: '{tag}' is not allowed in a drawing: take it out")
        if tag.lower() == "style" and (text := "".join(node.itertext())):
            _check_css(text, where, "a style sheet")
        for key, value in node.attrib.items():
            attribute = key.rpartition("}")[2]
            if attribute.lower().startswith("on"):
                raise InputError(f"{where}: the event '{attribute}' runs a script: take it out")
            if attribute == "attributeName" and re.search(r"href|^\s*on", value, re.IGNORECASE):
                raise InputError(f"{where}: an animation of '{value[:40]}' is not allowed: take it out")
            if attribute.lower() in _REFERENCES:
                pixels += _check_reference(value, where, attribute, tag in ("image", "feImage"))
            elif _SUSPECT.search(value) and (key == "style" or ("(" in value and not _PLAIN.match(key))):
                _check_css(value, where, key)
        if pixels > MAX_PICTURES:
            raise InputError(f"{where}: the pictures in the drawing have more than {MAX_PICTURES / 1e6:g} megapixels")


def _check_reference(value: str, where: str, attribute: str, picture: bool) -> int:
    """Pixels of the picture that a reference holds; 0 of one to a part of the drawing."""
    value = value.strip()
    if value.startswith("#") or not value:
        return 0
    if not (picture and _DATA.match(value)):
        allowed = "only '#id' of the drawing itself, and PNG, JPEG, GIF or WebP as data: in 'image'"
        raise InputError(f"{where}: {attribute}='{_short(value)}' leads out of the drawing: {allowed}")
    try:
        data = base64.b64decode("".join(value.partition(",")[2].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"{where}: the picture in {attribute} is not base64: {error}") from error
    height, width = decode_image(data, f"{where}: the picture in {attribute}", MAX_PICTURE).rgb.shape[:2]
    return height * width


def _check_css(text: str, where: str, what: str) -> None:
    """Refuse CSS that fetches anything."""
    for token in _walk(tinycss2.parse_component_value_list(text, skip_comments=True)):
        if token.type == "at-keyword" and token.lower_value == "import":
            raise InputError(f"{where}: {what} imports another (@import): put its rules into 'style'")
        if token.type == "error":
            raise InputError(f"{where}: {what} is broken CSS: {token.message}")
        if token.type == "url":
            links = [token.value]
        elif token.type == "function" and token.lower_name in _FETCHING:
            links = [t.value for t in _walk(token.arguments) if t.type in ("string", "url")]
        else:
            continue
        for link in links:
            if not link.strip().startswith("#"):
                raise InputError(
                    f"{where}: {what} refers to '{_short(link)}', which is not '#id' of the drawing itself"
                )


def _walk(tokens: list[Any]) -> Iterator[Any]:
    """All tokens, those in brackets, too."""
    stack = list(reversed(tokens))
    while stack:
        token = stack.pop()
        yield token
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if isinstance(inner, list):
            stack.extend(reversed(inner))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"

"""Fills written into the bytes of a drawing; all else stays as it is, byte for byte."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import tinycss2

_NAME = r"[^\s=/>\"'<]+"
_ATTRIBUTE = re.compile(rf"(\s+)({_NAME})(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_START = re.compile(rf"<{_NAME}((?:\s+{_NAME}\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*/?>")


@dataclass(frozen=True)
class Fill:
    """A fill to write."""

    value: str
    """Such as `#ff0000`, or `inherit`."""
    in_style: bool
    """Whether it must stand in `style`, being weaker elsewhere."""
    important: bool = False
    """Whether it must be `!important`."""


def write_fills(data: bytes, fills: Mapping[int, Fill]) -> bytes:
    """Change the fills of elements.

    Args:
        data: a well-formed XML file without a DTD.
        fills: number of the element, in the order of their start tags, to its fill.
    """
    starts, encoding = _find_starts(data)
    pieces, done = [], 0
    for number in sorted(fills):
        start = starts[number]
        stop = starts[number + 1] if number + 1 < len(starts) else len(data)
        text = data[start:stop].decode(encoding)
        match = _START.match(text)
        if match is None:  # cannot be in a file that expat has read
            raise ValueError(f"no start tag at byte {start}")
        tag = match[0]
        pieces += [data[done:start], _change(tag, match.end(1), fills[number]).encode(encoding)]
        done = start + len(tag.encode(encoding))
    return b"".join([*pieces, data[done:]])


def _find_starts(data: bytes) -> tuple[list[int], str]:
    """Where each start tag begins, and the encoding."""
    parser = expat.ParserCreate()
    starts: list[int] = []
    declared: list[str] = []

    def start(*_: Any) -> None:
        starts.append(parser.CurrentByteIndex)

    def declaration(version: str, encoding: str | None, standalone: int) -> None:
        declared.append(encoding or "utf-8")

    parser.StartElementHandler, parser.XmlDeclHandler = start, declaration
    parser.Parse(data, True)
    if data.startswith(codecs.BOM_UTF16_LE) or data.startswith(b"<\x00"):
        return starts, "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE) or data.startswith(b"\x00<"):
        return starts, "utf-16-be"
    return starts, declared[0] if declared else "utf-8"


def _change(tag: str, end: int, fill: Fill) -> str:
    """A start tag with another fill; `end` is where its attributes end."""
    found = {m[2]: m for m in _ATTRIBUTE.finditer(tag, 0, end)}
    style = found.get("style")
    if style is not None:
        quote, text = style[4][0], style[4][1:-1]
        changed = _change_style(text, fill)
        if changed is None and fill.in_style:
            bare = text.rstrip()
            joint = "" if not bare else "" if bare.endswith(";") else ";"
            changed = f"{text}{joint}fill:{fill.value}{_mark(fill.important)}"
        if changed is not None:
            return f"{tag[: style.start(4)]}{quote}{changed}{quote}{tag[style.end(4) :]}"
    if fill.in_style:
        return f'{tag[:end]} style="fill:{fill.value}{_mark(fill.important)}"{tag[end:]}'
    if (attribute := found.get("fill")) is not None:
        quote = attribute[4][0]
        return f"{tag[: attribute.start(4)]}{quote}{fill.value}{quote}{tag[attribute.end(4) :]}"
    return f'{tag[:end]} fill="{fill.value}"{tag[end:]}'


def _mark(important: bool) -> str:
    return " !important" if important else ""


def _change_style(text: str, fill: Fill) -> str | None:
    """The text of `style` with every fill in it changed, or None where there is none.

    The text is as the file has it, so that `&#59;` and the like are read as letters: it is split where `;` stands
    outside of brackets and strings, references to characters left whole.
    """
    pieces = _split(text)
    changed = False
    for i, piece in enumerate(pieces):
        match = re.match(
            r"(\s*(?:/\*.*?\*/\s*)*fill(?:\s|/\*.*?\*/)*:\s*)(.*?)(\s*)$", piece, re.DOTALL | re.IGNORECASE
        )
        if match is None:
            continue
        important = fill.important or re.search(r"!\s*important\s*$", match[2], re.IGNORECASE) is not None
        pieces[i] = f"{match[1]}{fill.value}{_mark(important)}{match[3]}"
        changed = True
    return ";".join(pieces) if changed else None


def _split(text: str) -> list[str]:
    """Declarations of a style, at the `;` between them."""
    plain = re.sub(r"&[^;\s]*;", lambda m: "x" * len(m[0]), text)  # same length
    if re.search(r"[\r\f\n]", plain):
        plain = re.sub(r"\s", " ", plain)
    tokens = tinycss2.parse_component_value_list(plain)
    cuts = [t.source_column - 1 for t in tokens if t.type == "literal" and t.value == ";"]
    return [text[a:b] for a, b in zip([0, *(c + 1 for c in cuts)], [*cuts, len(text)], strict=True)]

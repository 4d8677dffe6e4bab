"""XMP: what says in an image file that it was edited, beside what the source's own packet says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any
from xml.dom import minidom
from xml.parsers import expat

MAX_BYTES = 2**20
"""A source's packet over this size is not read; those of cameras and editors have a few thousand bytes."""
MAX_DEPTH = 64
"""The same for its nesting."""
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMP = "http://ns.adobe.com/xap/1.0/"
HISTORY = "http://ns.adobe.com/xap/1.0/mm/"
EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
KINDS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""IPTC's vocabulary of where the pixels of an image come from."""
EDITED = f"{KINDS}compositeWithTrainedAlgorithmicMedia"
"""An image that was there before, changed with a trained model."""
GENERATED = f"{KINDS}trainedAlgorithmicMedia"
"""All of the image is a model's answer, as a mask is."""

_OURS = {(IPTC, name) for name in ("DigitalSourceType", "AISystemUsed", "AISystemVersionUsed", "AIPromptInformation")}
"""Of these the last edit's value holds."""
_STALE = {
    ("http://ns.adobe.com/tiff/1.0/", "Orientation"),  # the pixels are upright now
    (XMP, "Thumbnails"),  # shows the image as it was
    (HISTORY, "InstanceID"),  # names the file that it was
    ("http://ns.adobe.com/xmp/note/", "HasExtendedXMP"),  # the extension is not read
    ("http://purl.org/dc/terms/", "provenance"),  # leads to a C2PA manifest, signed for other pixels
}
"""Properties that are not true of the edited file."""
_STALE_NAMESPACES = {"http://ns.google.com/photos/1.0/container/", "http://ns.adobe.com/hdr-gain-map/1.0/"}
"""Describe pictures that lie behind the first in the source's file; they are not written."""
_NAMES = f'xmlns:rdf="{RDF}" xmlns:xmp="{XMP}" xmlns:xmpMM="{HISTORY}" xmlns:stEvt="{EVENT}" xmlns:Iptc4xmpExt="{IPTC}"'
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"/></x:xmpmeta>'


class Packet:
    """An XMP packet, without what is not true of an image that is written anew."""

    def __init__(self, data: bytes | None = None) -> None:
        """Read a source's packet, or start an empty one.

        Raises:
            ValueError: too large, too deep, with a document type, or no XMP.
        """
        self._document = _parse(_EMPTY.encode() if data is None else data.strip(b"\0 \t\r\n"))
        found = self._document.getElementsByTagNameNS(RDF, "RDF")
        if not found:
            raise ValueError("no rdf:RDF")
        self._rdf: Any = found[0]
        self._drop(lambda key: key in _STALE or key[0] in _STALE_NAMESPACES)

    def add_edit(self, record: Mapping[str, Any], *, of_image: bool) -> None:
        """Say that this was made by `lbie`.

        Args:
            record: sentence, model, model_version, version, seed and what else there is of the edit.
            of_image: an image was edited; else all of it is the model's answer.
        """
        before = re.split("[/:]", self._value(IPTC, "DigitalSourceType"))[-1]
        kind = EDITED if of_image and before != GENERATED.removeprefix(KINDS) else GENERATED
        tool = f"lbie {record.get('version', '')}".strip()
        model = f"{tool}, model {record.get('model', '')}"
        event = (
            f'<rdf:li {_NAMES} rdf:parseType="Resource">{_element("stEvt:action", "edited")}'
            f"{_element('stEvt:softwareAgent', tool)}{_element('stEvt:parameters', json.dumps(dict(record)))}</rdf:li>"
        )
        history = next((node for _, node in self._elements() if _key(node) == (HISTORY, "History")), None)
        sequence = history and next(iter(history.getElementsByTagNameNS(RDF, "Seq")), None)
        if sequence:
            sequence.appendChild(self._parsed(event))
        self._drop(lambda key: key in _OURS or (not sequence and key == (HISTORY, "History")))
        parts = [
            _element("Iptc4xmpExt:DigitalSourceType", kind),
            _element("Iptc4xmpExt:AISystemUsed", model),
            _element("Iptc4xmpExt:AISystemVersionUsed", record.get("model_version", "")),
            _element("Iptc4xmpExt:AIPromptInformation", record.get("sentence", "")),
        ]
        if not self._value(XMP, "CreatorTool"):
            parts.append(_element("xmp:CreatorTool", tool))
        if not sequence:
            parts.append(f"<xmpMM:History><rdf:Seq>{event}</rdf:Seq></xmpMM:History>")
        own = self._parsed(f"<rdf:Description {_NAMES}>{''.join(parts)}</rdf:Description>")
        about = next((d.getAttributeNS(RDF, "about") for d in self._descriptions()), "")
        own.setAttributeNS(RDF, "rdf:about", about)
        self._rdf.appendChild(own)

    def encode(self) -> bytes:
        """The packet as it lies in a file."""
        text = "".join(n.toxml() for n in self._document.childNodes if n.nodeType == n.ELEMENT_NODE)
        packet = f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{text}<?xpacket end="w"?>'
        return packet.encode()

    def _parsed(self, text: str) -> Any:
        """An element of this document."""
        return self._document.importNode(minidom.parseString(text.encode()).documentElement, True)

    def _descriptions(self) -> Iterator[Any]:
        for node in self._rdf.childNodes:
            if node.nodeType == node.ELEMENT_NODE and _key(node) == (RDF, "Description"):
                yield node

    def _elements(self) -> Iterator[tuple[Any, Any]]:
        """Descriptions and the properties that are written in them as elements."""
        for description in self._descriptions():
            for node in list(description.childNodes):
                if node.nodeType == node.ELEMENT_NODE:
                    yield description, node

    def _attributes(self) -> Iterator[tuple[Any, Any]]:
        """The same of those written as attributes."""
        for description in self._descriptions():
            for node in list(description.attributes.values()):
                yield description, node

    def _drop(self, unwanted: Callable[[tuple[str | None, str]], bool]) -> None:
        for description, node in self._elements():
            if unwanted(_key(node)):
                description.removeChild(node)
        for description, node in self._attributes():
            if unwanted(_key(node)):
                description.removeAttributeNode(node)

    def _value(self, namespace: str, name: str) -> str:
        """That of a simple property; empty where it is not there."""
        for _, node in self._attributes():
            if _key(node) == (namespace, name):
                return str(node.value)
        for _, node in self._elements():
            if _key(node) == (namespace, name):
                text = "".join(child.data for child in node.childNodes if child.nodeType == child.TEXT_NODE)
                return text.strip() or str(node.getAttributeNS(RDF, "resource"))
        return ""


def _key(node: Any) -> tuple[str | None, str]:
    return node.namespaceURI, node.localName


def _element(name: str, value: Any) -> str:
    return f"<{name}>{escape(_NO_XML.sub('?', str(value)), quote=False)}</{name}>"


def _parse(data: bytes) -> Any:
    """The document, looked through first: nothing is expanded and nothing nests deeply."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data):,} bytes")
    depth = 0

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    first = expat.ParserCreate()
    first.StartDoctypeDeclHandler, first.StartElementHandler, first.EndElementHandler = refuse, enter, leave
    try:
        first.Parse(data, True)
        return minidom.parseString(data)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(str(error)) from error

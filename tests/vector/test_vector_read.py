"""Drawings that are refused, and why."""

from __future__ import annotations

import base64
import gzip
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

pytest.importorskip("resvg_py")

from lbie import InputError
from lbie.vector import read_svg, recolour
from lbie.vector.path_data import path_is_closed, points_are_closed
from lbie.vector.read import MAX_BYTES
from lbie.vector.recolour import rasterise
from lbie.vector.units import to_pixels

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">{}</svg>'


def png(width: int = 2, height: int = 2) -> str:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "' + f"&{a};" * 10 + '">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
    + SVG.format("<title>&i;</title>")
)
USES = "".join(f'<g id="l{i + 1}">' + f'<use href="#l{i}"/>' * 10 + "</g>" for i in range(8))
HOSTILE = {
    "billion laughs": (LAUGHS, "line 1: declares a document type of its own"),
    "XXE": ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("&x;"), "declares a document type"),
    "an empty DTD of its own": ("<!DOCTYPE svg []>" + SVG.format(""), "declares a document type of its own"),
    "an entity of a DTD elsewhere": (DOCTYPE + SVG.format("<title>&nbsp;</title>"), "the entity '&nbsp;'"),
    "an entity in an attribute": (DOCTYPE + SVG.format('<rect fill="&red;"/>'), "the entity '&red;'"),
    "an external image": (
        SVG.format('\n<image href="http://a.example/b.png"/>'),
        "line 2: href='http://a.example/b.png'",
    ),
    "a file": (SVG.format('<image xlink:href="/etc/passwd"/>'), "leads out of the drawing"),
    "a relative file": (SVG.format('<use href="other.svg#a"/>'), "leads out of the drawing"),
    "an svg in an image": (SVG.format('<image href="data:image/svg+xml;base64,AAAA"/>'), "leads out"),
    "a picture that is none": (SVG.format('<image href="data:image/png;base64,AAAA"/>'), "not an image"),
    "a picture not in base64": (SVG.format('<image href="data:image/png;base64,A!"/>'), "not base64"),
    "a picture of many pixels": (SVG.format(f'<image href="{png(6000, 6000)}"/>'), "megapixels"),
    "a picture as a link": (SVG.format(f'<a href="{png()}"/>'), "leads out"),
    "a link": (SVG.format('<a href="https://a.example"><rect/></a>'), "leads out"),
    "a base": (SVG.format('<g xml:base="http://a.example/"/>'), "base='http://a.example/'"),
    "a url in an attribute": (SVG.format('<rect fill="url(http://a/b#c)"/>'), "fill refers to 'http://a/b#c'"),
    "a url in style": (SVG.format("<rect style=\"fill:url('a.svg#b')\"/>"), "style refers to 'a.svg#b'"),
    "an escaped url": (SVG.format('<rect style="fill:\\75 rl(//a/b)"/>'), "style refers to '//a/b'"),
    "a url in rules": (
        SVG.format("<style>@font-face{src:url(data:font/woff;base64,AA)}</style>"),
        "a style sheet refers",
    ),
    "an import": (SVG.format("<style><![CDATA[ @IMPORT 'a.css'; ]]></style>"), "imports another"),
    "an escaped import": (SVG.format("<style>@\\69mport 'a.css';</style>"), "imports another"),
    "an import by url": (SVG.format("<style>@import url(http://a/b.css);</style>"), "imports another"),
    "a style sheet": ('<?xml-stylesheet href="a.css"?>' + SVG.format(""), "xml-stylesheet"),
    "a script": (SVG.format("<script>alert(1)</script>"), "'script' is not allowed"),
    "a script of HTML": (SVG.format('<script xmlns="http://www.w3.org/1999/xhtml"/>'), "'script' is not allowed"),
    "a script by link": (SVG.format('<a xlink:href="javascript:alert(1)"/>'), "leads out"),
    "onload": (SVG.replace("<svg ", '<svg onload="alert(1)" ').format(""), "the event 'onload'"),
    "an event, animated": (
        SVG.format('<rect><set attributeName="onclick" to="a()"/></rect>'),
        "animation of 'onclick'",
    ),
    "a link, animated": (
        SVG.format('<a><animate attributeName="xlink:href" to="x"/></a>'),
        "animation of 'xlink:href'",
    ),
    "HTML": (SVG.format("<foreignObject/>"), "'foreignObject' is not allowed"),
    "not SVG": ("<html><body/></html>", "outermost element is 'html'"),
    "no namespace": ('<svg width="9" height="9"/>', 'lacks xmlns="http://www.w3.org/2000/svg"'),
    "broken": (SVG.format("<g>"), "not well-formed XML: line 1"),
    "an unknown entity": (SVG.format("&nbsp;"), "not well-formed XML"),
    "an encoding": ("<?xml version='1.0' encoding='shift_jis'?>" + SVG.format(""), "save it as UTF-8"),
    "no size": ('<svg xmlns="http://www.w3.org/2000/svg"/>', "has no size"),
    "a width that is none": (SVG.replace('width="9"', 'width="wide"').format(""), "width='wide' is no length"),
    "nothing to see": (SVG.replace('width="9"', 'width="0"').format(""), "leaves nothing to see"),
    "a view box of three": (SVG.replace("width", 'viewBox="0 0 9" width').format(""), "is not four numbers"),
    "a thread": (SVG.replace('width="9"', 'width="9e4"').format(""), "more than 100 times"),
    "too deep": (SVG.format("<g>" * 200 + "</g>" * 200), "deep in each other"),
    "too many": (SVG.format("<g/>" * 50_001), "50,000 elements"),
    "too long": (SVG.format(" " * MAX_BYTES), "more than the limit of 16,777,216 bytes"),
    "copies of copies": (SVG.format(f'<g id="l0"><rect/></g>{USES}'), "draws more than the limit"),
    "a copy of itself": (SVG.format('<g id="a"><use href="#a"/></g>'), "refers to itself"),
    "a pattern in itself": (
        SVG.format('<style>.a{fill:url( "#p" )}</style><pattern id="p"><rect class="a"/></pattern>'),
        "refers to itself",
    ),
    "a long chain": (
        SVG.format("".join(f'<use id="u{i}" href="#u{i + 1}"/>' for i in range(900)) + '<rect id="u900"/>'),
        "more than 200 deep",
    ),
    "many rules": (SVG.format(f"<style>{'*{fill:red}' * 3000}</style>{'<g/>' * 2000}"), "too many to follow"),
    "empty": ("", "is empty"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_refused(case: str) -> None:
    text, says = HOSTILE[case]
    with pytest.raises(InputError) as caught:
        read_svg(text.encode(), "'a.svg'")
    assert says in str(caught.value) and str(caught.value).startswith("'a.svg'") and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (gzip.compress(bytes(300 * 2**20), 9, mtime=0), "unpacks to more than the limit"),
        (gzip.compress(SVG.format("").encode(), mtime=0)[:-9], "truncated"),
        (gzip.compress(SVG.format("").encode(), mtime=0) + b"more", "something after its end"),
        (b"\x1f\x8bjunk", "damaged"),
    ],
)
def test_gzip_refused(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_svg(data)


def test_files_refused(tmp_path) -> None:
    for path, says in (
        (tmp_path, "not a regular file"),
        (tmp_path / "none.svg", "no such file"),
        ("/dev/zero", "not a"),
    ):
        with pytest.raises(InputError, match=says):
            read_svg(path)


def test_gzip_is_read() -> None:
    data = SVG.format("<rect width='3' height='3'/>").encode()
    assert read_svg(gzip.compress(data, mtime=0)).data == data


ALLOWED = {
    "a picture": f'<image href="{png()}" width="9" height="9"/>',
    "parts of itself": (
        '<clipPath id="c"><rect width="3"/></clipPath><rect clip-path="url(#c)" style="mask: url( \'#m\' )"/>'
    ),
    "other vocabularies": (
        '<metadata xmlns:r="urn:r"><r:a r:resource="http://a.example" r:label="it\'s (url"/></metadata>'
    ),
    "text that looks like CSS": "<text>@import url(http://a)</text><title>&lt;script></title>",
    "a comment": "<!-- <script/> &x; -->",
}


@pytest.mark.parametrize("case", ALLOWED)
def test_allowed(case: str) -> None:
    assert rasterise(read_svg(SVG.format(ALLOWED[case]).encode())).shape == (768, 768, 4)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="10mm" height="1in"', (37.795, 96)),
        ('viewBox="0 0 20 10"', (20, 10)),
        ('viewBox="0 0 20 10" width="100%" height="auto"', (20, 10)),
        ('viewBox="0,0 20,10" width="40"', (40, 20)),
        ('viewBox="0 0 20 10" height="40"', (80, 40)),
    ],
)
def test_sizes(attributes: str, size: tuple[float, float]) -> None:
    svg = read_svg(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode())
    assert svg.size == pytest.approx(size, rel=1e-4)


def test_units() -> None:
    assert [to_pixels(t) for t in ("1in", "2.54cm", "72pt", "6PC", " 96 ", "9.6e1px")] == pytest.approx([96] * 6)
    assert [to_pixels(t) for t in ("", "x", "1furlong", "1e99", "--1", "1 2", "nan")] == [None] * 7


@pytest.mark.parametrize(
    ("data", "closed"),
    [
        ("M0 0H9V9z", True),
        ("M0 0H9V9L0 0", True),
        ("m0,0 9,0 0,9-9-9", True),
        ("M0 0H9V9", False),
        ("M0 0A5 5 0 0110 0A5 5 0 010 0", True),
        ("M0 0a5 5 0 01.5.5a5 5 0 11-.5-.5", True),
        ("M0 0H9V9zM20 20h5", False),
        ("M0 0H9V9zm20 20h5v5z", True),
        ("M0 0H9V9z l5 5 5 0z", True),
        ("M0 0C1 1 2 2 1e1 0Q5-5 0 0", True),
        ("", False),
        ("M0 0L5 5", False),
    ],
)
def test_closed_paths(data: str, closed: bool) -> None:
    assert path_is_closed(data) == closed


@given(st.text("MmLlHhVvCcSsQqTtAaZz0123456789.-+eE, x", max_size=60))
def test_any_path(data: str) -> None:
    assert path_is_closed(data) in (True, False) and points_are_closed(data) in (True, False)


MARKUP = """< > /> <g> </g> <rect~ width="3"~ fill='url(#a)'~ style="fill: " &amp; &#0; ]]> <use~href='#a'/> <style>
*{fill:red} </style> <!-- --> <?x ?> <![CDATA[ <path~d='M0~0h9v9z'~id='a'/> <svg~ viewBox='0~0~9~9'> <text>a</text> \0
\ufffe transform='scale(1e38)'~ <use~id="b"~href="#a"/> opacity=".3"~ stroke="red"~ class="a"~"""
PIECES = st.sampled_from(MARKUP.split()).map(lambda piece: piece.replace("~", " "))
INNER = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


def read_or_refuse(data: bytes) -> None:
    try:
        svg = read_svg(data)
        result = recolour(svg, lambda rgb: np.full_like(rgb, 7))
    except InputError as error:
        assert re.search(r"\w", str(error))
    else:
        read_svg(result.data)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda b: b"\x1f\x8b\x08" + b))
def test_junk(data: bytes) -> None:
    read_or_refuse(data)


@settings(max_examples=80, deadline=None)
@given(INNER)
def test_broken_drawings(inner: str) -> None:
    read_or_refuse(SVG.format(inner.replace("{", "").replace("}", "")).encode("utf-8", "replace"))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_drawings_with_bytes_changed(data: st.DataObject) -> None:
    from vector.drawn_svg import draw

    text = bytearray(draw(5).text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(text))


@pytest.mark.parametrize("doctype", ["<!DOCTYPE svg>", DOCTYPE, '<?xml version="1.0" standalone="no"?>\n' + DOCTYPE])
def test_a_plain_document_type_is_kept(doctype: str) -> None:
    text = doctype + SVG.format('<rect width="9" height="9" fill="#000"/>')
    result = recolour(read_svg(text.encode()), lambda rgb: np.full_like(rgb, 7))
    assert result.data.decode() == text.replace("#000", "#070707")

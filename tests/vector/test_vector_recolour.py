"""Fills of shapes, after a painter that knows by geometry what lies where."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
from lxml import etree

pytest.importorskip("resvg_py")

from lbie.vector import read_svg, recolour
from lbie.vector.raster import on_white
from lbie.vector.recolour import rasterise
from vector.drawn_svg import Drawn, draw, to_rgb, without_fills


def wrong(drawn: Drawn) -> list[str]:
    """Ids of the shapes of a drawing that do not become what the painter made them."""
    svg = read_svg(drawn.text.encode())
    before = on_white(rasterise(svg))
    result = recolour(svg, drawn.paint)
    assert without_fills(result.data) == without_fills(drawn.text.encode())
    after = on_white(rasterise(read_svg(result.data)))
    owner = drawn.owners(before.shape[:2])
    found = []
    root = etree.fromstring(result.data)
    source = etree.fromstring(drawn.text.encode())
    for i, shape in enumerate(drawn.shapes):
        mask = cv2.erode((owner == i).astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=0) > 0
        if mask.sum() < 20:
            continue
        old, new = (element_fill(tree, shape.id) for tree in (source, root))
        if shape.target and not shape.use and new != shape.target:
            found.append(f"{shape.id} is {new}, not {shape.target}")
        elif not shape.target and not shape.use and old != new:
            found.append(f"{shape.id} was {old} and is {new}")
        elif shape.opaque:
            want = np.median(before[mask], axis=0) if shape.target is None else to_rgb(shape.target)
            if shape.target is None and (before[mask] == after[mask]).all():
                continue
            if np.abs(np.median(after[mask], axis=0) - want).max() > 2:
                found.append(f"{shape.id} looks {np.median(after[mask], axis=0)}, not {want}")
    if (page := root.find(".//*[@id='page']")) is not None and page.get("fill") != "white":
        found.append("the page")
    return found


def element_fill(tree, name: str) -> str | None:
    node = tree.find(f".//*[@id='{name}']")
    styled = re.findall(r"(?:^|;)\s*fill\s*:\s*([^;!]*)", node.get("style", ""))
    return (styled[-1].strip() if styled else None) or node.get("fill")


@pytest.mark.parametrize("seed", range(40))
def test_forty_drawings(seed: int) -> None:
    """All shapes right (95 % of the drawings are asked for); the rest of each file is equal after C14N."""
    assert not wrong(draw(seed))


HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'
RED = (255, 0, 0)


def paint_boxes(text: str, boxes: dict[tuple[int, int, int, int], tuple[int, int, int]]):
    """Recolour a drawing of 100 x 100; of boxes (left, top, right, bottom), what is not white gets a colour."""

    def paint(rgb: np.ndarray) -> np.ndarray:
        out = rgb.copy()
        for box, colour in boxes.items():
            left, top, right, bottom = (round(v * rgb.shape[0] / 100) for v in box)
            out[top:bottom, left:right] = colour
        return out

    return recolour(read_svg((HEAD + text + "</svg>").encode()), paint)


def body(result) -> str:
    return result.data.decode().removeprefix(HEAD).removesuffix("</svg>")


RECT = 'x="10" y="10" width="30" height="30"'
GRADIENT = '<linearGradient id="g"><stop/><stop offset="1" stop-color="#888"/></linearGradient>'
WAYS = {
    "default": (f"<rect {RECT}/>", f'<rect {RECT} fill="#ff0000"/>'),
    "attribute": (f"<rect fill = 'blue' {RECT} />", f"<rect fill = '#ff0000' {RECT} />"),
    "style": (f'<rect style="fill:blue;stroke:red" {RECT}/>', f'<rect style="fill:#ff0000;stroke:red" {RECT}/>'),
    "style over attribute": (
        f'<rect fill="blue" style="a:b; FILL : blue !important ;" {RECT}/>',
        f'<rect fill="blue" style="a:b; FILL : #ff0000 !important ;" {RECT}/>',
    ),
    "a class": (
        f'<style>.a{{fill:blue}}</style><rect class="a" fill="gray" {RECT}/>',
        f'<style>.a{{fill:blue}}</style><rect class="a" fill="gray" {RECT} style="fill:#ff0000"/>',
    ),
    "a class, style there": (
        f'<style>.a{{fill:blue}}</style><rect style="x:y" class="a" {RECT}/>',
        f'<style>.a{{fill:blue}}</style><rect style="x:y;fill:#ff0000" class="a" {RECT}/>',
    ),
    "an important rule": (
        f'<style>g > rect {{fill:blue!important}}</style><g><rect style="fill:gray" {RECT}/></g>',
        f'<style>g > rect {{fill:blue!important}}</style><g><rect style="fill:#ff0000 !important" {RECT}/></g>',
    ),
    "a rule for others": (
        f"<style>circle {{fill:blue}} rect:hover {{fill: red}}</style><rect {RECT}/>",
        f'<style>circle {{fill:blue}} rect:hover {{fill: red}}</style><rect {RECT} fill="#ff0000"/>',
    ),
    "inherited": (f'<g fill="blue"><rect {RECT}/></g>', f'<g fill="blue"><rect {RECT} fill="#ff0000"/></g>'),
    "a gradient": (
        f'{GRADIENT}<rect {RECT} fill="url(#g)"/>',
        f'{GRADIENT}<rect {RECT} fill="#ff0000"/>',
    ),
    "an outline": (f'<rect {RECT} fill="none" stroke="#000"/>', f'<rect {RECT} fill="#ff0000" stroke="#000"/>'),
    "a link in a url": (
        f"<rect style=\"mask:none;--a:url('#;fill:x');fill:blue\" {RECT}/>",
        f"<rect style=\"mask:none;--a:url('#;fill:x');fill:#ff0000\" {RECT}/>",
    ),
    "an open line": ('<path d="M10 10H40V40" fill="none" stroke="#000"/>',) * 2,
    "not seen": (f'<rect {RECT} opacity="0"/>',) * 2,
    "text": ('<text x="10" y="40" font-size="40">A</text>',) * 2,
}


@pytest.mark.parametrize("way", WAYS)
def test_where_a_fill_stands(way: str) -> None:
    before, after = WAYS[way]
    result = paint_boxes(before, {(10, 10, 40, 40): RED})
    assert body(result) == after and not result.warnings
    assert len(result.changes) == (before != after)


def test_what_did_not_change_stays() -> None:
    text = f'<rect {RECT}/><rect x="60" y="10" width="30" height="30" fill="url(#none) blue"/>'
    result = paint_boxes(text, {(10, 10, 22, 40): RED})  # less than half of the first
    assert body(result) == text and result.changes == ()


def test_what_lies_over_another_hides_it() -> None:
    text = '<rect x="10" y="10" width="60" height="60"/><circle cx="40" cy="40" r="20" fill="gray" stroke="#fff"/>'
    result = paint_boxes(text, {(10, 10, 70, 70): RED, (26, 26, 54, 54): (0, 0, 255)})
    assert re.findall('fill="([^"]*)"', body(result)) == ["#ff0000", "#0000ff"]


def test_outlines_in_outlines_in_any_order() -> None:
    rings = [f'<circle cx="50" cy="50" r="{r}" fill="none" stroke="#000"/>' for r in (40, 30, 20)]
    painted = {40: "#ff0000", 30: "#0000ff", 20: "#00ff00"}

    def paint(rgb: np.ndarray) -> np.ndarray:
        out, scale = rgb.copy(), rgb.shape[0] / 100
        y, x = np.mgrid[: rgb.shape[0], : rgb.shape[1]] / scale - 50
        for r, colour in painted.items():
            out[(np.hypot(x, y) < r - 1)] = to_rgb(colour)
        return out

    result = recolour(read_svg((HEAD + "".join(rings) + "</svg>").encode()), paint)
    assert re.findall('r="([^"]*)" fill="([^"]*)"', body(result)) == [(str(r), c) for r, c in painted.items()]
    result = recolour(read_svg((HEAD + "".join(rings[::-1]) + "</svg>").encode()), paint)
    assert re.findall('r="([^"]*)" fill="([^"]*)"', body(result)) == [("20", "#00ff00"), ("30", "none"), ("40", "none")]
    assert "2 outlines lie over other shapes" in result.warnings[0]


def test_a_frame_over_all_is_left() -> None:
    text = (
        f'<rect width="100" height="100" fill="#fff"/><rect {RECT}/><path d="M5 5H95V95H5z" fill="none" stroke="red"/>'
    )
    result = paint_boxes(text, {(10, 10, 40, 40): RED})
    assert body(result) == text.replace(f"{RECT}/>", f'{RECT} fill="#ff0000"/>')


COPIES = '<use id="a" xlink:href="#s" x="0"/><use id="b" href="#s" x="50" style="stroke:none"/>'
LEFT = {(10, 10, 40, 40): RED}
BOTH = LEFT | {(60, 10, 90, 40): RED}
SHARED = {
    "one of two that inherit": (
        f'<defs><rect id="s" {RECT}/></defs>',
        LEFT,
        {"a": "#ff0000", "b": "black"},
        0,
    ),
    "one of two with a fill": (
        f'<defs><rect id="s" {RECT} fill="blue"/></defs>',
        LEFT,
        {"s": "inherit", "a": "#ff0000", "b": "blue"},
        0,
    ),
    "both": (f'<symbol id="s"><rect id="r" {RECT}/></symbol>', BOTH, {"r": "#ff0000"}, 0),
    "one of a symbol": (
        f'<symbol id="s"><rect id="r" {RECT} style="fill:#777"/></symbol>',
        LEFT,
        {"r": "inherit", "a": "#ff0000", "b": "#777"},
        0,
    ),
    "one of a group of two": (
        f'<defs><g id="s"><rect id="r" {RECT}/><circle cx="20" cy="80" r="10"/></g></defs>',
        BOTH | {(10, 10, 40, 40): (0, 0, 255)},
        {"r": "#0000ff"},
        1,
    ),
    "one of a group in which the other has a fill": (
        f'<defs><g id="s"><rect id="r" {RECT}/><circle cx="20" cy="80" r="10" fill="gray"/></g></defs>',
        LEFT,
        {"a": "#ff0000", "b": "black"},
        0,
    ),
    "the shape itself and a copy": (f'<rect id="s" {RECT}/>', {(60, 10, 90, 40): RED}, {}, 1),
}


@pytest.mark.parametrize("case", SHARED)
def test_copies(case: str) -> None:
    definition, boxes, fills, warnings = SHARED[case]
    result = paint_boxes(definition + COPIES, boxes)
    root = etree.fromstring(result.data)
    found = {n.get("id"): element_fill(root, n.get("id")) for n in root.iter("*") if n.get("id")}
    source = etree.fromstring((HEAD + definition + COPIES + "</svg>").encode())
    changed = {name: fill for name, fill in found.items() if fill != element_fill(source, name)}
    assert len(result.warnings) == warnings
    if warnings:
        assert "drawn 2 times from one definition" in result.warnings[0] or "3 times" in result.warnings[0]
    else:
        assert changed == fills
    assert without_fills(result.data) == without_fills(etree.tostring(source))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1251"])
def test_bytes_are_kept(encoding: str) -> None:
    word = "круг" if encoding == "cp1251" else "Größe"
    name = {"utf-8-sig": "utf-8", "cp1251": "windows-1251"}.get(encoding, encoding)
    text = f"<?xml version='1.0'  encoding='{name}' standalone=\"yes\"?>\r\n<!-- {word} -->\n{HEAD}\r\n\t<title>{word}"
    text += f"</title><rect\n {RECT}   id='{word}'  /><![CDATA[ <rect/> ]]>\r\n</svg  >\n<!-- end -->\n"
    data = text.encode(encoding)
    out = recolour(read_svg(data), lambda rgb: np.where(rgb < 255, np.array(RED, np.uint8), rgb)).data
    assert out == text.replace(f"id='{word}'", f"id='{word}' fill=\"#ff0000\"").encode(encoding)


def test_a_painter_that_does_nothing_changes_no_byte() -> None:
    text = draw(5).text.encode()
    assert recolour(read_svg(text), lambda rgb: rgb).data == text


def test_a_painter_must_keep_the_size() -> None:
    with pytest.raises(ValueError, match="paint must return"):
        recolour(read_svg(draw(5).text.encode()), lambda rgb: rgb[1:])


def test_size_of_the_picture() -> None:
    seen = []
    for size in ('width="10" height="10"', 'width="1000mm" height="500mm"', 'width="3" height="290"'):
        text = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><circle r="1"/></svg>'
        recolour(read_svg(text.encode()), lambda rgb: seen.append(rgb.shape) or rgb)
    assert seen[0] == (768, 768, 3) and seen[1][1] in (2 * seen[1][0], 2 * seen[1][0] + 1)
    assert all(h * w <= 1_048_576 for h, w, _ in seen)

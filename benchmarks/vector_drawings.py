"""Vector drawings edited by their sentences: results/vector.json.

python benchmarks/vector_drawings.py [--model sketch] [--count 40] [--split test]

Free drawings of the test split, each written as SVG: filled or outlined shapes as paths, polygons, circles within groups
that are moved, turned and scaled, some clipped. A model reads each as a picture, with the world's sentences; an element
is right if its fill is that of the generator's answer. Beside it the same with the generator's own picture in place of the
model's: what the way from pixels to fills costs. All else of each file must be equal in canonical form (C14N).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from lxml import etree
from tqdm import tqdm

from lbie.data.cosal.free import UNTOUCHED, FreeWorld, generate_free
from lbie.editor import Editor
from lbie.errors import SentenceError
from lbie.evaluation.report import machine, write_figures
from lbie.language.colour_mentions import colour_words, find_mentions
from lbie.vector import read_svg, recolour
from lbie.vector.names import SVG

SUITES = ("free", "overlap")
PAPER, INK = "#ffffff", "#303030"


def as_svg(world: FreeWorld) -> str:
    """A world as SVG, its shapes in the same order, with the ids e0, e1, …"""
    rng = random.Random(world.index)
    high, wide = world.source.shape[:2]
    defs, body = [], []
    for number, shape in enumerate(world.shapes):
        centre = shape.points.mean(0)
        turn, scale = rng.choice((0.0, 30.0, -75.0, 180.0)), rng.choice((1.0, 0.5, 2.0))
        points = (shape.points - centre) @ _rotation(-turn).T / scale
        text = " ".join(f"{x:.4f},{y:.4f}" for x, y in points)
        element = rng.choice((f'polygon points="{text}"', f'path d="M{text.replace(" ", "L")}Z"'))
        filled = shape.look.manner == "filled"
        wide_stroke = max(1.5, min(3.0, 0.01 * max(high, wide))) / scale
        look = f'fill="{INK}"' if filled else f'fill="none" stroke="{INK}" stroke-width="{wide_stroke:.3f}"'
        clip = ""
        if filled and rng.random() < 0.2:  # to a box around it, so that nothing is cut
            low, far = points.min(0) - 1, points.max(0) + 1
            defs.append(
                f'<clipPath id="c{number}"><rect x="{low[0]:.3f}" y="{low[1]:.3f}" width="{far[0] - low[0]:.3f}" '
                f'height="{far[1] - low[1]:.3f}"/></clipPath>'
            )
            clip = f' clip-path="url(#c{number})"'
        inner = f'<{element} id="e{number}" {look}{clip}/>'
        body.append(
            f'<g transform="translate({centre[0]:.4f} {centre[1]:.4f})"><g transform="rotate({turn:g}) scale({scale:g})">'
            f"{inner}</g></g>"
        )
    return (
        f'<svg xmlns="{SVG}" viewBox="0 0 {wide} {high}"><defs>{"".join(defs)}</defs>\n'
        f'<rect id="page" width="{wide}" height="{high}" fill="{PAPER}"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _rotation(degrees: float) -> np.ndarray:
    a = np.radians(degrees)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


Answer = dict[str, set[str]]
"""The fills that each element may have after the edit: none where it stays, several where a colour has several names."""


def wanted(world: FreeWorld, named: bool) -> Answer:
    """The answer, in the generator's own colours or as they are `named` in the sentences."""
    fills = [{_hex(rgb)} for rgb in world.palette.tolist()]
    if named:
        fills = [set() for _ in fills]
        for text, said, mention in zip(world.sentences, world.programme, world.mentions, strict=True):
            if mention is not None and said.colour is not None:
                fills[said.colour].add(_hex(find_mentions(colour_words(text))[0].colour.rgb))
    return {f"e{i}": set() if c == UNTOUCHED else fills[c] for i, c in enumerate(world.told.tolist())}


def _hex(rgb: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def right(source: str, data: bytes, answer: Answer) -> list[bool]:
    """Of each element, whether its fill is one of those wanted; the page must stay.

    Raises:
        ValueError: something but a fill has changed.
    """
    before, after = etree.fromstring(source.encode()), etree.fromstring(data)
    old, new = ({n.get("id"): n.get("fill") for n in root.iter("*") if n.get("id")} for root in (before, after))
    for root in (before, after):
        for node in root.iter("*"):
            node.attrib.pop("fill", None)
    if etree.tostring(before, method="c14n") != etree.tostring(after, method="c14n"):
        raise ValueError("something but a fill has changed")
    return [*(new[name] in (fills or {old[name]}) for name, fills in answer.items()), old["page"] == new["page"]]


def by_answer(world: FreeWorld) -> Callable[[np.ndarray], np.ndarray]:
    """Paints a picture of the world as the generator's answer says."""

    def paint(rgb: np.ndarray) -> np.ndarray:
        high, wide = rgb.shape[:2]
        out = rgb.copy()
        size = np.array([wide, high]) / world.source.shape[1::-1]
        owner = np.full((high, wide), -1, np.int32)
        for i, shape in enumerate(world.shapes):
            cv2.fillPoly(owner, [np.rint(shape.points * size * 16).astype(np.int32)], i, shift=4)
        for i, colour in enumerate(world.told.tolist()):
            if colour != UNTOUCHED:
                inside = owner == i
                if world.shapes[i].look.manner != "filled":
                    inside &= (rgb >= 128).any(-1)  # up to the stroke
                out[inside] = world.palette[colour]
        return out

    return paint


def measure(
    worlds: list[FreeWorld], edit: Callable[[FreeWorld], Callable[[np.ndarray], np.ndarray]], named: bool
) -> dict[str, Any]:
    """Elements and drawings that are right."""
    scores = []
    for world in tqdm(worlds, unit="drawing", disable=None, leave=False):
        text = as_svg(world)
        scores.append(right(text, recolour(read_svg(text.encode()), edit(world)).data, wanted(world, named)))
    elements = np.concatenate(scores)
    return {
        "drawings": len(scores),
        "right_in_all": int(sum(all(s) for s in scores)),
        "elements": len(elements),
        "elements_right": round(float(elements.mean()), 4),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="sketch")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("-o", type=Path, default=Path("results/vector.json"))
    options = parser.parse_args()
    editor = Editor.from_pretrained(options.model, "cpu")

    def by_model(world: FreeWorld) -> Callable[[np.ndarray], np.ndarray]:
        def paint(rgb: np.ndarray) -> np.ndarray:
            try:
                return editor.set_image(rgb).edit(" ".join(world.sentences)).rgb
            except SentenceError:  # nothing applies, as it says: all elements stay
                return rgb

        return paint

    figures: dict[str, Any] = {"model": options.model, "split": options.split, "provenance": machine()}
    for suite in SUITES:
        worlds = list(generate_free(suite, options.split, options.count))
        figures[suite] = {"model": measure(worlds, by_model, True), "answers": measure(worlds, by_answer, False)}
        for name, own in figures[suite].items():
            print(
                f"{suite}, {name}: {own['right_in_all']} of {own['drawings']} drawings right in all, "
                f"{own['elements_right']:.1%} of {own['elements']} elements"
            )
    write_figures(options.o, figures)


if __name__ == "__main__":
    main()

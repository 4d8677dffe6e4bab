"""A reader of the sentences that knows nothing of how they were made: it proves that a description can be solved.

It reads words, not templates, and shares with the generator only the order of kinds and colours in maps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbie.data.cosal.shapes import BACKGROUND, COLOURS, KINDS, NO_SHAPE
from lbie.errors import InputError

_WORD = re.compile(r"[a-z]+")
_SINGLE = {"rectangle": 0, "box": 0, "oblong": 0, "diamond": 7, "rhombus": 7, "lozenge": 7}
_SINGLE |= {"circle": 8, "disc": 8, "disk": 8}
_OVAL = {"ellipse", "oval"}
_FAT, _THIN, _HALF = {"fat", "wide", "flat"}, {"thin", "narrow"}, {"half"}
_UPSIDE = {"inverse", "inverted", "reverse", "upside"}
_SHAPE_WORDS = _OVAL | _FAT | _THIN | _HALF | _UPSIDE | {"triangle", "upright", "down"}
_COLOUR_WORDS = {"blue": 0, "green": 1, "red": 2, "black": 3, "gray": 4, "grey": 4, "yellow": 5}
_SHADES = {"light", "bright"}
_STEPS = {"above": (-1, 0), "over": (-1, 0), "top": (-1, 0), "left": (0, -1), "right": (0, 1)}
_STEPS |= dict.fromkeys(("below", "under", "beneath", "underneath"), (1, 0))


@dataclass(frozen=True)
class _Place:
    """The cell one step from a kind of shape."""

    kind: int
    step: tuple[int, int]


@dataclass(frozen=True)
class _Reading:
    """Target gets the colour, or the source's colour."""

    target: int | _Place
    colour: int | None
    source: int | _Place | None


def _name_shape(run: Sequence[str]) -> int | None:
    words = set(run)
    if words & _OVAL:
        return (2 if words & _HALF else 0) + (1 if words & _FAT else 2)
    return (6 if words & _UPSIDE else 5) if "triangle" in words else None


def _symbols(sentence: str) -> list[tuple[str, object]]:
    """The sentence as ("shape", kind), ("colour", c), ("step", (rows, columns)) and ("word", text)."""
    words = _WORD.findall(sentence.lower())
    found: list[tuple[str, object]] = []
    i = 0
    while i < len(words):
        end = i
        while end < len(words) and words[end] in _SHAPE_WORDS:
            end += 1
            if words[end - 1] in _OVAL or words[end - 1] == "triangle":
                break
        kind = _SINGLE.get(words[i]) if end == i else _name_shape(words[i:end])
        if kind is not None:
            found.append(("shape", kind))
        elif words[i] in _COLOUR_WORDS:
            found.append(("colour", _COLOUR_WORDS[words[i]]))
        elif words[i] in _STEPS:
            found.append(("step", _STEPS[words[i]]))
        elif words[i] not in _SHADES:
            found.append(("word", words[i]))
        i = max(end, i + 1)
    return found


def _read(sentence: str) -> _Reading:
    symbols = _symbols(sentence)
    shapes = [value for name, value in symbols if name == "shape"]
    colours = [value for name, value in symbols if name == "colour"]
    steps = [value for name, value in symbols if name == "step"]
    match shapes, colours, steps:
        case [int(target)], [int(colour)], []:
            return _Reading(target, colour, None)
        case [int(landmark)], [int(colour)], [(int(rows), int(columns))]:
            if _is_about_the_landmark(symbols):
                rows, columns = -rows, -columns
            return _Reading(_Place(landmark, (rows, columns)), colour, None)
        case [int(target), int(source)], [], [] if ("word", "same") in symbols:
            return _Reading(target, None, source)
        case [int(target), int(landmark)], [], [(int(rows), int(columns))] if ("word", "same") in symbols:
            return _Reading(target, None, _Place(landmark, (rows, columns)))
    raise InputError(f"not a sentence about shapes: '{sentence[:80]}'")


def _is_about_the_landmark(symbols: list[tuple[str, object]]) -> bool:
    """Whether it is the landmark that lies so from the coloured shape: "the circle is below a red shape"."""
    names = [name for name, _ in symbols]
    after = names.index("step") + 1
    while after < len(symbols) and symbols[after][1] in ("of", "to", "side"):
        after += 1
    follows = symbols[after : after + 2]
    article = bool(follows) and follows[0][1] in ("a", "the")
    return names.index("shape") < names.index("step") and article and follows[1:] != [] and follows[1][0] == "colour"


def solve(sentences: Sequence[str], shapes: np.ndarray) -> np.ndarray:
    """The class map that the sentences describe.

    Args:
        sentences: in any order.
        shapes: (H, W) uint8 shape map, both divisible by three.

    Returns:
        (H, W) uint8 class map.

    Raises:
        InputError: a sentence is not understood, a place lies outside, two sentences contradict each other, or a shape
            is left without a colour.
    """
    height, width = shapes.shape
    cells: dict[int, tuple[int, int]] = {}
    kinds: dict[tuple[int, int], int] = {}
    for kind in np.unique(shapes[shapes != NO_SHAPE]).tolist():
        ys, xs = np.nonzero(shapes == kind)
        cell = int(3 * ys.mean() / height), int(3 * xs.mean() / width)
        cells[kind], kinds[cell] = cell, kind

    def resolve(meant: int | _Place) -> int:
        if not isinstance(meant, _Place):
            return meant
        row, column = cells[meant.kind]
        cell = row + meant.step[0], column + meant.step[1]
        if cell not in kinds:
            raise InputError(f"there is no shape beside the {KINDS[meant.kind]} on that side")
        return kinds[cell]

    colour_of: dict[int, int] = {}

    def tell(kind: int, colour: int) -> None:
        if colour_of.setdefault(kind, colour) != colour:
            raise InputError(f"the {KINDS[kind]} is said to be {COLOURS[colour_of[kind]]} and {COLOURS[colour]}")

    references = []
    for reading in map(_read, sentences):
        if reading.colour is not None:
            tell(resolve(reading.target), reading.colour)
        elif reading.source is not None:
            references.append((resolve(reading.target), resolve(reading.source)))
    for _ in range(len(references)):
        for target, source in references:
            if source in colour_of:
                tell(target, colour_of[source])
    missing = [KINDS[kind] for kind in kinds.values() if kind not in colour_of]
    if missing:
        raise InputError(f"no sentence tells the colour of: {', '.join(missing)}")
    classes = np.full(shapes.shape, BACKGROUND, np.uint8)
    for kind, colour in colour_of.items():
        classes[shapes == kind] = colour
    return classes

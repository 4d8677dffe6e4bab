"""Where shapes lie: anywhere, in rows or in a grid, apart from each other or partly covered."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, log, sqrt

import cv2
import numpy as np

from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.looks import INKS, Look, draw_look, draw_manners
from lbie.data.cosal.free.outlines import draw_outline
from lbie.data.cosal.shapes import KINDS

SIDES = (64, 512)
"""Shortest and longest side of a canvas."""
MOST = 12
"""Shapes of a world."""
LEAST_SEEN = 0.4
"""Share of each shape that nothing covers."""
_ROOM = 28.0
"""Side of the square that each shape has at least, in pixels."""
_SMALLEST = 14.0
_TRIES = 24
_COARSE = 96
"""Longer side of the picture on which overlap is measured."""
_ARRANGEMENTS = {"free": 0.6, "row": 0.1, "column": 0.1, "grid": 0.2}


@dataclass(frozen=True)
class Shape:
    """A shape on the canvas."""

    kind: int
    """Index into `KINDS`."""
    points: np.ndarray
    """(P, 2) float64 outline x, y in pixels, before a hand trembles."""
    look: Look
    """How it is drawn."""


@dataclass(frozen=True)
class Layout:
    """A canvas and its shapes, the lowest first."""

    size: tuple[int, int]
    """Height and width."""
    shapes: tuple[Shape, ...]


@dataclass
class _Piece:
    """A shape that is being placed."""

    kind: int
    outline: np.ndarray
    manner: str
    size: float
    look: Look

    def scaled(self) -> np.ndarray:
        return self.outline * self.size


def draw_layout(overlap: bool, by_hand: bool, chance: Chance) -> Layout:
    """A canvas of 64 to 512 pixels a side, 1:2 to 2:1, with 2 to 12 shapes.

    Args:
        overlap: some shapes cover part of others; else all lie apart.
        by_hand: all of them by a trembling hand, with gaps and overshoot.
        chance: of every choice.
    """
    while True:
        size = _draw_size(chance)
        most = min(MOST, int(size[0] * size[1] / _ROOM**2))
        count = 2 + chance.below(most - 1)
        pieces = _draw_pieces(size, count, overlap, by_hand, chance)
        arrangement = "free" if overlap else chance.weigh(_ARRANGEMENTS)
        shapes = _overlay(size, pieces, chance) if overlap else _place(size, pieces, arrangement, chance)
        if shapes:
            return Layout(size, tuple(shapes))


def _draw_size(chance: Chance) -> tuple[int, int]:
    low, high = SIDES
    aspect = 1.0 if chance.happens(0.3) else exp(chance.between(-log(2), log(2)))
    side = exp(chance.between(log(low), log(high)))
    height, width = side / sqrt(aspect), side * sqrt(aspect)
    most, least = max(height, width), min(height, width)
    scale = min(high / most, max(1.0, low / least))
    height, width = round(height * scale), round(width * scale)
    most, least = max(height, width), max(min(height, width), low)
    most = min(most, 2 * least)
    return (most, least) if height > width else (least, most)


def _draw_pieces(size: tuple[int, int], count: int, overlap: bool, by_hand: bool, chance: Chance) -> list[_Piece]:
    kinds = chance.shuffled(range(len(KINDS)))
    kinds = kinds[: 1 + chance.below(min(count, len(kinds)))]
    kinds = chance.shuffled([*kinds, *(chance.choose(kinds) for _ in range(count - len(kinds)))])
    turned = chance.happens(0.5)
    usual = sqrt(size[0] * size[1] / count) * chance.between(0.4, 0.75)
    spread = chance.between(0.0, 0.75)
    width = chance.number() ** 2
    dark = chance.below(60) if chance.happens(0.5) else 0
    pieces = []
    for kind, manner in zip(kinds, draw_manners(count, by_hand, chance), strict=True):
        own = max(_SMALLEST, usual * exp(chance.between(-spread, spread)))
        ink = chance.choose(INKS) if overlap and manner == "filled" else dark
        stroke = min(1.0, max(0.0, width + chance.between(-0.2, 0.2)))
        look = draw_look(manner, own, stroke, ink, by_hand or chance.happens(0.3), chance)
        pieces.append(_Piece(kind, draw_outline(kind, turned, chance), manner, own, look))
    return pieces


def _reduced(piece: _Piece) -> _Piece:
    """A little smaller."""
    size = max(_SMALLEST, piece.size * 0.85)
    share = size / piece.size
    old = piece.look
    look = Look(
        old.manner,
        old.ink,
        max(1.0, old.width * share) if old.width else 0.0,
        old.wave * share,
        old.tremor,
        old.gaps,
        old.overshoot * share,
    )
    return _Piece(piece.kind, piece.outline, piece.manner, size, look)


def _edges(points: np.ndarray, reach: float) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of an outline about 0 with its stroke."""
    left, top = points.min(0).tolist()
    right, bottom = points.max(0).tolist()
    return left - reach, top - reach, right + reach, bottom + reach


def _centres(size: tuple[int, int], count: int, arrangement: str, chance: Chance) -> list[tuple[float, float]]:
    """A place x, y for each shape of a row, a column or a grid."""
    height, width = size
    if arrangement == "grid":
        columns = max(1, min(count, round(sqrt(count * width / height))))
        rows = ceil(count / columns)
    else:
        rows, columns = (1, count) if arrangement == "row" else (count, 1)
    cells = sorted(chance.shuffled(range(rows * columns))[:count])
    found = []
    for cell in chance.shuffled(cells):
        row, column = divmod(cell, columns)
        x = (column + 0.5 + chance.between(-0.08, 0.08)) * width / columns
        y = (row + 0.5 + chance.between(-0.08, 0.08)) * height / rows
        found.append((x, y))
    return found


def _place(size: tuple[int, int], pieces: list[_Piece], arrangement: str, chance: Chance) -> list[Shape] | None:
    """All apart; None where there is no room."""
    height, width = size
    regular = arrangement != "free"
    centres = _centres(size, len(pieces), arrangement, chance) if regular else []
    order = range(len(pieces)) if regular else sorted(range(len(pieces)), key=lambda i: -pieces[i].size)
    boxes: list[tuple[float, float, float, float]] = []
    shapes: list[Shape] = []
    for number in order:
        piece = pieces[number]
        for _ in range(6):
            points = piece.scaled()
            gap = max(2.0, 0.03 * piece.size)
            left, top, right, bottom = _edges(points, piece.look.reach)
            place = None
            for _ in range(1 if regular else _TRIES):
                if right - left + 4 > width or bottom - top + 4 > height:
                    break
                if regular:
                    x, y = centres[number]
                    x, y = min(max(x, 2 - left), width - 2 - right), min(max(y, 2 - top), height - 2 - bottom)
                else:
                    x = chance.between(2 - left, width - 2 - right)
                    y = chance.between(2 - top, height - 2 - bottom)
                box = (left + x - gap, top + y - gap, right + x + gap, bottom + y + gap)
                if not any(box[0] < b[2] and box[2] > b[0] and box[1] < b[3] and box[3] > b[1] for b in boxes):
                    place = x, y, box
                    break
            if place or piece.size <= _SMALLEST:
                break
            piece = _reduced(piece)
        if place is None:
            return None
        boxes.append(place[2])
        shapes.append(Shape(piece.kind, points + place[:2], piece.look))
    return shapes


def _overlay(size: tuple[int, int], pieces: list[_Piece], chance: Chance) -> list[Shape] | None:
    """Some over others, each seen well enough; None where no two come to lie so."""
    height, width = size
    scale = _COARSE / max(size)
    owner = np.full((ceil(height * scale), ceil(width * scale)), -1, np.int8)
    whole: list[int] = []
    shapes: list[Shape] = []
    covered = False
    for piece in pieces:
        points = piece.scaled()
        left, top, right, bottom = _edges(points, piece.look.reach)
        if right - left + 4 > width or bottom - top + 4 > height:
            continue
        for _ in range(_TRIES):
            x, y = chance.between(2 - left, width - 2 - right), chance.between(2 - top, height - 2 - bottom)
            if shapes and chance.happens(0.7):
                near = chance.choose(shapes).points.mean(0)
                away = chance.between(0.3, 0.8) * piece.size
                angle = chance.number() * 2 * np.pi
                x = min(max(near[0] + away * np.cos(angle), 2 - left), width - 2 - right)
                y = min(max(near[1] + away * np.sin(angle), 2 - top), height - 2 - bottom)
            moved = points + np.array((x, y))
            mask = np.zeros(owner.shape, np.uint8)
            cv2.fillPoly(mask, [np.rint(moved * scale - 0.5).astype(np.int32)], 1)
            # Those that are touched, with the stroke and a gap, must be covered clearly or not at all.
            around = cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=1 + ceil(scale * piece.look.reach + 0.5))
            touched = {int(i) for i in np.unique(owner[around > 0])} - {-1}
            if _fits(owner, whole, shapes, piece.look, mask, touched):
                covered = covered or bool(touched)
                owner[mask > 0] = len(shapes)
                whole.append(int(mask.sum()))
                shapes.append(Shape(piece.kind, moved, piece.look))
                break
    return shapes if covered else None


def _fits(
    owner: np.ndarray, whole: list[int], shapes: list[Shape], look: Look, mask: np.ndarray, touched: set[int]
) -> bool:
    """Whether every shape below is still seen, and told from this one."""
    area = int(mask.sum())
    if len(touched) > 2 or area == 0:
        return False
    for i in touched:
        now = owner == i
        hidden = int((now & (mask > 0)).sum())
        if hidden < 0.08 * min(area, whole[i]) or now.sum() - hidden < (LEAST_SEEN + 0.12) * whole[i]:
            return False
        if look.manner == "filled" == shapes[i].look.manner and abs(look.ink - shapes[i].look.ink) < 40:
            return False
    return True

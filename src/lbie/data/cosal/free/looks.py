"""How shapes are drawn: filled, outlined, or by a hand that trembles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.outlines import has_corners

MANNERS = ("filled", "outlined", "hand")
"""`filled` with dark ink, `outlined` by an even stroke, or by a stroke of a `hand` that trembles."""
_WORLD_MANNERS = {"filled": 0.35, "outlined": 0.25, "hand": 0.25, "mixed": 0.15}
INKS = (0, 45, 90, 135)
"""Levels of shapes that are filled and may lie on each other: each is told from the next."""
_WIDEST = 0.08
"""Stroke, of the shape."""
_WAVES, _TREMBLES = (1, 2, 3, 4, 5), (9, 13, 17)
_SAMPLES = 96


@dataclass(frozen=True, slots=True)
class Look:
    """How one shape is drawn. Lengths are in pixels."""

    manner: str
    """One of `MANNERS`."""
    ink: int
    """Gray level, 0 to 255."""
    width: float = 0.0
    """Of the stroke; 0 of a filled shape."""
    wave: float = 0.0
    """How far a hand's line goes astray."""
    tremor: float = 0.0
    """How far it trembles."""
    gaps: int = 0
    """Places where a hand's line is broken."""
    overshoot: float = 0.0
    """How far a hand's lines go past their ends."""

    @property
    def reach(self) -> float:
        """How far the drawing goes past the outline at most."""
        return self.width / 2 + 2 * self.wave + 2 * self.tremor + self.overshoot


def draw_manners(count: int, by_hand: bool, chance: Chance) -> list[str]:
    """A manner for each of so many shapes, in most worlds the same."""
    world = "hand" if by_hand else chance.weigh(_WORLD_MANNERS)
    return [chance.choose(MANNERS) if world == "mixed" else world for _ in range(count)]


def draw_look(manner: str, size: float, width: float, ink: int, rough: bool, chance: Chance) -> Look:
    """How a shape is drawn.

    Args:
        manner: one of `MANNERS`.
        size: root of the shape's width times height, in pixels.
        width: of the stroke, as a share of the widest, which is 8 % of the shape; at least a pixel is drawn.
        ink: gray level.
        rough: with gaps and overshoot.
        chance: of every choice.
    """
    if manner == "filled":
        return Look(manner, ink)
    stroke = max(1.0, min(_WIDEST * size, 1 + width * (_WIDEST * size - 1)))
    if manner == "outlined":
        return Look(manner, ink, stroke)
    return Look(
        manner,
        ink,
        stroke,
        wave=chance.between(0.006, 0.018) * size,
        tremor=chance.between(0.05, 0.3) * min(1.0, size / 40),
        gaps=chance.below(3) if rough else 0,
        overshoot=chance.between(0.03, 0.08) * size if rough and chance.happens(0.6) else 0.0,
    )


def trace(points: np.ndarray, kind: int, look: Look, chance: Chance) -> tuple[np.ndarray, list[np.ndarray]]:
    """What a pen goes along.

    Args:
        points: (P, 2) outline in pixels.
        kind: index into `KINDS`.
        look: how it is drawn.
        chance: of a hand's faults.

    Returns:
        The outline as drawn (Q, 2), and the strokes: (R, 2) points each, the first again at the end of a closed one;
        none for a filled shape.
    """
    if look.manner == "filled":
        return points, []
    if look.manner == "outlined":
        return points, [np.concatenate([points, points[:1]])]
    dense = _resample(points)
    drawn = dense + _astray(len(dense), look, chance)
    strokes = [drawn[np.arange(_SAMPLES + 1) % _SAMPLES]]
    if look.overshoot and has_corners(kind):
        strokes = _sides(dense, drawn, points, look.overshoot)
    elif look.overshoot:
        strokes = [_past_the_end(drawn, look)]
    for _ in range(look.gaps):
        strokes = _break(strokes, chance)
    return drawn, strokes


def _resample(points: np.ndarray) -> np.ndarray:
    """(96, 2) points in even steps along a closed outline."""
    closed = np.concatenate([points, points[:1]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    wanted = np.arange(_SAMPLES) * (along[-1] / _SAMPLES)
    wanted = _keep_corners(wanted, along[:-1]) if len(points) <= 4 else wanted
    return np.stack([np.interp(wanted, along, closed[:, i]) for i in range(2)], 1)


def _keep_corners(wanted: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Move the nearest sample onto each corner."""
    moved = wanted.copy()
    moved[np.abs(wanted[:, None] - corners).argmin(0)] = corners
    return moved


def _astray(count: int, look: Look, chance: Chance) -> np.ndarray:
    """(count, 2) smooth periodic offsets: slow waves, and a tremor."""
    turn = np.arange(count) * (2 * np.pi / count)
    phases = chance.numbers(2 * len(_WAVES + _TREMBLES)).reshape(2, -1, 1) * 2 * np.pi
    rounds = np.array(_WAVES + _TREMBLES, float)[:, None]
    height = np.array([look.wave / w**0.7 for w in _WAVES] + [look.tremor] * len(_TREMBLES))
    return (np.sin(rounds * turn + phases) * height[:, None]).sum(1).T


def _sides(dense: np.ndarray, drawn: np.ndarray, corners: np.ndarray, overshoot: float) -> list[np.ndarray]:
    """Each side as a stroke of its own that goes past both corners."""
    at = np.linalg.norm(dense[:, None] - corners, axis=2).argmin(0)
    strokes = []
    for i, start in enumerate(at):
        stop = at[(i + 1) % len(at)]
        side = drawn[np.arange(start, stop + (_SAMPLES if stop <= start else 0) + 1) % _SAMPLES]
        way = side[-1] - side[0]
        way = way / max(float(np.linalg.norm(way)), 1e-6) * overshoot
        strokes.append(np.concatenate([side[:1] - way, side, side[-1:] + way]))
    return strokes


def _past_the_end(drawn: np.ndarray, look: Look) -> np.ndarray:
    """A round stroke that goes past where it began, ever further outside."""
    length = float(np.linalg.norm(np.diff(drawn, axis=0), axis=1).mean())
    more = max(2, min(_SAMPLES // 6, int(2 * look.overshoot / max(length, 1e-6))))
    outwards = drawn[:more] - drawn.mean(0)
    outwards /= np.maximum(np.linalg.norm(outwards, axis=1, keepdims=True), 1e-6)
    away = np.linspace(0, 1, more)[:, None] * min(look.overshoot, 2.5 * look.width)
    return np.concatenate([drawn, drawn[:more] + outwards * away])


def _break(strokes: Sequence[np.ndarray], chance: Chance) -> list[np.ndarray]:
    """Leave a short piece out of one of the strokes."""
    number = chance.below(len(strokes))
    stroke = strokes[number]
    gap = max(1, int(chance.between(0.02, 0.05) * _SAMPLES))
    if len(stroke) < gap + 6:
        return list(strokes)
    start = 2 + chance.below(len(stroke) - gap - 4)
    return [*strokes[:number], stroke[: start + 1], stroke[start + gap :], *strokes[number + 1 :]]

"""Drawings of shapes: what is seen of each, anti-aliased, and the picture with other colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from lbie.colour.areas import recolouring
from lbie.data.cosal.draws import draw_numbers
from lbie.data.cosal.free.chance import Chance
from lbie.data.cosal.free.looks import Look

_FINE, _SHIFT = 4, 3
"""Shapes are drawn so many times larger, with so many bits of fraction. OpenCV fills half a pixel past an outline: here
an eighth of one."""


@dataclass(frozen=True)
class Patch:
    """What is seen of one shape, in a box of the picture."""

    box: tuple[slice, slice]
    """Rows and columns."""
    fill: np.ndarray
    """(h, w) uint8, share of each pixel that gets the shape's colour; 255 is all of it."""
    seen: float
    """Share of the shape that nothing covers."""
    base: tuple[float, float, float]
    """RGB of this area in the source, before the light falls on it."""


@dataclass(frozen=True)
class Drawing:
    """A drawing and its parts."""

    source: np.ndarray
    """(H, W, 3) uint8 RGB."""
    patches: tuple[Patch, ...]
    """Of each shape, the lowest first."""
    ink: np.ndarray
    """(H, W) uint8, share of each pixel that is stroke."""
    light: np.ndarray | None
    """(H, W) float32 light on the paper, or None where it is even."""

    @cached_property
    def inside(self) -> np.ndarray:
        """(N, H, W) bool: the pixels that get each shape's colour, up to the stroke; no two share one."""
        masks = np.zeros((len(self.patches), *self.ink.shape), bool)
        for mask, patch in zip(masks, self.patches, strict=True):
            mask[patch.box] = patch.fill >= 128
        return masks

    @cached_property
    def stroke(self) -> np.ndarray:
        """(H, W) bool: pixels that show a stroke and get no colour."""
        return (self.ink >= 64) & ~self.inside.any(0)

    def paint(self, colours: Sequence[Sequence[int] | None]) -> np.ndarray:
        """The picture with other colours inside: strokes, paper, and what is between pixels stay.

        Args:
            colours: RGB of each shape, or None for one that stays as it is.

        Returns:
            (H, W, 3) uint8 RGB.
        """
        out = self.source.astype(np.float32)
        for patch, colour in zip(self.patches, colours, strict=True):
            if colour is None:
                continue
            light = None if self.light is None else self.light[patch.box]
            out[patch.box] += recolouring(patch.fill, patch.base, light, colour)
        return np.rint(out).clip(0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Paper:
    """What is drawn on."""

    colour: tuple[int, int, int]
    """RGB."""
    shaded: bool
    """As photographed: uneven light and a faint noise."""


def draw_paper(shaded: bool, chance: Chance) -> Paper:
    """White or off-white paper."""
    if chance.happens(0.6) and not shaded:
        return Paper((255, 255, 255), False)
    level = chance.between(236, 254)
    return Paper((round(level), round(level - chance.between(0, 5)), round(level - chance.between(0, 14))), shaded)


def draw_picture(
    size: tuple[int, int],
    outlines: Sequence[np.ndarray],
    strokes: Sequence[Sequence[np.ndarray]],
    looks: Sequence[Look],
    paper: Paper,
    chance: Chance,
) -> Drawing:
    """Draw shapes on paper, each over those before.

    Args:
        size: height and width.
        outlines: (P, 2) points x, y in pixels of each shape; pixel (0, 0) reaches from 0 to 1.
        strokes: lines of each shape, (R, 2) points.
        looks: how each is drawn.
        paper: what they are drawn on.
        chance: of the light and the noise.
    """
    free = np.ones(size, np.float32)  # share of each pixel that nothing covers yet, from the uppermost down
    ink = np.zeros(size, np.float32)
    dark = np.zeros(size, np.float32)  # share of paper that ink takes, times how much darker it is
    white = np.array(paper.colour, np.float32)
    patches: list[Patch] = []
    for points, lines, look in zip(outlines[::-1], strokes[::-1], looks[::-1], strict=True):
        box, fill, line = _cover(size, points, lines, look.width)
        over = free[box]
        whole = fill + line - fill * line
        inside, stroke = over * (fill - fill * line), over * line
        seen = float((over * whole).sum() / max(float(whole.sum()), 1e-6))
        strength = np.float32(1 - look.ink / 255)
        filled = look.manner == "filled"
        dark[box] += (inside if filled else stroke) * strength
        ink[box] += stroke
        free[box] = over * (1 - whole)
        base = white * (1 - strength) if filled else white
        red, green, blue = base.tolist()
        patches.append(Patch(box, (inside * 255 + 1e-3).astype(np.uint8), seen, (red, green, blue)))
    picture = white * (1 - dark)[..., None]
    light = None
    if paper.shaded:
        light = _light(size, chance)
        noise = chance.numbers(4)[0] * 4 + 1
        picture = picture * light[..., None] + (_grain(size, chance) * np.float32(noise))[..., None]
    source = np.rint(picture).clip(0, 255).astype(np.uint8)
    return Drawing(source, tuple(patches[::-1]), np.rint(ink * 255).clip(0, 255).astype(np.uint8), light)


def _cover(
    size: tuple[int, int], points: np.ndarray, lines: Sequence[np.ndarray], width: float
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """The box that holds a shape, and in it the share of each pixel (h, w) float32 that is inside, and on a stroke."""
    everything = np.concatenate([points, *lines])
    low = np.maximum(np.floor(everything.min(0) - width / 2 - 1), 0).astype(int)
    high = np.minimum(np.ceil(everything.max(0) + width / 2 + 1), (size[1], size[0])).astype(int)
    high = np.maximum(high, low + 1)
    wide, tall = (high - low).tolist()
    fine = np.zeros((tall * _FINE, wide * _FINE), np.uint8)
    cv2.fillPoly(fine, [_fixed(points, low)], 255, shift=_SHIFT)
    fill = _shrink(fine, wide, tall)
    if lines:
        fine[:] = 0
        thick = max(1, round(width * _FINE))
        cv2.polylines(fine, [_fixed(line, low) for line in lines], False, 255, thick, shift=_SHIFT)
        stroke = _shrink(fine, wide, tall)
    else:
        stroke = np.zeros_like(fill)
    return (slice(low[1], high[1]), slice(low[0], high[0])), fill, stroke


def _fixed(points: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Points as OpenCV takes them; its pixel (0, 0) has its centre at 0."""
    return np.rint(((points - low) * _FINE - 0.5) * (1 << _SHIFT)).astype(np.int32)


def _shrink(fine: np.ndarray, wide: int, tall: int) -> np.ndarray:
    return cv2.resize(fine, (wide, tall), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _light(size: tuple[int, int], chance: Chance) -> np.ndarray:
    """(H, W) float32 in [0.6, 1]: brighter on one side, darker in the corners, with soft clouds."""
    height, width = size
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    angle, slope = chance.number() * 2 * np.pi, chance.between(0.03, 0.12)
    middle = chance.numbers(2) - 0.5
    corners = chance.between(0.0, 0.08) * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2)
    clouds = chance.numbers(16).reshape(4, 4).astype(np.float32)
    clouds = cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC)
    light = 1 - slope * (1 + np.cos(angle) * x + np.sin(angle) * y) - corners - 0.05 * clouds
    return light.clip(0.6, 1).astype(np.float32)


def _grain(size: tuple[int, int], chance: Chance) -> np.ndarray:
    """(H, W) float32, mean 0 and deviation about 1."""
    count = size[0] * size[1]
    raw = draw_numbers(f"{chance.key} grain", 0, 1, -(-count // 4) * 4)[0, :count]
    return ((raw - 0.5) * 12**0.5).reshape(size).astype(np.float32)

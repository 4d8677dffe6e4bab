"""A picture of what phrases matched: the photo, each region tinted and outlined, its phrase and confidence on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lbie.colour.bands import bands
from lbie.editing.shade import shares
from lbie.errors import InputError
from lbie.lettering import wrap

_TINTS = ((230, 60, 40), (40, 110, 240), (30, 160, 80), (200, 60, 200), (240, 160, 20), (20, 170, 190))
_STRENGTH = 0.45
_LEAST_FONT, _FONT = 11, 0.026  # of the longer side
_MOST_LINES = 3


@dataclass(frozen=True, eq=False)
class Match:
    """What a phrase matched."""

    phrase: str
    """As it was read."""
    shade: np.ndarray
    """(H, W) uint8, above 127 inside. All 0 where nothing matched."""
    confidence: float
    """In [0, 1]."""

    @property
    def found(self) -> bool:
        """Whether it matched anything."""
        return bool(self.shade.max() > 127)

    @property
    def inside(self) -> np.ndarray:
        """(H, W) bool."""
        return self.shade > 127

    @property
    def mask(self) -> np.ndarray:
        """(H, W) float32 in [0, 1]; .5 is the boundary. Made anew each time: four times as large as `shade`."""
        return shares(self.shade)

    @property
    def label(self) -> str:
        """`the cat 93%`, or `the cat: no match (4%)`."""
        sure = f"{self.confidence:.0%}"
        return f"{self.phrase} {sure}" if self.found else f"{self.phrase}: no match ({sure})"


def draw_overlay(rgb: np.ndarray, matches: Sequence[Match]) -> Image.Image:
    """Draw what was matched.

    Args:
        rgb: (H, W, 3) uint8, the photo.
        matches: any number; each gets a colour of its own, and those that matched nothing a line at the top.

    Returns:
        An RGB picture of the photo's size, with a strip above it for the phrases.

    Raises:
        InputError: a mask is of another size.
    """
    out = rgb.copy()
    height, width = rgb.shape[:2]
    thickness = max(1, round(0.004 * max(height, width)))
    for number, match in enumerate(matches):
        if match.shade.shape != (height, width):
            got = " x ".join(map(str, match.shade.shape[::-1]))
            raise InputError(f"the mask of '{match.phrase}' is {got} pixels, the image {width} x {height}")
        tint = _TINTS[number % len(_TINTS)]
        for rows in bands(height, width):
            share = _STRENGTH * shares(match.shade[rows])[..., None]
            out[rows] = np.rint(out[rows] * (1 - share) + share * np.array(tint, np.float32))
        edges, _ = cv2.findContours(match.inside.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        cv2.drawContours(out, edges, -1, (255, 255, 255), 3 * thickness, cv2.LINE_AA)
        cv2.drawContours(out, edges, -1, tint, thickness, cv2.LINE_AA)
    return _with_legend(out, matches)


def _with_legend(picture: np.ndarray, matches: Sequence[Match]) -> Image.Image:
    """The picture below a line, or some, for each match, with a patch of its colour."""
    height, width = picture.shape[:2]
    size = max(_LEAST_FONT, round(_FONT * max(height, width)))
    font, line, pad = ImageFont.load_default(size), round(1.35 * size), max(2, size // 2)
    left = 2 * pad + size
    rows: list[tuple[int | None, str]] = []
    for number, match in enumerate(matches):
        lines = wrap(match.label, font, max(1, width - left - pad))
        if len(lines) > _MOST_LINES:
            lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1]}\u2026"]
        rows += [(number if i == 0 else None, text) for i, text in enumerate(lines)]
    top = pad + line * len(rows) + pad if rows else 0
    sheet = Image.new("RGB", (width, top + height), "white")
    draw = ImageDraw.Draw(sheet)
    for place, (patch, text) in enumerate(rows):
        y = pad + place * line
        if patch is not None:
            draw.rectangle((pad, y + 1, pad + size - 2, y + size - 1), fill=_TINTS[patch % len(_TINTS)])
        draw.text((left, y), text, fill="black", font=font)
    sheet.paste(Image.fromarray(picture), (0, top))
    return sheet

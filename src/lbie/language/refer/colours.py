"""The colour a thing has, measured from its pixels; sure, unsure, or surely not."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from lbie.colour.lab import rgb_to_lab

COLOURS = ("black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
"""The basic names of colours."""

_BETWEEN: tuple[tuple[str, ...], ...] = (
    ("black", "gray"),
    ("gray", "white"),
    ("brown", "yellow", "orange", "white", "pink", "gray"),
    ("green", "blue"),
    ("blue", "purple"),
    ("purple", "pink"),
    ("pink", "white", "gray"),
    ("red", "pink"),
    ("red", "orange", "brown"),
    ("orange", "yellow", "brown"),
    ("yellow", "green"),
    ("black", "brown", "red", "green", "blue", "purple"),
    ("green", "gray", "brown", "black"),
    ("blue", "gray", "white", "black"),
    ("purple", "red", "pink", "brown"),
)
"""Tones that one may call this, another that."""

_SHARE = 0.5
_RIVAL = 0.5
_TRACE = 0.1
_ENOUGH_PIXELS = 60
_PIXELS = 6000
"""Of a thing's box that are looked at, about."""
_GRAY_PHOTO = 4.0
_DARK = 60
"""Mean level of what surrounds a thing (0 to 255) below which its black may be a lack of light."""
_BITS = 3


def colour_of_lab(lab: np.ndarray) -> np.ndarray:
    """Number of each tone's name.

    Args:
        lab: (N, 3): L* in [0, 100], a*, b*.

    Returns:
        (N,) int: below 11 an index of `COLOURS`; from there on a tone between several.
    """
    light, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    name = {colour: i for i, colour in enumerate(COLOURS)}
    between = {tones: len(COLOURS) + i for i, tones in enumerate(_BETWEEN)}
    tan, dark = between[_BETWEEN[2]], between[_BETWEEN[11]]
    out = np.full(len(lab), tan)

    def paint(where: np.ndarray, number: int) -> None:
        out[where] = number

    def arc(low: float, high: float) -> np.ndarray:
        return (hue >= low) & (hue < high) if low < high else (hue >= low) | (hue < high)

    for low, high, sure, faint in (
        (345, 18, "pink", 6),
        (18, 42, "red", 6),
        (42, 52, between[_BETWEEN[8]], 2),
        (52, 72, "orange", 2),
        (72, 82, between[_BETWEEN[9]], 2),
        (82, 104, "yellow", 2),
        (104, 116, between[_BETWEEN[10]], 12),
        (116, 170, "green", 12),
        (170, 225, between[_BETWEEN[3]], 13),
        (225, 300, "blue", 13),
        (300, 311, between[_BETWEEN[4]], 4),
        (311, 335, "purple", 5),
        (335, 345, between[_BETWEEN[5]], 5),
    ):
        here = arc(low, high)
        paint(here, between[_BETWEEN[faint]])
        vivid = here & (chroma >= (16 if sure in {"green", "blue", "purple"} else 36))
        paint(vivid, name[sure] if isinstance(sure, str) else sure)
    warm, pinkish = arc(18, 82), arc(345, 18)
    paint(pinkish & (light < 55) & (chroma >= 10), between[_BETWEEN[14]])
    paint(pinkish & (light >= 60) & (chroma >= 18), name["pink"])
    paint(pinkish & (light < 58) & (chroma >= 40) & arc(5, 18), name["red"])
    paint(arc(18, 42) & (chroma >= 36) & (light > 62), between[_BETWEEN[7]])
    paint(arc(18, 42) & (chroma >= 18) & (chroma < 36), between[_BETWEEN[8]])
    paint(arc(52, 72) & (light < 62) & (chroma >= 36), between[_BETWEEN[8]])
    paint(arc(82, 104) & (light < 62) & (chroma >= 20), between[_BETWEEN[10]])
    paint(arc(42, 82) & (light >= 20) & (light < 50) & (chroma >= 14) & (chroma < 46), name["brown"])
    paint(warm & (light < 20) & (chroma >= 8), dark)
    paint((chroma >= 8) & (light < 16), dark)
    pale = chroma < 8
    paint(pale & (light < 24), name["black"])
    paint(pale & (light >= 24) & (light < 36), between[_BETWEEN[0]])
    paint(pale & (light >= 36) & (light < 64), name["gray"])
    paint(pale & (light >= 64) & (light < 78), between[_BETWEEN[1]])
    paint((chroma < 10) & (light >= 78), name["white"])
    paint((chroma < 14) & (light < 12), name["black"])
    return out


@cache
def _table() -> np.ndarray:
    """(32, 32, 32) uint8: number of the name of each RGB tone, five bits a channel."""
    steps = ((np.arange(1 << (8 - _BITS)) << _BITS) + (1 << (_BITS - 1))).astype(np.uint8)
    rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    return colour_of_lab(rgb_to_lab(rgb.reshape(-1, 1, 3)).reshape(-1, 3)).astype(np.uint8).reshape(rgb.shape[:3])


@cache
def _means() -> tuple[np.ndarray, np.ndarray]:
    """Which names each number surely means, and may mean: two (26, 11) float32."""
    sure = np.zeros((len(COLOURS) + len(_BETWEEN), len(COLOURS)), np.float32)
    sure[: len(COLOURS)] = np.eye(len(COLOURS))
    may = sure.copy()
    for i, tones in enumerate(_BETWEEN):
        may[len(COLOURS) + i, [COLOURS.index(t) for t in tones]] = 1
    return sure, may


def is_gray(rgb: np.ndarray) -> bool:
    """Whether a photo (H, W, 3) uint8 has next to no colour, so that nothing can be said of the colours in it."""
    small = rgb[::4, ::4].astype(np.int16)
    return (
        float(np.abs(small[..., 0] - small[..., 1]).mean() + np.abs(small[..., 1] - small[..., 2]).mean()) < _GRAY_PHOTO
    )


def colour_values(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """How surely a thing has each of `COLOURS`.

    Args:
        rgb: (h, w, 3) uint8, the photo around it.
        mask: (h, w) bool, its pixels.

    Returns:
        (11,) float: 1 it has it, 0 it surely has not, .5 one may say so.
    """
    step = max(1, int((mask.size / _PIXELS) ** 0.5))
    rgb, mask = rgb[::step, ::step], mask[::step, ::step]
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    if inner.sum() < _ENOUGH_PIXELS:
        return np.full(len(COLOURS), 0.5)
    pixels = rgb[inner] >> _BITS
    numbers = _table()[pixels[:, 0], pixels[:, 1], pixels[:, 2]]
    sure_of, may_of = _means()
    counts = np.bincount(numbers, minlength=len(sure_of)) / len(numbers)
    sure, may = counts @ sure_of, counts @ may_of
    values = np.where(may < _TRACE, 0.0, 0.5)
    best = int(np.argmax(sure))
    rival = np.delete(sure, best).max()
    if sure[best] >= _SHARE and rival <= _RIVAL * sure[best]:
        values[best] = 1.0
    around = rgb[~mask]
    if COLOURS[best] == "black" and len(around) and around.mean() < _DARK:
        values[best] = 0.5
    return values

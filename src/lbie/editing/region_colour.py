"""A region's mean tone moved to a colour, its shading and detail kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from lbie.colour.gamut import displayable
from lbie.colour.lab import rgb_to_lab
from lbie.colour.planes import MOST_STEPS, by_lightness
from lbie.editing.shade import shares

_SAMPLE = 40_000
_DARKEST = 14.0
"""L* of the mean tone of something black: it has light on it."""
_LIGHTEST = (86.0, 93.0)
"""L* of the mean tone of something white, with much shading and with none."""
_SHADING = 1.5  # of the spread of L*: how far below 100 the mean of something white lies, within `_LIGHTEST`
_SHOULDER = 14.0  # L* units at either end over which contrast fades, so that nothing clips
_STEEPEST = 1.8  # contrast of shading on something that becomes lighter, times that of the source
_FLATTEST = 0.45
_NEUTRAL = 8.0  # chroma of a mean tone up to which it has no hue to speak of
_COLOURED = 28.0
_ACROSS = 0.35  # of a difference in hue that is kept, where the region has a hue
_PAINTED = (0.15, 0.5)
"""Saturation over the mean's up to which a pixel of a region with a hue is no part of its paint, and from which on."""
_LIT = (0.0, 0.35)
"""Likewise L* over the mean's."""
_VIVID = 60.0
"""Chroma of the mean tone over which only part of what a colour has more is asked for: no surface has it under light
and shade alike."""
_MORE = 0.6
_STEPS = 1001


@dataclass(frozen=True)
class RegionColour:
    """How Lab changes in a region."""

    tone: np.ndarray
    """(65536,) float32: L* by luminance, see `by_lightness`, rising."""
    before: np.ndarray
    """(3,) Lab of the mean, of the painted part where the region has a hue."""
    after: np.ndarray
    """(3,) Lab of the mean afterwards."""
    turn: np.ndarray
    """(2, 2): what differences from the mean's chroma are turned and stretched by."""
    hue: float
    """How far the mean has a hue, from 0 to 1."""

    @classmethod
    def of(cls, rgb: np.ndarray, alpha: np.ndarray, colour: tuple[int, int, int], amount: float = 1.0) -> RegionColour:
        """Measure a region.

        The mean L* moves to the colour's, but not so far that no room is left for shading. Contrast grows with a
        dark thing's light and shrinks where there is no room; it fades at both ends. Chroma of each pixel keeps its
        ratio to the mean's where the region has a hue, else its difference from it. Where the region has a hue, what
        in it has none (white letters, tyres) keeps its L*.

        Args:
            rgb: (h, w, 3) uint8.
            alpha: (h, w) uint8, or float in [0, 1], not all 0.
            colour: sRGB from 0 to 255.
            amount: of the way to the colour, in [0, 1].
        """
        lab, weight = _sample(rgb, alpha)
        mean = weight @ lab  # (3,)
        for _ in range(2):
            hue = float(np.clip((np.hypot(*mean[1:]) - _NEUTRAL) / (_COLOURED - _NEUTRAL), 0, 1))
            painted = weight * _painted(lab[:, 0], np.hypot(lab[:, 1], lab[:, 2]), hue, mean)
            mean = painted @ lab / painted.sum()
        weight = painted / painted.sum()
        wanted = rgb_to_lab(np.array([[colour]], np.uint8))[0, 0].astype(np.float64)
        chroma = np.hypot(*wanted[1:])
        wanted[1:] *= 1 if chroma <= _VIVID else (_VIVID + _MORE * (chroma - _VIVID)) / chroma
        wanted = mean + amount * (wanted - mean)
        spread = float(np.sqrt(weight @ (lab[:, 0] - mean[0]) ** 2))
        lightest = np.clip(100 - _SHADING * spread, *_LIGHTEST)
        wanted[0] = np.clip(wanted[0], min(_DARKEST, mean[0]), max(lightest, mean[0]))
        tone = _tone(lab[:, 0], weight, float(mean[0]), float(wanted[0]))
        return cls(tone, mean, wanted, _turn(mean[1:], wanted[1:], hue), hue)

    def apply(self, luminance: np.ndarray, lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
        """Change any pixels of the region, as `to_planes` gives them: L*, a and b (h, w) float32."""
        tone = cv2.LUT(luminance, self.tone)
        if self.hue:
            tone -= lightness
            tone *= self._painted(luminance, cv2.magnitude(a, b))
            tone += lightness
        shift = self.after[1:] - self.turn @ self.before[1:]
        a, b = (cv2.addWeighted(a, row[0], b, row[1], x) for row, x in zip(self.turn.tolist(), shift, strict=True))
        # In shade chroma falls as the light does; on lights the gamut lowers it.
        light = (tone + np.float32(16)) * np.float32(1 / (self.after[0] + 16))
        np.minimum(light, 1.25, out=light)
        return displayable(tone, a, b, light)

    def _painted(self, luminance: np.ndarray, chroma: np.ndarray) -> np.ndarray:
        """See `_painted`: by tables, of pixels (h, w)."""
        per_chroma, saturated, lit = self._paint
        share = cv2.LUT(cv2.multiply(chroma, cv2.LUT(luminance, per_chroma), dtype=cv2.CV_16U), saturated)
        share *= cv2.LUT(luminance, lit)
        share += np.float32(1 - self.hue)
        return share

    @cached_property
    def _paint(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """By luminance, saturation in a unit of chroma; the rise by saturation; and that by luminance, times `hue`."""
        most = _PAINTED[1] * _saturation(self.before)
        return (
            by_lightness(lambda level: MOST_STEPS / most / (level + 16)),
            _rise(np.linspace(0, most, MOST_STEPS + 1, dtype=np.float32), _saturation(self.before), _PAINTED),
            by_lightness(lambda level: self.hue * _rise(level, float(self.before[0]), _LIT)),
        )


def _sample(rgb: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lab (N, 3) of some of the region's pixels, and their weights (N,), which sum to 1."""
    step = max(1, round((alpha.size / _SAMPLE) ** 0.5))
    rgb, alpha = rgb[::step, ::step], shares(alpha[::step, ::step])
    inside = alpha >= min(0.5, float(alpha.max()))
    if not inside.any():
        inside = np.ones_like(alpha, bool)
    weight = np.maximum(alpha[inside].astype(np.float64), 1e-6)
    return rgb_to_lab(rgb[inside]).astype(np.float64), weight / weight.sum()


def _tone(lightness: np.ndarray, weight: np.ndarray, mean: float, goal: float) -> np.ndarray:
    """A rising curve of L*, see `by_lightness`, that brings the mean of `lightness` (N,) to the goal."""
    steepness = ((goal + 16) / (mean + 16)) ** 0.6
    spread = float(np.sqrt(weight @ (lightness - mean) ** 2))
    room = min(goal, 100 - goal) + 0.5 * _SHOULDER
    steepness = float(np.clip(min(steepness, room / max(1.0, 1.6 * spread)), _FLATTEST, _STEEPEST))
    levels = np.linspace(0, 100, _STEPS)
    share, _ = np.histogram(lightness, np.linspace(-0.05, 100.05, _STEPS + 1), weights=weight)
    low, high = -150.0, 250.0
    for _ in range(24):
        middle = (low + high) / 2
        if share @ _shoulders(middle + steepness * (levels - mean)) < goal:
            low = middle
        else:
            high = middle
    tone = _shoulders(low + steepness * (levels - mean))
    return by_lightness(lambda level: np.interp(level, levels, tone))


def _shoulders(tone: np.ndarray) -> np.ndarray:
    """L* of any size to within [0, 100], rising all the way: bent over the last `_SHOULDER` units at both ends."""
    upper = 100 - _SHOULDER
    tone = np.where(tone > upper, 100 - _SHOULDER * np.exp(-np.maximum(tone - upper, 0) / _SHOULDER), tone)
    return np.where(tone < _SHOULDER, _SHOULDER * np.exp(np.minimum(tone - _SHOULDER, 0) / _SHOULDER), tone)


def _turn(before: np.ndarray, after: np.ndarray, hue: float) -> np.ndarray:
    """What takes one mean chroma (2,) to another, as far as the first has a hue: (2, 2) float32.

    Differences along the mean are turned and stretched in full, those across it, which are of hue, in part.
    """
    old, new = float(np.hypot(*before)), float(np.hypot(*after))
    stretch = min(new / max(old, _COLOURED), 1 + 2 * hue)
    if hue == 0 or new < 1e-6:
        return (stretch * np.eye(2)).astype(np.float32)
    from_mean = np.array([[before[0], before[1]], [-before[1], before[0]]]) / old  # to along and across
    to_mean = np.array([[after[0], -after[1]], [after[1], after[0]]]) / new
    across = 1 + hue * (_ACROSS - 1)
    return (stretch * to_mean @ np.diag([1, across]) @ from_mean).astype(np.float32)


def _painted(lightness: np.ndarray, chroma: np.ndarray, hue: float, mean: np.ndarray) -> np.ndarray:
    """How far each pixel (...) belongs to the paint of a region whose mean (3,) has a hue: (...), of the same type.

    What is far less saturated is none of it, nor what is far darker, whose saturation is mostly noise. Saturation is
    chroma over L* + 16: that of a surface, whatever light falls on it.
    """
    if hue == 0:
        return np.ones_like(lightness)
    share = _rise(chroma / (lightness + 16), _saturation(mean), _PAINTED) * _rise(lightness, float(mean[0]), _LIT)
    share -= 1
    share *= hue
    share += 1
    return share


def _saturation(mean: np.ndarray) -> float:
    """That of Lab (3,)."""
    return float(np.hypot(*mean[1:]) / (mean[0] + 16))


def _rise(value: np.ndarray, mean: float, between: tuple[float, float]) -> np.ndarray:
    """From 0 to 1, smoothly, as a value goes from one bound to the other, both in parts of the mean."""
    low, high = between
    share = value * (1 / (mean * (high - low)))
    share -= low / (high - low)
    np.clip(share, 0, 1, out=share)
    return share * share * (3 - 2 * share)

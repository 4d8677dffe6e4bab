"""The two tones of a drawing: paper and ink."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

LEAST_CONTRAST = 32.0
"""Gray levels by which ink must be darker than paper."""
_NEAR = 0.25  # of the contrast: how near a pixel must be to a tone to count as that tone
_EVEN = 0.2  # of the contrast: levels that differ by less from their neighbours are an area, not an edge
_THUMBNAIL = 128  # longer side at which edges are sharp
_AROUND, _BESIDE = np.ones((3, 3), np.uint8), np.ones((5, 5), np.uint8)
_SAMPLE = 1_000_000


@dataclass(frozen=True)
class Tones:
    """Levels in [0, 255] of gray."""

    paper: float
    """Median of the light pixels."""
    ink: float
    """Median of the dark pixels."""

    @classmethod
    def of(cls, gray: np.ndarray) -> Tones:
        """The two tones that divide the gray levels (H, W) uint8 best (Otsu); they may be the same."""
        threshold, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        light = gray > threshold
        if light.all() or not light.any():
            level = float(np.median(gray))
            return cls(level, level)
        return cls(float(np.median(gray[light])), float(np.median(gray[~light])))

    @property
    def contrast(self) -> float:
        """Gray levels between ink and paper."""
        return self.paper - self.ink

    def dark(self, gray: np.ndarray) -> np.ndarray:
        """Whether each pixel (H, W) is nearer to ink than to paper."""
        return gray < (self.paper + self.ink) / 2

    def stray(self, rgb: np.ndarray) -> float:
        """Share of pixels (H, W, 3) uint8 that are neither paper nor ink, nor a soft edge between the two.

        Such are pixels of another colour, pixels of a level between the tones away from an edge, and even areas of
        such a level.
        """
        scale = min(1.0, _THUMBNAIL / max(rgb.shape[:2]))
        size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
        small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        gray, colours = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), small.astype(np.float32)
        dark, far = self.dark(gray), _NEAR * self.contrast
        if dark.all() or not dark.any():
            return 1.0
        paper, ink = np.median(colours[~dark], axis=0), np.median(colours[dark], axis=0)  # (3,)
        line = paper - ink
        along = (colours - ink) @ line / (line @ line)  # (h, w)
        other = np.abs(colours - ink - along[..., None] * line).max(-1) > far
        levels = gray.astype(np.float32)
        between = np.minimum(np.abs(levels - self.paper), np.abs(levels - self.ink)) > far
        even = cv2.subtract(cv2.dilate(gray, _AROUND), cv2.erode(gray, _AROUND)) < _EVEN * self.contrast
        edge = cv2.dilate(dark.astype(np.uint8), _BESIDE) != cv2.erode(dark.astype(np.uint8), _BESIDE)
        return float((other | (between & (even | ~edge))).mean())

    def noise(self, gray: np.ndarray) -> float:
        """Standard deviation of the paper's gray levels, measured robustly on some of the pixels (H, W)."""
        step = max(1, round((gray.size / _SAMPLE) ** 0.5))
        levels = gray[::step, ::step].astype(np.float32)
        levels = levels[levels > self.paper - _NEAR * self.contrast]
        return 1.4826 * float(np.median(np.abs(levels - self.paper))) if levels.size else 0.0

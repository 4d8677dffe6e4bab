"""The paper of a drawing and the light that falls on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_FRAME = 64  # the frame looked at is so many times thinner than the picture
_COMMON = 0.3  # share of the frame that has exactly one colour where a drawing was made by a program
_SHARE = 0.05  # of the whole picture, the same
_SAMPLE = 50_000
_BLOCKS, _SAMPLES = 40, 6  # blocks along the longer side, and pixels looked at along each side of a block
_UPPER = 26  # of the 36 pixels of a block, in order of brightness: paper, if there is any
_NEAR = (0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.07, 0.06, 0.06, 0.06)  # how near the fit a block counts, round by round
_BELOW = 0.05  # weight of blocks that are darker, in the first rounds
_CLOUD = 2.0  # blocks: how finely light changes
_EVEN = 0.02  # light that changes by less is even
_DARKEST = 0.2


@dataclass(frozen=True)
class Sheet:
    """A picture with the light taken away."""

    paper: tuple[float, float, float]
    """RGB of the paper in full light."""
    light: np.ndarray | None
    """(H, W) float32 in [0.2, 1], or None where it is even."""
    flat: np.ndarray
    """(H, W, 3) uint8 RGB: the picture in even light."""
    noise: float
    """Standard deviation of the paper's gray levels."""


def read_sheet(rgb: np.ndarray) -> Sheet:
    """Find paper and light of any picture (H, W, 3) uint8 RGB; the paper is what there is most of along its edge."""
    colour = _exact_paper(rgb)
    if colour is not None:
        return Sheet(colour, None, rgb, 0.0)
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    coarse = _fit_light(gray)  # (h, w) gray levels of the paper
    span = float(coarse.max() / max(coarse.min(), 1e-3)) - 1
    light, flat = None, rgb
    if span > _EVEN:
        size = (rgb.shape[1], rgb.shape[0])
        light = cv2.resize(coarse / coarse.max(), size, interpolation=cv2.INTER_LINEAR).clip(_DARKEST, 1)
        flat = cv2.divide(rgb, cv2.merge([light] * 3), dtype=cv2.CV_8U)
    step = max(1, round((gray.size / _SAMPLE) ** 0.5))
    some = flat[::step, ::step].reshape(-1, 3)
    levels = cv2.cvtColor(some[None], cv2.COLOR_RGB2GRAY)[0].astype(np.float32)
    level = float(coarse.max()) if light is not None else float(np.median(coarse))
    near = np.abs(levels - level) < _NEAR[-1] * max(level, 1.0) + 2
    red, green, blue = np.median(some[near] if near.any() else some, axis=0).tolist()
    off = levels[near] - np.median(levels[near]) if near.any() else np.zeros(1)
    noise = 1.4826 * float(np.median(np.abs(off)))
    return Sheet((red, green, blue), light, flat, noise)


def _exact_paper(rgb: np.ndarray) -> tuple[float, float, float] | None:
    """The colour that most of the picture's edge has exactly, if any."""
    wide = max(1, min(rgb.shape[:2]) // _FRAME)
    frame = np.concatenate([part.reshape(-1, 3) for part in (rgb[:wide], rgb[-wide:], rgb[:, :wide], rgb[:, -wide:])])
    found, counts = np.unique(_codes(frame[:: max(1, len(frame) // _SAMPLE)]), return_counts=True)
    step = max(1, round((rgb.size / 3 / _SAMPLE) ** 0.5))
    code = found[counts.argmax()]
    if counts.max() < _COMMON * counts.sum() or (_codes(rgb[::step, ::step]) == code).mean() < _SHARE:
        return None
    return float(code >> 16), float((code >> 8) & 255), float(code & 255)


def _codes(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 to (...) int32."""
    red, green, blue = (rgb[..., i].astype(np.int32) for i in range(3))
    return (red << 16) | (green << 8) | blue


def _fit_light(gray: np.ndarray) -> np.ndarray:
    """(h, w) float32 gray level of the paper over the picture (H, W), at most 40 a side."""
    scale = _BLOCKS / max(gray.shape)
    high, wide = (max(1, round(n * scale)) for n in gray.shape)
    size = (wide * _SAMPLES, high * _SAMPLES)
    few = cv2.resize(cv2.blur(gray, (3, 3)) if scale < 0.1 else gray, size, interpolation=cv2.INTER_NEAREST)
    blocks = few.reshape(high, _SAMPLES, wide, _SAMPLES).transpose(0, 2, 1, 3).reshape(high, wide, -1)
    level = np.partition(blocks, _UPPER, axis=-1)[..., _UPPER].astype(np.float32)
    y, x = np.linspace(-1, 1, high)[:, None], np.linspace(-1, 1, wide)[None]
    terms = np.stack([t + 0 * (x + y) for t in (np.ones(1), x, y, x * x, x * y, y * y)], -1).reshape(-1, 6)
    values = level.reshape(-1).astype(np.float64)
    fit = np.full(values.shape, np.percentile(values, 75))
    for near in _NEAR:
        off = (values - fit) / np.maximum(fit, 1)
        dark = _BELOW * (0.06 / near) if near > _NEAR[4] else 0.0
        weight = np.where(off > -near, 1.0, dark) * np.where(off > 2 * near, 0.2, 1.0)
        squares = terms.T @ (terms * weight[:, None]) + 1e-3 * np.diag([0, 1, 1, 3, 3, 3]) * len(values)
        fit = terms @ np.linalg.lstsq(squares, terms.T @ (weight * values), rcond=None)[0]
    off = (values - fit) / np.maximum(fit, 1)
    kept = (np.abs(off) < _NEAR[-1]).reshape(high, wide).astype(np.uint8)
    kept = cv2.erode(kept, np.ones((3, 3), np.uint8)).astype(np.float32)  # a block beside ink has some of it
    rest = (values - fit).astype(np.float32).reshape(high, wide) * kept
    smooth = cv2.GaussianBlur(rest, (0, 0), _CLOUD) / (cv2.GaussianBlur(kept, (0, 0), _CLOUD) + 0.05)
    out: np.ndarray = np.maximum(fit.reshape(high, wide).astype(np.float32) + smooth, 1)
    return out

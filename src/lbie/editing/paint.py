"""Colours on the ink of a drawing, at full resolution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lbie.editing.drawing import Drawing, Shape

_SAMPLE = 100_000
_FULL = 0.9  # share of ink


def paint_shapes(drawing: Drawing, colours: Mapping[int, np.ndarray]) -> np.ndarray:
    """Replace the ink of some shapes by colours; paper, texture and soft edges stay.

    Args:
        drawing: the drawing.
        colours: place in `drawing.shapes` to colour (3,) RGB in [0, 255].

    Returns:
        (H, W, 3) uint8. Where there is no ink of these shapes it is the source, byte for byte.
    """
    out = drawing.source.rgb.copy()
    for number, colour in colours.items():
        shape = drawing.shapes[number]
        change = (colour - _ink_colour(drawing, shape)).astype(np.float32)
        for place, share in drawing.strips(shape):
            covered = share[..., None]  # (h, w, 1)
            if drawing.source.alpha is not None:  # what is half transparent covers half as much
                alpha = drawing.source.alpha[place].astype(np.float32)[..., None] / 255
                covered = (covered / np.maximum(alpha, 1 / 255)).clip(0, 1) * (alpha > 0)
            out[place] = np.rint(out[place] + covered * change).clip(0, 255)
    return out


def changed(drawing: Drawing, numbers: Iterable[int], rgb: np.ndarray) -> np.ndarray:
    """(H, W) float32 in [0, 1]: share of ink of the shapes `numbers` where `rgb` differs from the source."""
    mask = np.zeros(drawing.gray.shape, np.float32)
    for number in numbers:
        for place, share in drawing.strips(drawing.shapes[number]):
            differs = (rgb[place] != drawing.source.rgb[place]).any(-1)
            np.maximum(mask[place], share * differs, out=mask[place])
    return mask


def _ink_colour(drawing: Drawing, shape: Shape) -> np.ndarray:
    """(3,) median RGB of the shape's ink, its soft edge left out."""
    found = [drawing.source.rgb[place][share >= _FULL] for place, share in drawing.strips(shape)]  # each (N, 3)
    step = max(1, sum(map(len, found)) // _SAMPLE)
    inner = np.concatenate([colours[::step] for colours in found])
    return np.median(inner, axis=0) if len(inner) else np.full(3, shape.ink)

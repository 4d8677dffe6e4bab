"""Which columns of a band of rows a region covers: what is not of it is not looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lbie.colour.bands import LONGEST

_BLOCK = 128
"""Columns that are looked at together."""
_NEAR = 4
"""Blocks of nothing that two spans have to be apart to be two, since each takes time of its own."""


@dataclass(frozen=True)
class Span:
    """Columns of a band that hold some of a region, at most `LONGEST` of them."""

    columns: slice
    runs: tuple[tuple[slice, bool], ...]
    """Columns of the span one after the other, and whether all of their pixels are the region's in full."""


def spans(mask: np.ndarray) -> Iterator[Span]:
    """Those of a band (h, W) of a mask: uint8 up to 255, or float up to 1."""
    width = mask.shape[1]
    starts = np.arange(0, width, _BLOCK)
    held = np.flatnonzero(np.maximum.reduceat(mask.max(0), starts))
    full = np.minimum.reduceat(mask.min(0), starts) >= (255 if mask.dtype == np.uint8 else 1)
    for near in np.split(held, np.flatnonzero(np.diff(held) > _NEAR) + 1):
        for first in range(near[0], near[-1] + 1, LONGEST // _BLOCK) if len(near) else ():
            last = min(near[-1] + 1, first + LONGEST // _BLOCK)
            edges = [0, *(np.flatnonzero(np.diff(full[first:last])) + 1).tolist(), last - first]
            ends = [min(width - first * _BLOCK, edge * _BLOCK) for edge in edges]
            yield Span(
                slice(first * _BLOCK, min(width, last * _BLOCK)),
                tuple(
                    (slice(start, end), bool(full[first + edge]))
                    for edge, start, end in zip(edges, ends, ends[1:], strict=False)
                ),
            )

"""Numbers of chance that are the same on every machine, whichever world is asked for first."""

from __future__ import annotations

import hashlib

import numpy as np

_BLOCK = 4
"""Philox gives four numbers a count."""


def draw_numbers(key: str, start: int, count: int, width: int) -> np.ndarray:
    """Uniform numbers for the worlds `start` to `start + count - 1` of the stream named `key`.

    A world's numbers depend on the key and its index alone: the counter of the Philox generator is set to where the
    world begins. Only its raw bits are used, which NumPy keeps the same in every version.

    Returns:
        (count, width) float64 in [0, 1); `width` is a multiple of four.
    """
    digest = hashlib.sha256(f"lbie cosal 1: {key}".encode()).digest()
    generator = np.random.Philox(key=int.from_bytes(digest[:16], "little"), counter=start * width // _BLOCK)
    raw = generator.random_raw(count * width)
    return ((raw >> np.uint64(11)) * 2.0**-53).reshape(count, width)

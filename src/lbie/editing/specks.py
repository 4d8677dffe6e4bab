"""Specks beside the one thing that was meant."""

from __future__ import annotations

import cv2
import numpy as np

_FAINT = 0.25
"""Probability from which on pixels hang together."""
_LEAST = 0.1
"""Share of the largest part below which a part is a speck."""


def without_specks(probability: np.ndarray) -> np.ndarray:
    """A map of probability without the parts that are small beside its largest.

    Args:
        probability: (h, w) float in [0, 1]. What of it is above .25 and touches is a part; its size is the number of
            its pixels above .5.

    Returns:
        (h, w) of the same type, 0 where a speck was; the same map where nothing is above .5.
    """
    _, parts = cv2.connectedComponents((probability > _FAINT).astype(np.uint8))
    sizes = np.bincount(parts.ravel(), (probability > 0.5).ravel())
    kept = sizes >= _LEAST * sizes.max()
    kept[0] = True  # around the parts
    return np.where(kept[parts], probability, 0).astype(probability.dtype, copy=False)

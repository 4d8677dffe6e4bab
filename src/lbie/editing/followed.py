"""Whether the colours that were hinted at came out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lbie.colour.lab import lab_to_rgb, rgb_to_lab
from lbie.editing.controls import Hint

_FAR = 10.0
"""CIE94 difference from which on a hint was not followed: those that are lie below 8, others mostly above 14."""


def not_followed(hints: Sequence[Hint], lightness: np.ndarray, ab: np.ndarray) -> list[str]:
    """A line for each hint whose point gets another colour, of those that its lightness allows.

    Args:
        hints: the hints.
        lightness: (h, w) L* of the photo.
        ab: (h, w, 2) chroma that the model wants there.
    """
    height, width = lightness.shape
    lines = []
    for hint in hints:
        row, column = min(int(hint.y * height), height - 1), min(int(hint.x * width), width - 1)
        asked = rgb_to_lab(np.array(hint.colour, np.uint8))
        here = np.stack([np.append(lightness[row, column], c) for c in (asked[1:], ab[row, column])])
        rgb = lab_to_rgb(here)
        if _difference(*rgb_to_lab(rgb)[:, 1:]) > _FAR:
            wanted, got = ("#{:02x}{:02x}{:02x}".format(*np.rint(255 * colour).astype(int)) for colour in rgb)
            lines.append(
                f"the hint {hint} is not followed: at the lightness of that point it means {wanted}, and the colour is "
                f"{got}"
            )
    return lines


def _difference(asked: np.ndarray, got: np.ndarray) -> float:
    """CIE94 of two ab (2,) at one lightness."""
    chroma = np.hypot(*asked)
    along = np.hypot(*got) - chroma
    across = max(0.0, ((got - asked) ** 2).sum() - along**2)
    return float(np.hypot(along / (1 + 0.045 * chroma), across**0.5 / (1 + 0.015 * chroma)))

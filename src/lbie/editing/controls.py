"""What a person may ask for beside the sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from PIL import ImageColor

from lbie.errors import InputError

MOST_STRENGTH = 2.0
"""Twice the change that the model makes."""
MOST_HINTS = 64
_HINT = re.compile(r"\s*([\d.]+)(%?)\s*,\s*([\d.]+)(%?)\s*,\s*(\S.*?)\s*", re.ASCII)


@dataclass(frozen=True)
class Hint:
    """A point of the image and the colour that it should get."""

    x: float
    """From the left, in [0, 1]."""
    y: float
    """From the top, in [0, 1]."""
    colour: tuple[int, int, int]
    """sRGB, 0 to 255."""

    def __str__(self) -> str:
        """As `parse` reads it, in percent."""
        return "{:.4g}%,{:.4g}%,#{:02x}{:02x}{:02x}".format(100 * self.x, 100 * self.y, *self.colour)

    @classmethod
    def parse(cls, text: str, size: tuple[int, int]) -> Hint:
        """Read `X,Y,COLOUR`: `120,80,#cc3344` in pixels, or `50%,25%,crimson`.

        Args:
            text: the hint.
            size: (height, width) of the image.

        Raises:
            InputError: it is no such hint, no such colour, or outside the image.
        """
        found = _HINT.fullmatch(text)
        if not found:
            raise InputError(f"a hint is X,Y,COLOUR, such as 120,80,#cc3344 or 50%,25%,crimson; got '{text}'")
        places = []
        for name, number, percent, side in (
            ("x", found[1], found[2], size[1]),
            ("y", found[3], found[4], size[0]),
        ):
            try:
                value = float(number) / (100 if percent else side)
            except ValueError as error:
                raise InputError(f"the hint '{text}' has '{number}' for {name}, which is no number") from error
            if value > 1 or (value == 1 and not percent):
                raise InputError(f"the hint '{text}' lies outside the image, which is {size[1]} x {size[0]} pixels")
            places.append(value)
        try:
            colour = ImageColor.getrgb(found[5])
        except ValueError as error:
            raise InputError(
                f"the hint '{text}' has no known colour: give #rrggbb or a CSS name such as crimson, got '{found[5]}'"
            ) from error
        return cls(places[0], places[1], colour[:3])


@dataclass(frozen=True)
class Controls:
    """All of it."""

    strength: float = 1.0
    """What the change (of a coloured photo, of its chroma) is multiplied by, at most `MOST_STRENGTH`."""
    keep_background: bool = False
    """Leave what the sentence does not speak of as it is in the source."""
    mask: np.ndarray | None = None
    """(H, W) float32 in [0, 1]: how far each pixel may change; exactly as in the source where it is 0."""
    hints: tuple[Hint, ...] = ()
    """Colours of points."""

    def check(self, size: tuple[int, int]) -> None:
        """Refuse what cannot be done to an image of (height, width).

        Raises:
            InputError: a strength out of range, a mask of another size or range, too many hints.
        """
        if not 0 < self.strength <= MOST_STRENGTH:
            raise InputError(f"strength must be above 0 and at most {MOST_STRENGTH:g}, got {self.strength:g}")
        if len(self.hints) > MOST_HINTS:
            raise InputError(f"at most {MOST_HINTS} hints are read, got {len(self.hints)}")
        if self.mask is None:
            return
        if self.mask.shape != size:
            got = " x ".join(map(str, self.mask.shape[::-1]))
            raise InputError(f"the mask is {got} pixels, the image {size[1]} x {size[0]}: they have to be the same")
        if not (self.mask.min() >= 0 and self.mask.max() <= 1):
            raise InputError(f"a mask has values from 0 to 1, got {self.mask.min():g} to {self.mask.max():g}")
        if not self.mask.any():
            raise InputError("the mask is black all over: nothing may change; paint white what may")

    @property
    def record(self) -> dict[str, object]:
        """What is stored with the result: only what differs from the default."""
        found: dict[str, object] = {}
        if self.strength != 1:
            found["strength"] = self.strength
        if self.keep_background:
            found["keep_background"] = True
        if self.mask is not None:
            found["mask"] = True
        if self.hints:
            found["hints"] = [str(hint) for hint in self.hints]
        return found

"""What is to be done to a region of a photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lbie.language.colour_words import NamedColour

Kind = Literal["colour", "gray out", "brighten", "darken", "blur", "cut out"]
LITTLE, NORMAL, MUCH = 0.5, 1.0, 1.75
"""How far a change goes when it is "a little", nothing is said, and "a lot"."""


@dataclass(frozen=True)
class Change:
    """One change."""

    kind: Kind
    """Which."""
    colour: NamedColour | None = None
    """What the region's mean tone moves towards; only where the kind is `colour`."""
    amount: float = NORMAL
    """How far it goes: above 0; a colour, and gray, are reached at 1."""

    def __post_init__(self) -> None:
        if (self.colour is not None) != (self.kind == "colour"):
            raise ValueError(f"a change has a colour if it is of the kind 'colour', got {self}")
        if not 0 < self.amount < 10:
            raise ValueError(f"the amount of a change is above 0 and below 10, got {self.amount}")

    def __str__(self) -> str:
        """`colour red`, `brighten a little`."""
        much = "" if self.amount == NORMAL else " a little" if self.amount < NORMAL else " a lot"
        return f"{self.kind}{'' if self.colour is None else f' {self.colour.name}'}{much}"

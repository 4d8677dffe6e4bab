"""Numbers of chance as they are needed, the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from lbie.data.cosal.draws import draw_numbers

T = TypeVar("T")
_BLOCK = 256


class Chance:
    """The stream of numbers named by a key; what is drawn depends on the key and on what was drawn before."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._blocks = 0
        self._left: list[float] = []

    def number(self) -> float:
        """In [0, 1)."""
        if not self._left:
            self._left = draw_numbers(self.key, self._blocks, 1, _BLOCK)[0, ::-1].tolist()
            self._blocks += 1
        return self._left.pop()

    def numbers(self, count: int) -> np.ndarray:
        """(count,) in [0, 1)."""
        return np.array([self.number() for _ in range(count)])

    def between(self, low: float, high: float) -> float:
        """Uniform from `low` up to `high`."""
        return low + (high - low) * self.number()

    def below(self, count: int) -> int:
        """A whole number from 0 to `count - 1`."""
        return int(self.number() * count)

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.number() < probability

    def choose(self, choices: Sequence[T]) -> T:
        """One of them, each as likely."""
        return choices[int(self.number() * len(choices))]

    def weigh(self, choices: dict[T, float]) -> T:
        """One of the keys, as likely as its value says."""
        left = self.number() * sum(choices.values())
        for choice, weight in choices.items():
            left -= weight
            if left < 0:
                return choice
        return next(reversed(choices))

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All of them in any order."""
        keys = [self.number() for _ in things]
        return [things[i] for i in sorted(range(len(things)), key=keys.__getitem__)]

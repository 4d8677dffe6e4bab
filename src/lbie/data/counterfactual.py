"""Counterfactual examples: the same photo with its flower in other colours, and a description that says so.

Without them a colorizer follows the species; with them it has to follow the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbie.data.flower_colours import nearest, prototypes, region_colours
from lbie.language.colour_names import swap_colour
from lbie.language.flower_sentences import (
    HEARTS,
    PARTS,
    PARTS_BY_NOUN,
    PARTS_REVERSED,
    TIPS,
    WHOLE,
    words_of_sentences,
)
from lbie.language.named_colours import name_to_ab, taught_names

_LEAST_SHARE, _MOST_SHARE = 0.06, 0.9  # of the photo that a region fills to be recoloured
_APART = 20.0  # in ab: how much petals and heart differ at least
_VIVID = (0.93, 1.07)  # of the chroma of the pure colour
_TURN = {"blue": -7.0}  # degrees of hue: the survey's blue is nearer to what captions call purple
_NOISE = 1.0  # in ab: standard deviation about a name


@dataclass(frozen=True)
class Counterfactual:
    """Another look of a photo's flower; each colour is ab (2,), None for what stays as it is."""

    text: str
    """A description of it."""
    petals: np.ndarray | None
    """The flower as a whole."""
    heart: np.ndarray | None = None
    """Its heart."""
    tips: np.ndarray | None = None
    """The outer ends of its petals."""


class Recolourer:
    """Draws counterfactual colours: those of real flowers, vivid ones, and names of the survey and of CSS."""

    def __init__(self, rgb: np.ndarray, region: np.ndarray, families: Sequence[str | None], parts: float = 0.0) -> None:
        self.families, self.parts = list(families), parts
        self.colours = region_colours(rgb, region)
        share = region.reshape(len(region), -1).mean(1)
        self.usable = (share > _LEAST_SHARE) & (share < _MOST_SHARE)
        self.points = prototypes(self.colours, families)
        names = np.array([f or "" for f in families])
        near = nearest(self.colours, self.points) if self.points else names  # captions may tell no colour at all
        self.bank = {c: self.colours[(names == c) & (near == c)] for c in self.points}
        """Colours of real flowers that are clearly what their captions call them."""
        self.bank = {c: bank for c, bank in self.bank.items() if len(bank)}

    def draw(self, index: int, captions: Sequence[str], rng: np.random.Generator) -> Counterfactual | None:
        """Another look of photo `index`; None where the photo is not suitable."""
        if not self.usable[index]:
            return None
        kind = rng.random()
        if kind < self.parts:
            return self._in_parts(rng)
        old = self.families[index]
        choices = [c for c in self.bank if c != old]
        if not choices or kind > (1 + self.parts) / 2:
            name, target = self._named(rng)
            return Counterfactual(_pick(WHOLE, rng).format(name), target)
        new = str(rng.choice(choices))
        if old and rng.random() < 0.5:
            text = swap_colour(captions[int(rng.integers(len(captions)))], old, new)
            if text:
                return Counterfactual(text, self.real(new, rng) * rng.uniform(1.0, 1.2))
        return Counterfactual(_pick(WHOLE, rng).format(new), self.vivid(new, rng))

    def real(self, colour: str, rng: np.random.Generator) -> np.ndarray:
        """The ab (2,) of some real flower of a control colour."""
        return self.bank[colour][rng.integers(len(self.bank[colour]))]

    def vivid(self, colour: str, rng: np.random.Generator) -> np.ndarray:
        """A clear shade of a control colour, ab (2,): that of its name; of a pale one that of a real flower."""
        pure = name_to_ab(colour)
        if np.hypot(*pure) <= np.hypot(*self.points[colour]):
            return self.real(colour, rng)
        shade = complex(*pure) * np.exp(1j * np.radians(_TURN.get(colour, 0.0))) * rng.uniform(*_VIVID)
        return np.array([shade.real, shade.imag]) + rng.normal(0, _NOISE, 2)

    def _named(self, rng: np.random.Generator) -> tuple[str, np.ndarray]:
        """A name and its ab; of the control colours that of `vivid`."""
        names, ab, share = taught_names()
        place = int(rng.choice(len(names), p=share))
        if names[place] in self.bank:
            return names[place], self.vivid(names[place], rng)
        return names[place], ab[place] + rng.normal(0, _NOISE, 2)

    def _colour(self, rng: np.random.Generator) -> tuple[str, np.ndarray]:
        if not self.bank or rng.random() < 0.3:
            return self._named(rng)
        colour = str(rng.choice(list(self.bank)))
        return colour, self.vivid(colour, rng)

    def _in_parts(self, rng: np.random.Generator) -> Counterfactual:
        one, first = self._colour(rng)
        two, second = self._colour(rng)
        while np.linalg.norm(first - second) < _APART:
            two, second = self._colour(rng)
        if rng.random() < 0.2:
            return Counterfactual(_pick(TIPS, rng).format(one, two), first, tips=second)
        heart, kind = _pick(HEARTS, rng), rng.random()
        if kind < 0.25:
            text = _pick(PARTS_REVERSED, rng).format(two, heart, one)
        else:
            text = _pick((*PARTS, *PARTS_BY_NOUN), rng).format(one, two, heart)
        return Counterfactual(text, first, heart=second)


def possible_texts() -> list[str]:
    """Texts that hold every word which a description of a counterfactual may have beside those of the captions."""
    return [*words_of_sentences(), *taught_names()[0]]


def _pick(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]

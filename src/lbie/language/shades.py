"""Shades of the control colours: what a variant of a sentence may say instead."""

from __future__ import annotations

import re

from PIL import ImageColor

from lbie.language.colour_names import FAMILY_OF
from lbie.language.vocabulary import tokenize

SHADES: dict[str, tuple[str, ...]] = {
    "white": ("ivory", "cream", "off white", "pale pink", "pale yellow"),
    "red": ("dark red", "crimson", "scarlet", "bright red", "brick red", "cherry red"),
    "orange": ("light orange", "dark orange", "bright orange", "burnt orange", "pumpkin", "tangerine"),
    "yellow": ("pale yellow", "golden yellow", "bright yellow", "mustard", "lemon yellow", "sunflower yellow"),
    "blue": ("sky blue", "light blue", "royal blue", "deep blue", "navy blue", "cornflower blue"),
    "purple": ("lavender", "lilac", "violet", "deep purple", "light purple", "plum"),
    "pink": ("pale pink", "hot pink", "rose pink", "deep pink", "salmon pink", "dusty rose"),
}
"""Names of the XKCD survey, by control colour."""
_COLOUR = re.compile(r"\b(" + "|".join(SHADES) + r")\b", re.IGNORECASE)

_WORDS = {*FAMILY_OF, *ImageColor.colormap, *(names.split()[-1] for group in SHADES.values() for names in group)}


def names_colour(sentence: str) -> bool:
    """Whether a sentence has a word for a colour: of the captions, of CSS, or of the shades."""
    return not _WORDS.isdisjoint(tokenize(sentence))


def variant(sentence: str, seed: int) -> str:
    """A sentence with each control colour replaced by one of its shades, another for each seed from 1.

    Seed 0 leaves it as it is, and so does a sentence that names none; a word is replaced wherever it occurs.
    """
    if seed == 0:
        return sentence

    def shade(found: re.Match[str]) -> str:
        names = SHADES[found[1].lower()]
        return names[(seed - 1) % len(names)]

    return _COLOUR.sub(shade, sentence)

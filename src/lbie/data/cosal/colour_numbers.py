"""CoSaL's six colours as the colour library has them."""

from __future__ import annotations

from functools import cache

from lbie.data.cosal.templates import COLOUR_NAMES
from lbie.language.colour_mentions import colour_words, find_mentions


@cache
def colour_numbers() -> dict[tuple[int, int, int], int]:
    """RGB of every name of the six colours to the colour's index."""
    names = ((number, name) for number, several in enumerate(COLOUR_NAMES) for name in several)
    return {find_mentions(colour_words(name))[0].colour.rgb: number for number, name in names}

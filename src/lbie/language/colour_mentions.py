"""Where a sentence names colours: any name of the colour library, with shades before it, or hex."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lbie.language.colour_words import MOST_WORDS, NamedColour, find_colour
from lbie.language.vocabulary import normalise

_TOKEN = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![^\W_])|[^\W_]+(?:'[^\W_]+)*|[.;!?]")
_NO_COLOUR = frozenset(("very", "medium", "light", "dark", "square", "the", "a"))
"""Words that are not taken for colours by themselves."""


@dataclass(frozen=True)
class ColourMention:
    """A colour that words name."""

    start: int
    """Number of its first word."""
    end: int
    """Number after its last one."""
    colour: NamedColour
    """What it is."""


def colour_words(text: str) -> list[str]:
    """Words, sentence ends and hex codes, in order; as `tokenize`, which knows no hex codes."""
    return _TOKEN.findall(normalise(text))


def find_mentions(words: Sequence[str]) -> list[ColourMention]:
    """The colours that words name, from the left on, of each the longest name.

    Args:
        words: of `colour_words`.
    """
    found = []
    start = 0
    while start < len(words):
        mention = _longest(tuple(words[start : start + MOST_WORDS]))
        if mention is None:
            start += 1
            continue
        count, colour = mention
        found.append(ColourMention(start, start + count, colour))
        start += count
    return found


@lru_cache(maxsize=65_536)
def _longest(words: tuple[str, ...]) -> tuple[int, NamedColour] | None:
    for count in range(len(words), 0, -1):
        if words[count - 1] in _NO_COLOUR:
            continue
        colour = find_colour(words[:count])
        if colour is not None:
            return count, colour
    return None

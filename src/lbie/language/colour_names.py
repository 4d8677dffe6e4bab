"""Colour words of captions, grouped into the families that the field's evaluation uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

FAMILIES: dict[str, tuple[str, ...]] = {
    "white": ("white", "cream", "creamy", "ivory", "whitish"),
    "red": ("red", "crimson", "scarlet", "maroon", "reddish", "burgundy"),
    "orange": ("orange", "peach", "orangish", "apricot", "coral", "salmon"),
    "yellow": ("yellow", "gold", "golden", "yellowish", "lemon"),
    "blue": ("blue", "bluish", "navy", "indigo", "cyan", "turquoise"),
    "purple": ("purple", "violet", "lavender", "lilac", "purplish", "mauve"),
    "pink": ("pink", "magenta", "fuchsia", "rose", "pinkish", "fuschia"),
    "green": ("green", "greenish", "lime", "olive"),
    "brown": ("brown", "tan", "brownish", "bronze"),
    "black": ("black", "blackish"),
}
"""Family name to the words of captions that belong to it; the first word is the family's own."""

CONTROL_COLOURS = ("white", "red", "orange", "yellow", "blue", "purple", "pink")
"""The seven colours in which every photo is recoloured by the colour-control evaluation."""

FAMILY_OF = {word: family for family, words in FAMILIES.items() for word in words}
_WORD = re.compile(r"[a-z]+")


def families_in(text: str) -> set[str]:
    """Colour families that a text mentions."""
    return {FAMILY_OF[w] for w in _WORD.findall(text.lower()) if w in FAMILY_OF}


def agreed_mention(mentions: Sequence[set[str]], share: float = 0.5, rival: float = 0.5) -> str | None:
    """The one colour that an image's captions agree on, or None.

    Agreed: named by at least `share` of the captions while no other colour but green (leaves, sepals)
    is named more than `rival` times as often.

    Args:
        mentions: the colours that each caption names.
        share: of the captions.
        rival: of the captions that name the first.
    """
    counts = Counter(colour for named in mentions for colour in named)
    green = counts.pop("green", 0)
    if not counts:
        return None
    (top, votes), *rest = counts.most_common()
    if votes < share * len(mentions) or green > votes:
        return None
    if rest and rest[0][1] > rival * votes:
        return None
    return top


def agreed_colour(captions: Sequence[str], share: float = 0.5, rival: float = 0.5) -> str | None:
    """The one colour family that captions agree on, or None; see `agreed_mention`."""
    return agreed_mention([families_in(c) for c in captions], share, rival)


def swap_colour(caption: str, old: str, new: str) -> str | None:
    """Rewrite every word of family `old` as the name of family `new`; None if the caption has no such word."""
    pattern = re.compile(r"\b(" + "|".join(FAMILIES[old]) + r")\b", re.IGNORECASE)
    swapped, n = pattern.subn(new, caption)
    return swapped if n else None

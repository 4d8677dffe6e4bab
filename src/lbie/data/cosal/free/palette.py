"""Colours by any name: of the XKCD survey, of CSS, with a shade before it, or in hex."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from lbie.data.cosal.free.chance import Chance
from lbie.language.colour_words import find_colour
from lbie.language.named_colours import css_names, survey_levels

COMMON = 300
"""Names of the survey that are taken, the most often given."""
HELD_OUT = 0.1
"""Share of the names that the train split never has."""
SHADES = ("light", "dark", "pale", "bright", "deep", "pastel", "vivid", "soft", "muted", "dull")
"""Words before a name, of those that `find_colour` knows."""
_RUDE = frozenset(("puke", "poop", "poo", "shit", "snot", "vomit", "piss", "bile", "barf", "booger"))
_WAYS = {"survey": 0.4, "css": 0.25, "shade": 0.2, "hex": 0.15}
_UNSEEN = 0.4
"""Share of the names of val and test that are drawn from those held out."""
_FIRST = re.compile(
    "(alice|antique|blue|blanched|burly|cadet|cornflower|dark|deep|dim|dodger|fire|floral|forest|ghost|golden|goldenrod"
    "|green|hot|indian|lavender|lawn|lemon|light|lime|medium|midnight|mint|misty|navajo|old|olive|orange|pale|papaya"
    "|peach|powder|rebecca|rosy|royal|saddle|sandy|sea|sky|slate|spring|steel|violet|white|yellow)"
    "(?=blue|brown|chiffon|coral|cream|cyan|drab|gold|gray|green|grey|khaki|lace|magenta|olive|orange|orchid|pink|puff"
    "|purple|red|rose|salmon|sea|sky|slate|smoke|spring|turquoise|violet|whip|white|wood|yellow|almond|blush|brick)"
)
"""A word of a CSS name and what may follow it: names such as `darkseagreen` are written apart as well."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A colour as a sentence names it."""

    name: str
    """As it is written."""
    rgb: tuple[int, int, int]
    """sRGB, 0 to 255."""
    way: str
    """survey, css, shade or hex."""
    held_out: bool
    """Whether the train split never has this name."""


def is_held_out(name: str) -> bool:
    """Whether a name of the survey or of CSS is kept from the train split, however it is written."""
    key = re.sub(r"[\s/'-]", "", name.lower().replace("grey", "gray"))
    digest = hashlib.sha256(f"lbie palette 1: {key}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < HELD_OUT * 2**32


@cache
def names(way: str) -> tuple[str, ...]:
    """The names of `survey` (the commonest, without the rude ones) or of `css`."""
    if way == "survey":
        kept = [name for name in survey_levels() if not _RUDE & set(re.split(r"[\s/'-]", name))]
        return tuple(kept[:COMMON])
    return tuple(css_names())


@cache
def _drawn_from(way: str, held_out: bool) -> tuple[str, ...]:
    return tuple(name for name in names(way) if is_held_out(name) == held_out)


def draw_naming(split: str, chance: Chance) -> Naming:
    """A colour in any of the ways to name one; in val and test, some are of those held out."""
    way = chance.weigh(_WAYS)
    if way == "hex":
        return _draw_hex(chance)
    held_out = split != "train" and chance.happens(_UNSEEN)
    source = chance.choose(("survey", "css")) if way == "shade" else way
    name = chance.choose(_drawn_from(source, held_out))
    if source == "css" and chance.happens(0.5):
        name = write_apart(name)
    if way == "shade" and name.split()[0] not in SHADES:
        shaded = f"{chance.choose(SHADES)} {name}"
        known = is_held_out(shaded)  # "light blue" may be a name of its own
        if known == held_out or shaded not in survey_levels():
            name = shaded
    return _naming(name, way, held_out)


def write_apart(name: str) -> str:
    """`dark sea green` of `darkseagreen`."""
    while (longer := _FIRST.sub(r"\1 ", name)) != name:
        name = longer
    return name


def _naming(name: str, way: str, held_out: bool) -> Naming:
    found = find_colour(name.split())
    if found is None:
        raise ValueError(f"'{name}' names no colour")
    return Naming(name, found.rgb, way, held_out)


def _draw_hex(chance: Chance) -> Naming:
    digits = "".join("0123456789abcdef"[chance.below(16)] for _ in range(3 if chance.happens(0.15) else 6))
    found = find_colour([f"#{digits}"])
    if found is None:
        raise ValueError(f"'#{digits}' is no colour")
    return Naming(f"#{digits.upper() if chance.happens(0.3) else digits}", found.rgb, "hex", False)

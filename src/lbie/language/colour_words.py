"""Words to colours: a name of the XKCD survey or of CSS, such a name with a shade before it, or hex."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from lbie.colour.gamut import displayable
from lbie.colour.planes import to_planes, to_rgb
from lbie.language.named_colours import survey_levels

MOST_WORDS = 6
"""Words of the longest name that is looked for."""
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
_SHADES: dict[str, tuple[float, float, float]] = {
    "light": (0.4, 0, 0.85),
    "lighter": (0.4, 0, 0.85),
    "pale": (0.6, 0, 0.5),
    "pastel": (0.6, 0, 0.55),
    "bright": (0.1, 0, 1.3),
    "vivid": (0, 0, 1.4),
    "neon": (0.15, 0, 1.6),
    "hot": (0, 0, 1.3),
    "medium": (0, 0, 1),
    "soft": (0.2, 0, 0.7),
    "dull": (0, 0, 0.5),
    "muted": (0, 0, 0.5),
    "deep": (0, 0.3, 1.1),
    "dark": (0, 0.45, 0.85),
    "darker": (0, 0.45, 0.85),
    "very": (0, 0, 1),
}
"""Of words before a name: how far L* moves towards 100, how far towards 0, and what chroma is multiplied by."""


@dataclass(frozen=True)
class NamedColour:
    """A colour and what it was called."""

    name: str
    """As it was written, normalised."""
    rgb: tuple[int, int, int]
    """sRGB, 0 to 255."""


def find_colour(words: Sequence[str]) -> NamedColour | None:
    """The colour that words name, all of them together, or None.

    What the survey calls so comes before CSS; a name of two words may be written as one, with "grey" or "gray". Where
    neither has it, "light", "dark", "pale", "deep", "bright" and the like change the colour that the rest names.

    Args:
        words: normalised words, such as `dark`, `sea`, `green`; or one hex code, `#rgb` or `#rrggbb`.
    """
    name = " ".join(words)
    if len(words) == 1 and _HEX.fullmatch(name):
        digits = name[1:] if len(name) == 7 else "".join(2 * digit for digit in name[1:])
        red, green, blue = bytes.fromhex(digits)
        return NamedColour(name, (red, green, blue))
    if not 0 < len(words) <= MOST_WORDS:
        return None
    levels = _names().get(_key(name))
    if levels is not None:
        return NamedColour(name, levels)
    shade = _SHADES.get(words[0])
    plain = find_colour(words[1:]) if shade is not None else None
    return None if plain is None or shade is None else NamedColour(name, _shaded(plain.rgb, *shade))


def ends_with_colour(words: Sequence[str]) -> int:
    """How many words at the end are the longest name of a colour; 0 where they name none."""
    return next((n for n in range(min(MOST_WORDS, len(words)), 0, -1) if find_colour(words[-n:])), 0)


def is_shade(word: str) -> bool:
    """Whether a word may stand before the name of any colour."""
    return word in _SHADES


def suggest_colour(word: str) -> str | None:
    """The name of a colour that is nearest to a misspelt one, or None where nothing is near."""
    from rapidfuzz import fuzz, process

    names = [name for name in survey_levels() if " " not in name]
    found = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=75) if len(word) > 2 else None
    return found[0] if found else None


def _key(name: str) -> str:
    """What the ways to write a name have in common."""
    return re.sub(r"[\s/'-]", "", name.replace("grey", "gray"))


@cache
def _names() -> dict[str, tuple[int, int, int]]:
    from PIL import ImageColor

    css = {name: ImageColor.getrgb(name)[:3] for name in ImageColor.colormap}
    found: dict[str, tuple[int, int, int]] = {}
    for name, levels in (*survey_levels().items(), *css.items()):
        found.setdefault(_key(name), levels)
    return found


def _shaded(rgb: tuple[int, int, int], lighter: float, darker: float, vivid: float) -> tuple[int, int, int]:
    _, lightness, a, b = to_planes(np.array([[rgb]], np.uint8))  # (1, 1) each
    lightness += lighter * (100 - lightness) - darker * lightness
    shown = displayable(lightness, a * np.float32(vivid), b * np.float32(vivid))
    red, green, blue = to_rgb(shown)[0, 0].tolist()
    return red, green, blue

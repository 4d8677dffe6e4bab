"""Names of colours and where they lie in ab: CSS names from Pillow, names of the XKCD survey from `survey.txt`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from lbie.colour.gamut import map_to_gamut
from lbie.colour.lab import rgb_to_lab
from lbie.language.colour_names import CONTROL_COLOURS, agreed_mention

FLOWER_LIGHTNESS = (40.0, 60.0, 80.0)
"""L* of flowers: the 10th, 50th and 90th percentile over the regions of the train photos, rounded."""
_UNSAID = frozenset(("puke", "poop", "poo", "shit", "snot", "vomit", "piss", "bile", "barf", "booger", "diarrhea"))
"""Words of the survey that nobody says of a petal."""
_GRAYS = ("grey", "gray", "greyish", "grayish", "slate", "dull", "dusty", "drab")
_DARKS = ("black", "dark", "brown", "brownish", "chocolate", "dirty", "muddy", "mud", "army")
_NO_HUE = frozenset((*_GRAYS, *_DARKS))
"""Words that speak of lightness or of grayness, which the source photo decides."""
_RARE = 400  # place in the survey from which on all names are taught equally often


def _lab(red: float, green: float, blue: float) -> np.ndarray:
    return rgb_to_lab(np.array([[[red, green, blue]]], np.float32))[0, 0]


@cache
def css_names() -> dict[str, np.ndarray]:
    """The CSS colour names of Pillow's `ImageColor`, in its order, to their Lab (3,) float32."""
    from PIL import ImageColor

    colours = {name: ImageColor.getrgb(name)[:3] for name in ImageColor.colormap}
    return {name: _lab(*(level / 255 for level in rgb)) for name, rgb in colours.items()}


@cache
def survey_levels() -> dict[str, tuple[int, int, int]]:
    """The 949 names of the XKCD survey (Munroe 2010), most often given first, to their sRGB levels from 0 to 255."""
    lines = files("lbie.language").joinpath("survey.txt").read_text("utf-8").splitlines()[1:]
    codes = {line[8:]: bytes.fromhex(line[1:7]) for line in lines}
    return {name: (code[0], code[1], code[2]) for name, code in codes.items()}


@cache
def xkcd_names() -> dict[str, np.ndarray]:
    """The names of the XKCD survey in the order of `survey_levels`, to their Lab (3,) float32."""
    return {name: _lab(*(level / 255 for level in levels)) for name, levels in survey_levels().items()}


def name_to_ab(name: str) -> np.ndarray:
    """The ab (2,) float32 of a name: what the XKCD survey calls so, else CSS.

    Raises:
        KeyError: neither has the name.
    """
    names = xkcd_names() if name in xkcd_names() else css_names()
    return names[name][1:]


def displayed(ab: np.ndarray, lightness: float) -> np.ndarray:
    """What the gamut mapping leaves of a colour (2,) on an even surface of some L*: (2,) float32."""
    flat = np.full((8, 8), lightness, np.float32)
    _, a, b = map_to_gamut(flat, np.broadcast_to(ab.astype(np.float32), (8, 8, 2)).copy())
    return np.stack([a[4, 4], b[4, 4]])


@cache
def distinct_names(count: int = 30, apart: float = 15.0) -> dict[str, np.ndarray]:
    """Common names of one or two words that a flower can have, to their ab (2,); the same on every call.

    Taken in order: the seven control colours, then the survey's names, most often given first. A name is taken
    where it lies at least `apart` in ab from all taken before, and where on a dark, a middling and a light flower
    (`FLOWER_LIGHTNESS`) the colour that sRGB can show is still nearest to its own name, for it and for all taken
    before. Names that speak of gray, brown or dark are left out: lightness is the source's.

    Raises:
        ValueError: there are fewer than `count` such names.
    """
    chosen: dict[str, np.ndarray] = {}
    shown: dict[str, np.ndarray] = {}
    for name in dict.fromkeys([*CONTROL_COLOURS, *xkcd_names()]):
        words = name.replace("-", " ").split()
        if len(words) > 2 or not name.replace(" ", "").isalpha() or {*words} & (_UNSAID | _NO_HUE):
            continue
        ab = name_to_ab(name)
        if chosen and np.linalg.norm(np.stack(list(chosen.values())) - ab, axis=-1).min() < apart:
            continue
        chosen[name], shown[name] = ab, np.stack([displayed(ab, level) for level in FLOWER_LIGHTNESS])
        if not _told_apart(chosen, shown):
            del chosen[name], shown[name]
        if len(chosen) == count:
            return chosen
    raise ValueError(f"only {len(chosen)} names lie {apart} apart, not {count}")


def _told_apart(points: dict[str, np.ndarray], shown: dict[str, np.ndarray]) -> bool:
    """Whether every displayed colour (K, 2) of each name is nearest to that name."""
    wanted = np.repeat(np.arange(len(points)), len(FLOWER_LIGHTNESS))
    distance = np.linalg.norm(np.concatenate(list(shown.values()))[:, None] - np.stack(list(points.values())), axis=-1)
    return bool((distance.argmin(1) == wanted).all())


def agreed_name(captions: Sequence[str], names: Collection[str]) -> str | None:
    """The one of several names that captions agree on, or None; the longest name counts where one holds another."""
    longest = sorted(names, key=len, reverse=True)
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, longest)) + r")\b")
    return agreed_mention([set(pattern.findall(c.lower())) for c in captions])


@cache
def taught_names() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names that a colorizer is taught: the names (K), their ab (K, 2) float32, and how often each is drawn (K,).

    The survey's names by how often people gave them, less what nobody says of a petal; then the CSS names that the
    survey does not have. Shares sum to 1.
    """
    survey = [name for name in xkcd_names() if not {*re.split(r"[ /']", name)} & _UNSAID]
    names = [*survey, *(name for name in css_names() if name not in xkcd_names())]
    place = np.minimum(np.arange(len(names)), _RARE)
    share = 1 / (place + _RARE / 8)
    return names, np.stack([name_to_ab(name) for name in names]), share / share.sum()

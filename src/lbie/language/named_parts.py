"""Which colour a caption gives to the petals and which to the centre of a flower."""

from __future__ import annotations

import re

from lbie.language.colour_names import FAMILY_OF

PETAL_WORDS = frozenset({"petal", "petals"})
"""Words for the outer part of a flower."""
_CENTRES = ("center", "centers", "centre", "centres", "middle")
_ORGANS = ("stamen", "stamens", "stigma", "stigmas", "pistil", "pistils", "anther", "anthers")
CENTRE_WORDS = frozenset((*_CENTRES, *_ORGANS))
"""Words for its heart."""
_LINKS = frozenset({"is", "are"})
_JOINTS = frozenset({"and", "or"})
_ARTICLES = frozenset({"a", "an", "the"})
_PLACES = frozenset({"on", "at", "near", "around", "toward", "towards"})
_PREPOSITIONS = _PLACES | {"with", "in", "of", "by", "from", "to"}
_BORDERS = _LINKS | _JOINTS | _ARTICLES | _PREPOSITIONS | {"its", "has", "have", "having", "that", "which", "no", "not"}
"""Words that part a colour from a noun of another phrase."""
_MOST_BETWEEN = 3  # words between a colour and its noun, such as "pale, long and thin"
_MOST_TO_LINK = 5  # words between a noun and its verb, such as "petals of this pretty flower are"
_TOKEN = re.compile(r"[a-z]+|[.,;]")


def parts_in(caption: str) -> tuple[str | None, str | None]:
    """Colour family of the petals and of the centre, each None where it is not named, or not clearly.

    Read are colours before a noun ("yellow and orange stamen") and after its verb ("the petals of this flower are
    light pink"). A part with several families is not clear, nor is a run of colours that two nouns may own ("petals
    that are white and yellow center").
    """
    words = _TOKEN.findall(caption.lower())
    petals: set[str] = set()
    centre: set[str] = set()
    for place, word in enumerate(words):
        if word in PETAL_WORDS or word in CENTRE_WORDS:
            (petals if word in PETAL_WORDS else centre).update(_before(words, place) | _after(words, place))
    return (petals.pop() if len(petals) == 1 else None), (centre.pop() if len(centre) == 1 else None)


def _before(words: list[str], noun: int) -> set[str]:
    """Families of the run of colours that ends shortly before a noun."""
    last = _near(words, range(noun - 1, max(-1, noun - 2 - _MOST_BETWEEN), -1))
    if last is None:
        return set()
    first = last
    while first > 0 and _goes_on(words, first - 1, -1):
        first -= 1
    return set() if first > 0 and words[first - 1] in _LINKS and first < last else _families(words[first : last + 1])


def _after(words: list[str], noun: int) -> set[str]:
    """Families of the run of colours that follows the verb of a noun."""
    for place in range(noun + 1, min(len(words), noun + 2 + _MOST_TO_LINK)):
        if _is_noun(words[place]) or words[place] in {".", ",", ";", "with", "has", "and"} or words[place] in FAMILY_OF:
            return set()
        if words[place] in _LINKS:
            break
    else:
        return set()
    start = place + 2 if words[place + 1 : place + 2] and words[place + 1] in _ARTICLES else place + 1
    first = _near(words, range(start, min(len(words), start + 1 + _MOST_BETWEEN)))
    if first is None:
        return set()
    last = first
    while last + 1 < len(words) and _goes_on(words, last + 1, 1):
        last += 1
    if words[last + 1 : last + 2] and words[last + 1] in _PLACES:
        return set()  # "yellow near the base": of a piece only
    for following in words[last + 1 : last + 2 + _MOST_BETWEEN]:
        if _is_noun(following):
            return set()
        if following in _BORDERS or not following.isalpha():
            break
    return _families(words[first : last + 1])


def _near(words: list[str], places: range) -> int | None:
    """Place of the first colour, unless a border or another part comes before it."""
    for place in places:
        if words[place] in FAMILY_OF:
            return place
        if words[place] in _BORDERS or not words[place].isalpha() or _is_noun(words[place]):
            return None
    return None


def _goes_on(words: list[str], place: int, step: int) -> bool:
    """Whether a run of colours goes on at a place: a colour, or a joint or comma with a colour right behind it."""
    if words[place] in FAMILY_OF:
        return True
    beyond = place + step
    joint = words[place] in _JOINTS or words[place] == ","
    return joint and 0 <= beyond < len(words) and words[beyond] in FAMILY_OF


def _is_noun(word: str) -> bool:
    return word in PETAL_WORDS or word in CENTRE_WORDS


def _families(words: list[str]) -> set[str]:
    return {FAMILY_OF[w] for w in words if w in FAMILY_OF}

"""The things that a request names: which phrases a model has to find, and whether all but these are meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lbie.language.colour_words import ends_with_colour, find_colour, is_shade

FOREGROUND = "the foreground"
"""Phrase for whatever is no background, where the sentence speaks of the background and names no thing."""
ARTICLES = frozenset(("the", "a", "an", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our"))
"""Words that a noun phrase begins with."""
_DEFINITE = ARTICLES - {"a", "an"} | {"their", "both", "all", "every", "each", "everyone"}
_HOLDING = frozenset(("with", "without", "wearing", "holding", "carrying", "between", "in", "having", "has"))
"""Words after which "and" may join two things that help to name one."""
_PLACES = frozenset(("on", "at", "to", "from", "in", "of", "by", "near", "under", "behind", "above", "below", "with"))
_SIDES = frozenset(("left", "right", "top", "bottom", "middle", "center", "centre", "front", "back"))
_ADJECTIVES = frozenset(
    (
        *("big", "bigger", "small", "smaller", "large", "larger", "little", "tiny", "huge", "tall", "short", "long"),
        *(
            "old",
            "young",
            "new",
            "other",
            "main",
            "only",
            "same",
            "second",
            "third",
            "fourth",
            "fifth",
            "first",
            "last",
        ),
        *("wooden", "shiny", "striped", "spotted", "nearest", "closest", "upper", "lower", "round", "square", "thin"),
        *("fat", "wet", "dry", "open", "whole", "entire", "front", "rear", "happy", "colourful", "colorful", "two"),
        *("three", "four", "leftmost", "rightmost", "furry", "empty", "full", "clean", "dirty", "beautiful", "nice"),
    )
)
_COLOURS = frozenset(
    (
        *(
            "white",
            "black",
            "red",
            "yellow",
            "blue",
            "purple",
            "pink",
            "green",
            "brown",
            "gray",
            "grey",
            "beige",
            "navy",
        ),
        *(
            "teal",
            "maroon",
            "cyan",
            "magenta",
            "tan",
            "golden",
            "crimson",
            "scarlet",
            "turquoise",
            "coloured",
            "colored",
        ),
    )
)
"""Names of colours that are no things, as the sky, a rose and an orange are."""
_LIGHTS = frozenset(("traffic", "brake", "tail", "ceiling", "stop"))
"""Words before "light" where it is a lamp, no shade."""
_NOTHING = frozenset(("it", "them", "him", "her", "this", "that", "these", "those", "me", "you", "us", "he", "she"))
_JOINTS = frozenset(("and", "of", "or", "but", "is", "are", "be", "with", "very", "more", "than", *_PLACES)) - _SIDES
_WHOLE = re.compile(
    r"(?:everything|all|it all|(?:all (?:of )?)?(?:the |this |my )?(?:whole |entire |full )?"
    r"(?:photo|photograph|picture|pic|image|scene))(?: in (?:the |this )?(?:photo|picture|image|scene))?"
)
_EXCEPT = re.compile(
    r"(?:everything|all|anything|everyone|(?:the |this )?(?:whole |entire )?(?:photo|picture|image|scene))"
    r"(?: else)?(?: in (?:the |this )?(?:photo|picture|image|scene))?,?"
    r" (?:(?:except|apart|aside)(?: for| from)?|but|besides|other than|save(?: for)?|outside(?: of)?|around|not) (.+)"
)
_BEHIND = re.compile(r"(?:the )?(?:background|backdrop)(?: (?:of|behind|around|from) (?P<thing>.+))?")
_FOREGROUND = re.compile(r"(?:the )?(?:foreground|(?:main )?subject|main (?:thing|object))")
_EVERYTHING = re.compile(r"\b(?:everything|anything)\b")
_CLAUSE = re.compile(r", (?:and )?| and | as well as | & | plus ")


@dataclass(frozen=True)
class Things:
    """What is named."""

    phrases: tuple[str, ...]
    """Each names one thing; the region is the union of all. None: nothing at all."""
    inverted: bool
    """Whether all except these is meant; with no phrase, the whole photo."""


def read_things(text: str) -> Things | None:
    """Read `the cat and the dog`, `everything except the cat`, `the background`; None where no thing is named."""
    if (found := _EXCEPT.fullmatch(text)) and not _WHOLE.fullmatch(text):
        inner = read_things(found[1])
        return None if inner is None or not inner.phrases else Things(inner.phrases, not inner.inverted)
    if _WHOLE.fullmatch(text):
        return Things((), True)
    if found := _BEHIND.fullmatch(text):
        inner = read_things(found["thing"]) if found["thing"] else Things((FOREGROUND,), False)
        if inner is None or inner.phrases:
            return inner and Things(inner.phrases, not inner.inverted)
        return Things((FOREGROUND,), True)  # "the background of the photo"
    phrases = (FOREGROUND,) if _FOREGROUND.fullmatch(text) else _split(text)
    several = len(phrases) > 1 and any(
        _EXCEPT.fullmatch(p) or _WHOLE.fullmatch(p) or _BEHIND.fullmatch(p) for p in phrases
    )
    if several or _EVERYTHING.search(text) or not all(map(names_thing, phrases)):
        return None
    return Things(phrases, False)


def names_thing(text: str) -> bool:
    """Whether words may name a thing: they hold one that is no article, joint or pronoun, and end with none."""
    words = text.split()
    while words and words[0] in _DEFINITE | ARTICLES:
        if len(words) == 1:
            return False
        words = words[1:]
    if not words or words[0] in ("everything", "anything", "else") or not any(c.isalpha() for c in words[-1]):
        return False
    return words[-1] not in _JOINTS | ARTICLES and not _NOTHING.issuperset(words)


def ends_with_noun(text: str) -> bool:
    """Whether the last word is likely a noun, or a place such as "on the left": no adjective, no colour alone."""
    words = text.split()
    if not names_thing(text) or words[-1] in _ADJECTIVES or words[-1] in _LIGHTS:
        return False
    if is_shade(words[-1]):
        return words[-1] == "light" and (words[-2] in _LIGHTS or words[:-1] == ["the"]) if len(words) > 1 else False
    if words[-1] in _SIDES:
        return not _PLACES.isdisjoint(words[:-1]) or words[-2:-1] == ["far"]
    return words[-1] not in _COLOURS or words[-2:-1] in (["in"], ["wearing"])


def is_plain_colour(word: str) -> bool:
    """Whether a word names a colour and no thing."""
    return word in _COLOURS


def two_changes(things: Things) -> str | None:
    """The phrase that ends with a colour of its own, as in "the cat red and the dog", if one of several does."""
    for phrase in things.phrases[:-1]:
        words = phrase.split()
        count = ends_with_colour(words)
        before = words[: len(words) - count]
        if count and ends_with_noun(" ".join(before)) and before[-1] not in _HOLDING:
            return phrase
    return None


def _split(text: str) -> tuple[str, ...]:
    """Parts of a text at "and" and commas, where both sides are plainly noun phrases."""
    text = text.removeprefix("both ")
    parts, start = [], 0
    for joint in _CLAUSE.finditer(text):
        left, right = text[start : joint.start()], text[joint.end() :]
        if _apart(left.split(), _CLAUSE.split(right)[0].split()):
            parts.append(left)
            start = joint.end()
    return (*parts, text[start:])


def _apart(left: list[str], right: list[str]) -> bool:
    """Whether two things are named, one on each side."""
    if not right or not names_thing(" ".join(right)) or not left or not names_thing(" ".join(left)):
        return False
    if find_colour(left[-1:]) and (len(left) < 2 or left[-2] in ARTICLES) and right[0] not in ARTICLES:
        return False  # "the black and white cat"
    bare_side = left[-1] in _SIDES and _PLACES.isdisjoint(left)
    if (left[-1] in _ADJECTIVES or bare_side) and right[0] not in ARTICLES:
        return False
    held = not _HOLDING.isdisjoint(left)
    if held and ("between" in left or right[0] not in _DEFINITE):
        return False
    return right[0] in _DEFINITE or left[0] not in _DEFINITE or _PLACES.isdisjoint(left)

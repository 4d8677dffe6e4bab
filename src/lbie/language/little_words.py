"""Words that say nothing of what a picture shows."""

from __future__ import annotations

from collections.abc import Iterable

_WORDS = (
    "a an the this that these those it its is are was were be been being has have had having do does did of in on at "
    "to from by with and or but as for so than then there which who what i you he she we they my your his her our "
    "their them him me us not no very"
)
_LITTLE = frozenset(_WORDS.split())


def says_nothing(words: Iterable[str]) -> bool:
    """Whether normalised words are all articles, joints, pronouns and the like, single letters or marks."""
    return all(len(word) < 2 or word in _LITTLE for word in words)

"""Descriptions in which each colour stands for its number: what is read of it is where it is said, not its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lbie.language.colour_mentions import colour_words, find_mentions
from lbie.language.colour_words import NamedColour
from lbie.language.vocabulary import STOP_MARKS, UNKNOWN_ID, Vocabulary

_SAME = {
    "square": "rectangle",
    "squares": "rectangles",
    "ball": "circle",
    "dot": "circle",
    "dots": "circles",
    "small": "smallest",
    "little": "smallest",
    "tiny": "smallest",
    "big": "biggest",
    "large": "largest",
}
"""Words that are read as others."""
MOST_COLOURS = 16
"""Different colours of a description."""


def colour_token(number: int) -> str:
    """The word of a vocabulary that stands for colour `number` of a description."""
    return f"<colour {number}>"


@dataclass(frozen=True)
class NumberedSentence:
    """A sentence as the model reads it."""

    words: tuple[str, ...]
    """Normalised, each colour as its number, and a full stop at the end."""
    names: tuple[str, ...]
    """The same as they are written."""
    ids: tuple[int, ...]
    """Their ids in the vocabulary."""
    unknown: tuple[str, ...]
    """Distinct words that the vocabulary does not have."""


class ColourNumbers:
    """Numbers the colours of one description, in the order in which they are named; the same colour once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.colours: list[NamedColour] = []
        self._known = {word: i for i, word in enumerate(vocabulary.words)}

    def read(self, sentence: str) -> NumberedSentence:
        """Read the next sentence of the description.

        Raises:
            ValueError: it is the one with more than `MOST_COLOURS` different colours.
        """
        plain = [word for word in colour_words(sentence) if word not in STOP_MARKS]
        words, names = (replace_colours([*plain, "."], how) for how in (self._token, lambda colour: colour.name))
        words = [_SAME.get(word, word) for word in words]
        ids = tuple(self._known.get(word, UNKNOWN_ID) for word in words)
        unknown = tuple(dict.fromkeys(w for w, i in zip(names, ids, strict=True) if i == UNKNOWN_ID and w != "."))
        return NumberedSentence(tuple(words), tuple(names), ids, unknown)

    def _token(self, colour: NamedColour) -> str:
        return colour_token(self._number(colour))

    def _number(self, colour: NamedColour) -> int:
        for number, known in enumerate(self.colours):
            if known.rgb == colour.rgb:
                return number
        if len(self.colours) == MOST_COLOURS:
            raise ValueError(f"more than {MOST_COLOURS} different colours")
        self.colours.append(colour)
        return len(self.colours) - 1


def replace_colours(words: Sequence[str], token: Callable[[NamedColour], str]) -> list[str]:
    """Words (of `colour_words`) with one in place of each colour that they name; none where that is empty."""
    out: list[str] = []
    place = 0
    for mention in find_mentions(words):
        own = token(mention.colour)
        out += [*words[place : mention.start], *([own] if own else [])]
        place = mention.end
    return [*out, *words[place:]]


def sketch_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The numbers of colours, then every word of the texts that is no colour, most frequent first."""
    plain = Vocabulary.build((" ".join(replace_colours(colour_words(text), lambda _: "")) for text in texts), 1)
    return Vocabulary([*plain.words[:2], *(colour_token(n) for n in range(MOST_COLOURS)), *plain.words[2:]])

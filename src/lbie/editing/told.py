"""Descriptions of drawings as the sketch model reads them, sentence by sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lbie.editing.choose import SHAPE_WORDS
from lbie.editing.sentences import MOST_SENTENCES, name_sentence
from lbie.errors import InputError, SentenceError
from lbie.language.colour_mentions import colour_words, find_mentions
from lbie.language.colour_numbers import ColourNumbers, NumberedSentence
from lbie.language.colour_words import NamedColour, suggest_colour
from lbie.language.vocabulary import MAX_CHARACTERS, STOP_MARKS, Vocabulary, check_words

_PIECE = re.compile(r"[^.;!?\n]*[.;!?\n]+|[^.;!?\n]+")
_BREAK = re.compile(r",\s*(?:(?:and|but|then)\s)?|\s(?:and|but|while|whereas|plus)\s", re.IGNORECASE)
_TOLD_OF = SHAPE_WORDS | {"everything"}
_HANDED_ON = frozenset(("same", "like", "colour", "color"))


@dataclass(frozen=True)
class ToldSentence:
    """One sentence, or the part of one that tells one thing."""

    number: int
    """From 1."""
    text: str
    """As written."""
    read: NumberedSentence
    """As the model reads it."""

    def __str__(self) -> str:
        """`sentence 2 ('The circle is red.')`, shortened."""
        return name_sentence(self.text, self.number)


@dataclass(frozen=True)
class Description:
    """What is said of a drawing."""

    sentences: tuple[ToldSentence, ...]
    colours: tuple[NamedColour, ...]
    """The colours that are named, in order."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """Distinct words that the vocabulary does not have, in order."""
        return tuple(dict.fromkeys(word for s in self.sentences for word in s.read.unknown))


def read_description(text: str, vocabulary: Vocabulary, max_words: int) -> Description:
    """Split a description at sentence ends and, where each part tells of a shape, at commas and "and".

    Raises:
        InputError: no words, too many characters, sentences, words in one, or colours.
        SentenceError: it names no colour that is known.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"the sentence has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read")
    numbers = ColourNumbers(vocabulary)
    found: list[ToldSentence] = []
    count = 0
    for sentence in _PIECE.findall(unicodedata.normalize("NFKC", text)):
        if not _words(sentence):
            continue
        count += 1
        for part in _parts(sentence):
            try:
                read = numbers.read(part)
            except ValueError as error:
                raise InputError(f"the description names {error}: tell the rest in a second edit") from error
            check_words(len(read.ids), max_words, f"sentence {count}")
            found.append(ToldSentence(count, " ".join(part.split()), read))
    if not found:
        raise InputError(
            f"the sentence is empty or has no words, got {text[:40]!r}: describe the result, e.g. 'The circle is red.'"
        )
    if len(found) > MOST_SENTENCES:
        raise InputError(f"the description has {len(found)} sentences; at most {MOST_SENTENCES} are read")
    told = Description(tuple(found), tuple(numbers.colours))
    if not told.colours:
        raise SentenceError(_no_colour(told.unknown))
    return told


def _words(text: str) -> list[str]:
    return [word for word in colour_words(text) if word not in STOP_MARKS]


def _parts(sentence: str) -> list[str]:
    """The parts of a sentence that each tell of a shape by itself; the sentence where there are none."""
    parts, start = [], 0
    for end, after in [*((m.start(), m.end()) for m in _BREAK.finditer(sentence)), (len(sentence), len(sentence))]:
        if _tells(sentence[start:end]):
            parts.append(sentence[start:end])
            start = after
    return parts if len(parts) > 1 and start == len(sentence) else [sentence]


def _tells(text: str) -> bool:
    """Whether it names a shape and what colour it gets."""
    words = _words(text)
    shapes = sum(word in _TOLD_OF for word in words)
    return bool(shapes) and (bool(find_mentions(words)) or (shapes > 1 and bool(_HANDED_ON & {*words})))


def _no_colour(unknown: tuple[str, ...]) -> str:
    near = next(((word, name) for word in unknown if (name := suggest_colour(word))), None)
    hint = f" (did you mean '{near[1]}' by '{near[0]}'?)" if near else ""
    return (
        f"no colour is named{hint}: say which, by a name such as 'teal' or 'dark red', or in hex, "
        "e.g. 'the left circle is #1f77b4'"
    )

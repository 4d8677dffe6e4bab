"""A description as its sentences, for models that read them one by one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from lbie.editing.facts import JOINING, Fact, describe_unknown, drop_shades, read_fact
from lbie.errors import InputError, SentenceError
from lbie.language.vocabulary import MAX_CHARACTERS, STOP_MARKS, UNKNOWN_ID, Vocabulary, check_words, tokenize

MOST_SENTENCES = 50
"""Sentences of a description that are read; more are refused."""
_PIECE = re.compile(r"[^.;!?]*[.;!?]+|[^.;!?]+")
_BREAK = re.compile(r"[,&\n]|\s(?=(?:and|but|while|whereas|plus)\s)", re.IGNORECASE)
_MOST_BREAKS = 200
_MOST_QUOTED = 60


@dataclass(frozen=True)
class Sentence:
    """One sentence."""

    number: int
    """Its number in the description, from 1."""
    text: str
    """As written."""
    words: tuple[str, ...]
    """As the model reads it: normalised words, and a full stop at the end."""
    ids: tuple[int, ...]
    """Their ids in the vocabulary."""
    unknown: tuple[str, ...]
    """Distinct words that the vocabulary does not have."""
    part: int = 0
    """Number of the part, from 1, of a sentence that tells several facts; each of its parts is a sentence here."""
    shades: tuple[tuple[str, str], ...] = ()
    """Colours that the model does not have, as they were named, and as which they are read."""

    def __str__(self) -> str:
        """`sentence 2 ('The circle is red.')`, shortened."""
        return name_sentence(self.text, self.number, self.part)

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the description: sorts."""
        return self.number, self.part

    @cached_property
    def fact(self) -> Fact:
        """What it says."""
        return read_fact(self.words)


def name_sentence(text: str, number: int, part: int = 0) -> str:
    """`sentence 2 ('The circle is red.')` or `sentence 2, part 1 (…)`, shortened."""
    quoted = text if len(text) <= _MOST_QUOTED else f"{text[: _MOST_QUOTED - 1]}…"
    return f"sentence {number}{f', part {part}' if part else ''} ('{quoted}')"


def read_sentences(text: str, vocabulary: Vocabulary, max_words: int) -> list[Sentence]:
    """Split a description at `.`, `;`, `!` and `?`, and look its words up.

    Whatever a sentence ends with, the model reads a full stop. What holds no word is no sentence. A sentence of several
    facts is split between them (see `split_facts`). Shades that make a colour none of the model's are left out.

    Args:
        text: the description.
        vocabulary: the model's words.
        max_words: words and full stop of a sentence that are read.

    Returns:
        At least one sentence.

    Raises:
        InputError: no words, more than `MOST_SENTENCES` sentences, or too many characters or words in one.
        SentenceError: not one word is known; the message names them.
    """
    try:
        vocabulary.encode(text, MAX_CHARACTERS)  # refuses what cannot be read at all
    except SentenceError as error:
        unknown = tuple(dict.fromkeys(word for word in tokenize(text) if word not in STOP_MARKS))
        raise SentenceError(
            f"no word of the description is known to this model: {describe_unknown(unknown, vocabulary)}"
        ) from error
    known = {word: i for i, word in enumerate(vocabulary.words)}
    stop = tuple(mark for mark in "." if mark in known)
    found: list[Sentence] = []
    number = 0
    for sentence in _PIECE.findall(unicodedata.normalize("NFKC", text)):
        if not _words(sentence):
            continue
        number += 1
        pieces = split_facts(sentence)
        for part, piece in enumerate(pieces, 1):
            words, shades = drop_shades(_words(piece))
            kept = (*words, *stop)
            check_words(len(kept), max_words, f"sentence {number}")
            found.append(
                Sentence(
                    number=number,
                    text=" ".join(piece.split()),
                    words=kept,
                    ids=tuple(known.get(word, UNKNOWN_ID) for word in kept),
                    unknown=tuple(dict.fromkeys(word for word in kept if word not in known)),
                    part=part if len(pieces) > 1 else 0,
                    shades=tuple(shades),
                )
            )
    if len(found) > MOST_SENTENCES:
        what = "sentences" if number == len(found) else "facts"
        raise InputError(f"the description has {len(found)} {what}; at most {MOST_SENTENCES} are read")
    return found


def split_facts(sentence: str) -> list[str]:
    """The facts of a sentence that are joined by commas, line breaks, "and", "but" or "while".

    "The circle is red, the diamond blue" are two; "Above the circle, use red" is one. A sentence is left whole unless
    each of its parts names a shape and a colour, or two shapes of the same colour.
    """
    breaks = [match.end() for match in _BREAK.finditer(sentence)]
    if len(breaks) > _MOST_BREAKS:
        return [sentence]
    parts, start = [], 0
    for end in (*breaks, len(sentence)):
        if read_fact(_words(sentence[start:end])).whole:
            parts.append(sentence[start:end])
            start = end
    if parts and start < len(sentence):
        parts[-1] += sentence[start:]
    if len(parts) < 2 or not all(read_fact(_words(part)).whole for part in parts):
        return [sentence]
    return [part.strip(" \t\n,&") for part in parts]


def _words(text: str) -> list[str]:
    """Normalised words, without joining ones at the beginning."""
    words = [word for word in tokenize(text) if word not in STOP_MARKS]
    first = next((i for i, word in enumerate(words) if word not in JOINING), 0)
    return words[first:]

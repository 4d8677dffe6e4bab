"""A description as its sentences, for models that read them one by one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lbie.errors import InputError
from lbie.language.vocabulary import MAX_CHARACTERS, STOP_MARKS, UNKNOWN_ID, Vocabulary, tokenize

MOST_SENTENCES = 50
"""Sentences of a description that are read; more are refused."""
_PIECE = re.compile(r"[^.;!?]*[.;!?]+|[^.;!?]+")
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
    cut: int
    """Words that were left off the end."""

    def __str__(self) -> str:
        """`sentence 2 ('The circle is red.')`, shortened."""
        text = self.text if len(self.text) <= _MOST_QUOTED else f"{self.text[: _MOST_QUOTED - 1]}…"
        return f"sentence {self.number} ('{text}')"


def read_sentences(text: str, vocabulary: Vocabulary, max_words: int) -> list[Sentence]:
    """Split a description at `.`, `;`, `!` and `?`, and look its words up.

    Whatever a sentence ends with, the model reads a full stop. What holds no word is no sentence.

    Args:
        text: the description.
        vocabulary: the model's words.
        max_words: words and full stop of a sentence that are read; the rest is cut.

    Returns:
        At least one sentence.

    Raises:
        InputError: no words, more than `MOST_SENTENCES` sentences, or too many characters.
        SentenceError: not one word is known; the message names them.
    """
    vocabulary.encode(text, MAX_CHARACTERS)  # refuses what cannot be read at all
    known = {word: i for i, word in enumerate(vocabulary.words)}
    stop = tuple(mark for mark in "." if mark in known)
    found: list[Sentence] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text)):
        words = [word for word in tokenize(piece) if word not in STOP_MARKS]
        if words:
            kept = (*words[: max_words - len(stop)], *stop)
            ids = tuple(known.get(word, UNKNOWN_ID) for word in kept)
            unknown = tuple(dict.fromkeys(word for word in kept if word not in known))
            cut = len(words) + len(stop) - len(kept)
            found.append(Sentence(len(found) + 1, " ".join(piece.split()), kept, ids, unknown, cut))
    if len(found) > MOST_SENTENCES:
        raise InputError(f"the description has {len(found)} sentences; at most {MOST_SENTENCES} are read")
    return found

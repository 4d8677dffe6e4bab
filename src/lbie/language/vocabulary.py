"""Sentences to word ids: normalisation, tokenizer and vocabulary."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lbie.errors import InputError, SentenceError
from lbie.regular_file import read_file

PADDING, UNKNOWN = "<pad>", "<unk>"
UNKNOWN_ID = 1
FIRST_COLOUR = 2
"""Id of the first colour of a description, in vocabularies that stand for colours by their number in it."""
MAX_CHARACTERS = 10_000
"""A longer sentence is refused: it is a mistake, not a description."""
MAX_BYTES = 16 * 2**20
"""Limit on the size of a file of words."""

_SUGGESTED = 800  # the most frequent words, among which suggestions are looked for
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.;!?]")
STOP_MARKS = frozenset(".;!?")
"""Tokens that end a sentence."""


def normalise(text: str) -> str:
    """Lower case, compatibility-composed Unicode (NFKC), straight apostrophes, single spaces; accents removed."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'")
    text = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", text).split())


def check_words(count: int, most: int, what: str = "the sentence") -> None:
    """Refuse what has more words than a model reads, for its end would count for nothing.

    Raises:
        InputError: it has.
    """
    if count > most:
        raise InputError(f"{what} has {count:,} words; at most {most} are read: say it in fewer")


def tokenize(text: str) -> list[str]:
    """Words (runs of letters and digits, with inner apostrophes) and sentence ends, in order."""
    return _TOKEN.findall(normalise(text))


@dataclass(frozen=True)
class Tokens:
    """A description as the model reads it."""

    words: tuple[str, ...]
    """Words and sentence ends in order, as normalised."""
    ids: tuple[int, ...]
    """Their ids in the vocabulary."""
    sentence: tuple[int, ...]
    """Number of the sentence each belongs to, from 0."""
    unknown: tuple[str, ...]
    """Distinct words that the vocabulary does not have, in order of appearance."""
    cut: int
    """Words that were left off the end because the description is longer than the model reads."""


class Vocabulary:
    """The words a model knows; word number i has the id i. Ids 0 and 1 are padding and the unknown word."""

    def __init__(self, words: Sequence[str]) -> None:
        if list(words[:2]) != [PADDING, UNKNOWN]:
            raise InputError(f"a vocabulary starts with {PADDING} and {UNKNOWN}, got {list(words[:2])}")
        if len(set(words)) != len(words):
            raise InputError("a vocabulary has each word once")
        self.words = tuple(words)
        self._ids = {word: i for i, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def build(cls, texts: Iterable[str], min_count: int = 2) -> Vocabulary:
        """Every word that occurs at least `min_count` times in the texts, most frequent first."""
        counts = Counter(word for text in texts for word in tokenize(text))
        kept = sorted((w for w, n in counts.items() if n >= min_count), key=lambda w: (-counts[w], w))
        return cls([PADDING, UNKNOWN, *kept])

    def extended(self, words: Iterable[str]) -> Vocabulary:
        """These words with their ids, then those of `words` that are new, in order."""
        return Vocabulary([*self.words, *dict.fromkeys(w for w in words if w not in self._ids)])

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote.

        Raises:
            InputError: the file is missing or over a limit, or is not such a list.
        """
        try:
            words = json.loads(read_file(path, f"the vocabulary '{path}'", MAX_BYTES, "a JSON file"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"cannot read the vocabulary '{path}': {error}") from error
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise InputError(f"'{path}' is not a list of words")
        return cls(words)

    def save(self, path: Path) -> None:
        """Write the words as a JSON list."""
        path.write_text(json.dumps(self.words, ensure_ascii=False, indent=0) + "\n", "utf-8")

    def encode(self, text: str, max_words: int) -> Tokens:
        """Tokenize a description and look its words up.

        Raises:
            InputError: nothing but space or punctuation, or more than `MAX_CHARACTERS` characters.
            SentenceError: not one word is known; the message names them.
        """
        if len(text) > MAX_CHARACTERS:
            raise InputError(f"the sentence has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read")
        words = tokenize(text)
        if not any(w not in STOP_MARKS for w in words):
            raise InputError(
                f"the sentence is empty or has no words, got {text[:40]!r}: "
                "describe the result, e.g. 'The flower is red.'"
            )
        kept = words[:max_words]
        sentence, number = [], 0
        for i, word in enumerate(kept):
            sentence.append(number)
            if word in STOP_MARKS and i + 1 < len(kept) and kept[i + 1] not in STOP_MARKS:
                number += 1
        ids = tuple(self._ids.get(w, UNKNOWN_ID) for w in kept)
        unknown = tuple(
            dict.fromkeys(w for w, i in zip(kept, ids, strict=True) if i == UNKNOWN_ID and w not in STOP_MARKS)
        )
        if not any(i != UNKNOWN_ID and w not in STOP_MARKS for w, i in zip(kept, ids, strict=True)):
            raise SentenceError(f"no word of the sentence is known to this model: {self.describe_unknown(unknown)}")
        return Tokens(tuple(kept), ids, tuple(sentence), unknown, len(words) - len(kept))

    def knows_some(self, text: str) -> bool:
        """Whether the text has a word that is known."""
        return any(w in self._ids and w not in STOP_MARKS for w in tokenize(text))

    def suggest(self, word: str) -> str | None:
        """The nearest known word, or None where nothing is near."""
        from rapidfuzz import fuzz, process

        found = process.extractOne(word, self._candidates, scorer=fuzz.ratio, score_cutoff=70)
        return found[0] if found else None

    @cached_property
    def _candidates(self) -> list[str]:
        # Captions hold misspelt words too; the frequent ones are words.
        return [w for w in self.words[2:_SUGGESTED] if len(w) > 2]

    def describe_unknown(
        self, unknown: Sequence[str], most: int = 8, remark: Callable[[str], str] | None = None
    ) -> str:
        """`'blu' (did you mean 'blue'?), 'zzz'`; names at most `most` of them.

        Args:
            unknown: the words.
            most: of them that are named.
            remark: what to say of a word, or nothing (None: the nearest known word).
        """
        parts = []
        for word in unknown[:most]:
            said = (remark or self._nearest)(word)
            parts.append(f"'{word[:40]}'" + (f" ({said})" if said else ""))
        more = len(unknown) - most
        return ", ".join(parts) + (f" and {more} more" if more > 0 else "")

    def _nearest(self, word: str) -> str:
        near = self.suggest(word)
        return f"did you mean '{near}'?" if near else ""

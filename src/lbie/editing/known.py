"""What is known of a drawing before its description is read: which kinds of shapes the model sees, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lbie.data.cosal.programme import NEIGHBOURS, RELATIONS
from lbie.data.cosal.shapes import COLOURS, KINDS
from lbie.editing.facts import Meant, describe_stranger, describe_unknown
from lbie.editing.grid import name_cell
from lbie.editing.sentences import Sentence, read_sentences
from lbie.language.vocabulary import Vocabulary

Description = Sequence[Sentence]
Ask = Callable[[Sequence[Description]], np.ndarray]
"""The model: descriptions, none empty, to the class (B, K) that each gives each of K shapes."""
_SAY = "write 'The circle is red.', 'The shape above the circle is red.' or 'The {} has the same color as the {}.'"


@dataclass(frozen=True)
class Known:
    """The cells of a drawing's shapes, and which of them are of the kinds that a description names."""

    cells: tuple[int, ...]
    """Of each shape."""
    kinds: Mapping[int, tuple[int, ...]]
    """Kind to the shapes, numbers in `cells`, that the model takes for it."""

    @classmethod
    def ask(cls, sentences: Description, cells: Sequence[int], vocabulary: Vocabulary, ask: Ask) -> Known:
        """Ask the model which shapes "The circle is red." colours, and so on for each kind that is named."""
        kinds = sorted({kind for s in sentences for kind in s.fact.kinds})
        if not kinds:
            return cls(tuple(cells), {})
        red = COLOURS.index("red")
        answers = ask([read_sentences(f"The {KINDS[kind]} is red.", vocabulary, 64) for kind in kinds])
        found = {k: tuple(np.flatnonzero(row == red).tolist()) for k, row in zip(kinds, answers, strict=True)}
        return cls(tuple(cells), found)

    def find(self, meant: Meant) -> int | None:
        """The shape that is meant, if there is just one."""
        cell = self._cell(meant)
        return self.cells.index(cell) if cell in self.cells else None

    def missing(self, meant: Meant) -> str | None:
        """Why there is no shape that is meant, if this is known."""
        kind, relation = meant
        found = self.kinds[kind]
        if not found:
            return f"the model sees no {KINDS[kind]} in this drawing"
        if len(found) == 1 and relation is not None and self.find(meant) is None:
            side = RELATIONS[relation].replace(" to", " of")
            return f"there is no shape {side} the {KINDS[kind]}, which lies in {name_cell(self.cells[found[0]])}"
        return None

    def several(self) -> list[str]:
        """A line for each kind of which there is more than one shape."""
        return [
            f"{len(found)} shapes of this drawing are '{KINDS[kind]}' to the model: which one is meant is unclear"
            for kind, found in self.kinds.items()
            if len(found) > 1
        ]

    def current(self, sentences: Description) -> list[Sentence]:
        """The sentences without those whose shape a later one tells again.

        A later one that gives its shape another shape's colour counts only where sentences lead on to a colour.
        """
        subjects = [None if s.unknown or s.fact.target is None else self._key(s.fact.target) for s in sentences]
        last = {subject: s.fact for subject, s in zip(subjects, sentences, strict=True) if subject is not None}
        final = {id(fact) for subject, fact in last.items() if self._leads_to_a_colour(subject, last)}
        return [
            s
            for s, subject in zip(sentences, subjects, strict=True)
            if subject is None or id(last[subject]) not in final or s.fact is last[subject]
        ]

    def reasons(self, sentence: Sentence, told: Sequence[bool], vocabulary: Vocabulary) -> str:
        """Why a sentence says nothing of this drawing.

        Args:
            sentence: the sentence.
            told: of each shape, whether it has got a colour.
            vocabulary: the model's words.
        """
        fact = sentence.fact
        found = [describe_several(sentence)] if fact.several else []
        named = fact.target, fact.source
        found += dict.fromkeys(why for meant in named if meant is not None and (why := self.missing(meant)))
        source = None if fact.source is None else self.find(fact.source)
        if source is not None and fact.source is not None and not told[source]:
            found.append(f"no sentence leads to a colour of {name_meant(fact.source)}")
        strangers = [name for name in fact.strangers if name not in sentence.unknown]
        found += [f"'{name}' is {describe_stranger(name)}" for name in strangers]
        if sentence.unknown:
            found.append(f"words this model does not know: {describe_unknown(sentence.unknown, vocabulary)}")
        if not found and not fact.kinds and not fact.strangers:
            found.append("it names no shape")
        if not found and not fact.colours and not fact.same:
            two = fact.kinds if len(fact.kinds) == 2 else (7, 8)
            found.append(f"it names no colour: {_SAY.format(*(KINDS[kind] for kind in two))}")
        return "; ".join(found) or f"the model does not read it: {_SAY.format('diamond', 'circle')}"

    def _cell(self, meant: Meant) -> int | None:
        kind, relation = meant
        found = self.kinds.get(kind, ())
        if len(found) != 1:
            return None
        cell = self.cells[found[0]]
        return cell if relation is None else dict(NEIGHBOURS[cell]).get(relation)

    def _key(self, meant: Meant) -> int | Meant:
        """A shape, or what is said of it where that is unknown: the same for two ways to say the same."""
        shape = self.find(meant)
        return meant if shape is None else shape

    def _leads_to_a_colour(self, subject: int | Meant, last: Mapping) -> bool:
        seen = set()
        while subject in last and subject not in seen:
            seen.add(subject)
            if last[subject].source is None:
                return True
            subject = self._key(last[subject].source)
        return False


def describe_several(sentence: Sentence) -> str:
    """What to say of a sentence that says more than the model reads."""
    fact = sentence.fact
    much = "several colours" if len(fact.colours) > 1 else "several shapes" if not fact.same else "several facts"
    return f"it names {much}, but only one fact a sentence is read: write one sentence for each shape"


def name_meant(meant: Meant) -> str:
    """`the shape left of the circle`."""
    kind, relation = meant
    place = "" if relation is None else f"shape {RELATIONS[relation].replace(' to', ' of')} the "
    return f"the {place}{KINDS[kind]}"

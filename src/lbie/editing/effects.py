"""Which sentences of a description had no effect, and why: found by asking the model without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lbie.data.cosal.shapes import UNTOLD
from lbie.editing.known import Ask, Description
from lbie.editing.sentences import Sentence

_MOST_PAIRS = 300


class Effects:
    """What the sentences of one description do.

    A sentence and its repetitions count as one. Each is left out once: where that changes no shape, the sentence had
    no effect. It is then asked alone, and without each of the others in turn, to find what it would have said.
    """

    def __init__(self, sentences: Description, classes: np.ndarray, ask: Ask) -> None:
        """Ask.

        Args:
            sentences: the description.
            classes: (K,) what it gives each shape.
            ask: the model.
        """
        self.classes, self._ask, self._all = classes, ask, sentences
        self.sentences = list({s.words: s for s in sentences}.values())
        """The last of each repeated sentence."""
        self.sentences.sort(key=lambda s: s.place)
        self.without = self._answers([self._leave_out(s) for s in self.sentences])  # (S, K)
        self.idle = [i for i, row in enumerate(self.without) if (row == classes).all()]
        """Places in `sentences` of those without effect."""
        self.rivals: dict[int, Sentence | None] = {}
        """Of idle sentences that are contradicted: by which one, if that is known."""
        self.unexplained: list[int] = []
        """Idle sentences that neither contradict another one nor say the same."""
        if self.idle:
            self._explain()

    def warnings(self, why: Callable[[Sentence], str]) -> list[str]:
        """A line for each sentence that a person should look at again; `why` says why one means nothing here."""
        lines = []
        for i in self.idle:
            sentence = self.sentences[i]
            if i in self.rivals:
                lines.append(f"{sentence} {_contradicts(sentence, self.rivals[i])}")
            elif i in self.unexplained:
                lines.append(f"{sentence} had no effect: {why(sentence)}")
        return lines

    def _leave_out(self, *gone: Sentence) -> list[Sentence]:
        words = {s.words for s in gone}
        return [s for s in self._all if s.words not in words]

    def _answers(self, descriptions: Sequence[Description]) -> np.ndarray:
        """(B, K) classes; an empty description tells nothing."""
        answers = np.full((len(descriptions), len(self.classes)), UNTOLD)
        asked = [i for i, description in enumerate(descriptions) if description]
        if asked:
            answers[asked] = self._ask([descriptions[i] for i in asked])
        return answers

    def _explain(self) -> None:
        alone = self._answers([[s] for s in self.sentences])  # (S, K)
        silent = []
        for i in self.idle:
            other = (alone[i] != UNTOLD) & (alone[i] != self.classes)
            if other.any():
                self.rivals[i] = self._find_rival(i, alone, other)
            elif (alone[i] == UNTOLD).all():
                silent.append(i)
        pairs = [(i, j) for i in silent for j in range(len(self.sentences)) if j != i][:_MOST_PAIRS]
        answers = self._answers([self._leave_out(self.sentences[i], self.sentences[j]) for i, j in pairs])
        same = set()
        for (i, j), answer in zip(pairs, answers, strict=True):
            speaks = answer != self.without[j]  # shapes of which i tells something once j is gone
            if (speaks & (self.without[j] != self.classes)).any():
                self.rivals.setdefault(i, self.sentences[j])
            elif speaks.any():
                same.add(i)
        self.unexplained = [i for i in silent if i not in self.rivals and i not in same]

    def _find_rival(self, i: int, alone: np.ndarray, other: np.ndarray) -> Sentence | None:
        """The sentence that overrides sentence i on the shapes `other`: without it, or at least alone, it shows."""
        for j in reversed(range(len(self.sentences))):
            if j != i and (self.without[j] == alone[i])[other].any():
                return self.sentences[j]
        for j in reversed(range(len(self.sentences))):
            if j != i and (alone[j] == self.classes)[other].any():
                return self.sentences[j]
        return None


def _contradicts(sentence: Sentence, rival: Sentence | None) -> str:
    if rival is None:
        return "had no effect: the others say something else of the same shape"
    return f"contradicts {rival}: the {'later' if rival.place > sentence.place else 'earlier'} one holds"

"""Lessons of sentences before a sketch model's run: what each tells of which shapes, without any drawing.

A run shows a few hundred sentences a second, and only through the colours of pieces; here the language encoder reads
thousands and learns their grammar: which shapes are meant, how they are told from others, and whose colour is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from lbie.data.cosal.free.programme import Instruction, Pick, Reference
from lbie.data.cosal.free.worlds import free_world, redescribed
from lbie.data.cosal.programme import Form, Statement
from lbie.data.cosal.shapes import KINDS
from lbie.data.cosal.worlds import generate
from lbie.language.colour_numbers import MOST_COLOURS
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel
from lbie.tasks.colour_ids import renumbered
from lbie.tasks.padding import pad_ids
from lbie.training.lessons import learn
from lbie.training.reference_facts import FACTS, FULL, fact_weights

BATCH, RATE = 128, 6e-3
_PICKS = tuple(Pick)
_CHOICES = (len(_PICKS) + 1, 5, 5, 3)
"""Of a reference: how it picks, or that there is none; side, or none; rank, from 0; neither, smallest or largest."""
_CLOSE = 1 / 6
"""Error of a fact's weight, in shares of `FULL`, up to which it is right."""
TAUGHT = ("language_encoder.", "fusion.sentence_fact.", "fusion.lookup_fact.")
"""Beginnings of the names of what is taught."""
_SLOTS = 4
"""References of a sentence: target, its landmark, source, its landmark."""
_SHARES = {"free": 0.3, "again": 0.15, "overlap": 0.15, "wording": 0.25, "chain": 0.15}
_TIMES = 4
"""Descriptions of a drawing."""


@dataclass(frozen=True)
class SentenceLessons:
    """N sentences and what they say."""

    ids: list[tuple[int, ...]]
    kinds: np.ndarray
    """(N, 4, 9) float32: 1 for the kinds that each reference may mean."""
    choices: np.ndarray
    """(N, 4, 4) int64, see `_CHOICES`."""
    again: np.ndarray
    """(N,) float32: 1 where what was told is changed."""
    asked: np.ndarray
    """(N, 2) int64: rows of `weights`, for whom a sentence means and whose colour it takes."""
    weights: np.ndarray
    """(M, FACTS) float32, see `fact_weights`; the first row is of nobody, 0."""

    @classmethod
    def draw(cls, words: Vocabulary, max_words: int, count: int) -> SentenceLessons:
        """Draw so many sentences of the train splits.

        Args:
            words: a vocabulary in which colours are numbers.
            max_words: of a sentence that are read.
            count: of sentences.
        """
        ids, kinds = [], np.zeros((count, _SLOTS, len(KINDS)), np.float32)
        choices, again = np.zeros((count, _SLOTS, len(_CHOICES)), np.int64), np.zeros(count, np.float32)
        asked, known = np.zeros((count, 2), np.int64), dict[Reference, int]()
        bar = tqdm(_sentences(count), total=count, desc="sentences", unit="sentence", disable=None, leave=False)
        for row, (text, said) in enumerate(bar):
            ids.append(words.encode(text, max_words).ids)
            again[row] = said.again
            for slot, reference in enumerate(_references(said)):
                if reference is not None:
                    kinds[row, slot, list(reference.kinds)] = 1
                    choices[row, slot] = _choices(reference)
            for place, reference in enumerate((said.target, said.source)):
                if reference is not None:
                    asked[row, place] = known.setdefault(reference, len(known) + 1)
        weights = np.stack([np.zeros(FACTS, np.float32), *map(fact_weights, known)])
        return cls(ids, kinds, choices, again, asked, weights)

    def teach(self, model: EditingModel, seed: int, epochs: int, scale: float = 1.0) -> float:
        """Train a model's language encoder in place, and which facts count where the model asks for facts.

        Args:
            model: what learns.
            seed: of the order of the sentences.
            epochs: passes over all.
            scale: what the learning rate is multiplied by.

        Returns:
            The share of sentences of which all is read right in the last pass.
        """
        torch.manual_seed(seed)
        head = nn.Linear(model.config.width, _SLOTS * (len(KINDS) + sum(_CHOICES)) + 1)
        taught = [p for name, p in model.named_parameters() if name.startswith(TAUGHT)]
        parameters = [*taught, *head.parameters()]
        model.train()
        return learn(
            *(parameters, len(self.ids), lambda rows, rng: self._try(model, head, rows, rng)),
            batch=BATCH,
            epochs=epochs,
            rate=RATE * scale,
            seed=seed,
            title="lessons of sentences",
            figure="right",
        )

    def _try(
        self, model: EditingModel, head: nn.Linear, rows: np.ndarray, rng: np.random.Generator
    ) -> tuple[Tensor, float]:
        """The loss of some sentences, and the share of them of which all is read right."""
        ids = pad_ids([self.ids[i] for i in rows])
        order = torch.from_numpy(rng.permuted(np.tile(np.arange(MOST_COLOURS), (len(ids), 1)), axis=1))
        ends = model.language_encoder(renumbered(ids, order)[:, None]).sentences[:, 0]
        out = head(ends)
        slots = out[:, :-1].unflatten(1, (_SLOTS, -1))
        kinds, *choices = slots.split([len(KINDS), *_CHOICES], 2)
        wanted = torch.from_numpy(self.kinds[rows])
        loss = F.binary_cross_entropy_with_logits(kinds, wanted) * 4
        right = ((kinds > 0) == (wanted > 0)).flatten(1).all(1)
        for place, logits in enumerate(choices):
            target = torch.from_numpy(self.choices[rows][..., place])
            loss = loss + F.cross_entropy(logits.flatten(0, 1), target.flatten())
            right &= (logits.argmax(2) == target).all(1)
        loss = loss + F.binary_cross_entropy_with_logits(out[:, -1], torch.from_numpy(self.again[rows]))
        if model.config.facts:
            told = model.fusion.norm(ends)
            given = torch.stack([model.fusion.sentence_fact(told), model.fusion.lookup_fact(told)], 1)  # (B, 2, FACTS)
            error = (given - torch.from_numpy(self.weights[self.asked[rows]])) / FULL
            loss = loss + error.square().sum((1, 2)).mean()
            right &= (error.abs() < _CLOSE).flatten(1).all(1)
        return loss, float(right.float().mean())


def _sentences(count: int) -> Iterator[tuple[str, Instruction]]:
    """So many sentences of the suites and what they say."""
    left = count
    for number, (suite, share) in enumerate(_SHARES.items()):
        wanted = left if number == len(_SHARES) - 1 else round(count * share)
        left -= wanted
        for text, said in _of(suite):
            if wanted == 0:
                break
            yield text, said
            wanted -= 1


def _of(suite: str) -> Iterator[tuple[str, Instruction]]:
    if suite in ("wording", "chain"):
        for world in generate(suite, "train", 1 << 30, direct=tuple(range(1, 10))):
            for text, statement in zip(world.sentences, world.programme, strict=True):
                yield text, _as_instruction(statement)
        return
    index = 0
    while True:
        drawn = free_world(suite, "train", index)
        for told in (drawn, *(redescribed(drawn, "train", n) for n in range(1, _TIMES))):
            yield from zip(told.sentences, told.programme, strict=True)
        index += 1


def _as_instruction(said: Statement) -> Instruction:
    """A statement of CoSaL in the terms of free drawings."""
    target = Reference(Pick.ONLY, (said.target,))
    beside = None
    if said.relation is not None and said.landmark is not None:
        landmark = Reference(Pick.ONLY, (said.landmark,))
        beside = Reference(Pick.PLACE, tuple(range(len(KINDS))), said.relation, landmark=landmark)
    if said.form is Form.RELATIONAL and beside is not None:
        return Instruction(beside, said.colour)
    if said.form is Form.SPATIAL and beside is not None:
        return Instruction(target, None, beside)
    if said.form is Form.NAMED and said.source is not None:
        return Instruction(target, None, Reference(Pick.ONLY, (said.source,)))
    return Instruction(target, said.colour)


def _references(said: Instruction) -> tuple[Reference | None, ...]:
    source = said.source
    return said.target, said.target.landmark, source, None if source is None else source.landmark


def _choices(reference: Reference) -> tuple[int, int, int, int]:
    pick = reference.pick
    sided = pick in (Pick.SIDE, Pick.ORDER, Pick.PLACE)
    side = 1 + (reference.side or 0) if sided else 0
    rank = reference.rank if pick in (Pick.ORDER, Pick.SIZE) else 0
    return _PICKS.index(pick) + 1, side, rank, 1 + int(reference.largest) if pick is Pick.SIZE else 0

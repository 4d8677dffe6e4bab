"""Words to vectors that know their sentence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lbie.language.vocabulary import UNKNOWN_ID
from lbie.model.config import ModelConfig
from lbie.tasks.colour_ids import numbers_of


@dataclass(frozen=True)
class Language:
    """Encoded descriptions."""

    words: Tensor
    """(B, N, D), zero where there is no word."""
    mask: Tensor
    """(B, N) bool, True where there is a word."""
    sentences: Tensor | None = None
    """(B, S, D), where sentences were encoded one by one: word n then belongs to sentence n // (N / S)."""
    colour: Tensor | None = None
    """(B, N) int64: which of the description's colours a word names, -1 for none; where the model points at them."""


class LanguageEncoder(nn.Module):
    """Bidirectional LSTM over word embeddings."""

    def __init__(self, config: ModelConfig, words: int) -> None:
        super().__init__()
        self.word_dropout, self.colours = config.word_dropout, config.colours
        self.embedding = nn.Embedding(words, config.embedding, padding_idx=0)
        self.lstm = nn.LSTM(config.embedding, config.width // 2, batch_first=True, bidirectional=True)
        for name, bias in self.lstm.named_parameters():
            if name.startswith("bias_ih"):
                # Forget gates begin by keeping: else the ends of a sentence know nothing of its middle for long.
                nn.init.ones_(bias.data[config.width // 2 : config.width])

    def forward(self, ids: Tensor) -> Language:
        """Encode a batch of descriptions.

        Args:
            ids: int64 word ids, 0 where there is no word: (B, N), at least one word each; or (B, S, L), the S
                sentences of each description, encoded one by one; at least one sentence has words.
        """
        colour = numbers_of(ids.flatten(1), self.colours) if self.colours else None
        if ids.ndim == 2:
            words, mask, _ = self._encode(ids)
            return Language(words, mask, colour=colour)
        batch, count, length = ids.shape
        distinct, place = torch.unique(ids.flatten(0, 1), dim=0, return_inverse=True)  # each sentence once
        words, mask, ends = (x[place] for x in self._encode(distinct))  # (B * S, L, D), (B * S, L), (B * S, D)
        shape = (batch, count * length)
        return Language(words.view(*shape, -1), mask.view(shape), ends.view(batch, count, -1), colour)

    def _encode(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Sequences (R, N) to words (R, N, D), mask (R, N) and the last state of either direction (R, D)."""
        mask = ids != 0
        if self.training and self.word_dropout:
            drop = torch.rand(ids.shape, device=ids.device) < self.word_dropout
            ids = torch.where(drop & mask, UNKNOWN_ID, ids)
        lengths = mask.sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        out, (last, _) = self.lstm(packed)
        words, _ = pad_packed_sequence(out, batch_first=True, total_length=ids.shape[1])
        words = words * mask.unsqueeze(-1)  # a sentence without words was read as one padding word
        return words, mask, last.transpose(0, 1).flatten(1)

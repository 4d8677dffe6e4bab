"""Words to vectors that know their sentence."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lbie.language.vocabulary import UNKNOWN_ID
from lbie.model.config import ModelConfig


class LanguageEncoder(nn.Module):
    """Bidirectional LSTM over word embeddings."""

    def __init__(self, config: ModelConfig, words: int) -> None:
        super().__init__()
        self.word_dropout = config.word_dropout
        self.embedding = nn.Embedding(words, config.embedding, padding_idx=0)
        self.lstm = nn.LSTM(config.embedding, config.width // 2, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Encode a batch of descriptions.

        Args:
            ids: (B, N) int64 word ids, 0 where there is no word; at least one word each.

        Returns:
            words (B, N, D), zero where there is no word, and mask (B, N) bool, True where there is one.
        """
        mask = ids != 0
        if self.training and self.word_dropout:
            drop = torch.rand(ids.shape, device=ids.device) < self.word_dropout
            ids = torch.where(drop & mask, UNKNOWN_ID, ids)
        packed = pack_padded_sequence(self.embedding(ids), mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        words, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=ids.shape[1])
        return words, mask

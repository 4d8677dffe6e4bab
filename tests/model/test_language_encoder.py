from __future__ import annotations

import torch

from lbie.model.config import ModelConfig
from lbie.model.language_encoder import LanguageEncoder

IDS = torch.tensor([[[2, 3, 4], [5, 6, 0]], [[2, 3, 4], [0, 0, 0]]])


def encoder() -> LanguageEncoder:
    torch.manual_seed(0)
    return LanguageEncoder(ModelConfig(width=8, embedding=5, word_dropout=0.0, by_sentence=True), 9).eval()


@torch.no_grad()
def test_sentences_are_encoded_one_by_one() -> None:
    made = encoder()
    both = made(IDS)
    assert both.sentences is not None and both.words.shape == (2, 6, 8) and both.sentences.shape == (2, 2, 8)
    assert both.mask.tolist() == [[True] * 5 + [False], [True] * 3 + [False] * 3]
    alone = made(IDS[:1, 1:, :2])
    assert alone.sentences is not None
    torch.testing.assert_close(both.words[0, 3:5], alone.words[0])
    torch.testing.assert_close(both.sentences[0, 1], alone.sentences[0, 0])
    torch.testing.assert_close(both.sentences[0, 0], both.sentences[1, 0])
    assert not both.words[~both.mask].any()


@torch.no_grad()
def test_a_sentence_alone_reads_like_one_sequence() -> None:
    made = encoder()
    torch.testing.assert_close(made(IDS[:1, :1]).words, made(IDS[0, :1]).words)
    assert made(IDS[0, :1]).sentences is None

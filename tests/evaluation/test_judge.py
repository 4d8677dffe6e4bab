from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from lbie.errors import InputError
from lbie.evaluation.judge import CHOICES, Judge, JudgeConfig, consistency_figures, questions, r_precision
from lbie.evaluation.judge_training import contrastive_loss, train_judge
from lbie.language.vocabulary import Vocabulary

FAMILIES = ("white", "red", "orange", "yellow", "blue", "purple", "pink", "brown", "black")
SMALL = JudgeConfig(side=16, width=16, embedding=8, channels=(8, 16))


class Oracle:
    """Reads the colour number that is written into a picture, and the colour word of a caption."""

    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        return np.eye(len(FAMILIES))[pictures[:, 0, 0, 0]]

    def read_captions(self, captions: Sequence[str]) -> np.ndarray:
        return np.eye(len(FAMILIES))[[next(i for i, f in enumerate(FAMILIES) if f in c) for c in captions]]


class Random:
    """Knows nothing."""

    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        return np.random.default_rng(1).normal(size=(len(pictures), 8))

    def read_captions(self, captions: Sequence[str]) -> np.ndarray:
        return np.random.default_rng(2).normal(size=(len(captions), 8))


class Constant(Random):
    """Finds everything equal."""

    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        return np.ones((len(pictures), 8))

    def read_captions(self, captions: Sequence[str]) -> np.ndarray:
        return np.ones((len(captions), 8))


def photos(count: int) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    number = np.arange(count) % len(FAMILIES)
    pictures = np.broadcast_to(number[:, None, None, None], (count, 4, 4, 3)).astype(np.uint8)
    return pictures, [(f"a {FAMILIES[n]} flower on green leaves", "a flower") for n in number]


def test_questions_have_one_true_caption() -> None:
    captions = photos(60)[1] + [("a flower",), ("a red and white flower", "a blue flower"), ("a green flower",)]
    rows, table = questions(captions, 0)
    assert rows.tolist() == [*range(60), 61]  # where no colour is named there is no question
    assert table.shape == (61, CHOICES) and (table[:, 0] == rows).all()
    for row, others in zip(rows, table[:, 1:], strict=True):
        assert len({*others}) == CHOICES - 1
        told = " ".join(captions[row])
        for other in others:
            assert any(f in captions[other][0] and f not in told for f in FAMILIES)
    assert (questions(captions, 0)[1] == table).all() and (questions(captions, 1)[1] != table).any()


def test_r_precision_of_one_who_knows_and_of_one_who_does_not() -> None:
    pictures, captions = photos(900)
    assert r_precision(Oracle(), pictures, captions, 0).mean() == 1
    assert r_precision(Random(), pictures, captions, 0).mean() == pytest.approx(1 / 8, abs=0.05)
    assert r_precision(Constant(), pictures, captions, 0).mean() == 0  # a tie is no answer
    assert len(r_precision(Oracle(), pictures[:5], captions[:5], 0)) == 0  # too few other captions


def test_consistency_figures() -> None:
    pictures, captions = photos(90)
    wrong = np.roll(pictures, 1, axis=0)
    figures = consistency_figures(Oracle(), {"true_photos": pictures, "own_caption": wrong}, captions, 0)
    assert figures is not None and figures["n"] == 90
    assert figures["true_photos"]["value"] == 1 and figures["own_over_true"]["value"] == 0
    few = {"true_photos": pictures[:3], "own_caption": wrong[:3]}
    assert consistency_figures(Oracle(), few, captions[:3], 0) is None


def test_save_and_load(tmp_path: Path) -> None:
    torch.manual_seed(0)
    judge = Judge(SMALL, Vocabulary.build(["a red flower", "a blue flower"], 1)).eval()
    pictures = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 3), np.uint8)
    vectors = judge.read_pictures(pictures), judge.read_captions(["a red flower", "blue"])
    for found in vectors:
        assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    judge.save(tmp_path / "judge")
    again = Judge.load(tmp_path / "judge")
    assert again.config == SMALL
    assert again.read_pictures(pictures) == pytest.approx(vectors[0], abs=1e-6)
    assert again.read_captions(["a red flower", "blue"]) == pytest.approx(vectors[1], abs=1e-6)
    (tmp_path / "judge" / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(InputError, match="judge"):
        Judge.load(tmp_path / "judge")


def test_the_loss_leaves_out_captions_that_may_be_true() -> None:
    torch.manual_seed(0)
    judge = Judge(SMALL, Vocabulary.build(["red blue white"], 1)).eval()
    lab, ids = torch.randn(3, 3, 16, 16), judge.ids(["red", "blue", "white"])
    assert contrastive_loss(judge, lab, ids, torch.eye(3, dtype=torch.bool)).item() == pytest.approx(0, abs=1e-6)
    assert contrastive_loss(judge, lab, ids, torch.ones(3, 3, dtype=torch.bool)).item() > 0.1


def test_a_run_leaves_a_judge(drawn_flowers: Path, tmp_path: Path) -> None:
    train_judge(drawn_flowers, tmp_path / "judge", SMALL, epochs=2)
    judge = Judge.load(tmp_path / "judge")
    assert judge.config == SMALL and "red" in judge.vocabulary.words

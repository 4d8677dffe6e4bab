"""The figures of each suite of CoSaL: what is read right, and how far references are followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from lbie.data.cosal.worlds import SPLITS, generate
from lbie.evaluation.cosal_scores import Answers, Exam, ask, colour_ratios, hop_ratios, shape_ratios
from lbie.model.editing_model import EditingModel

SEED = 0
DIRECT_COUNTS = (1, 4, 6, 9)
"""Numbers of direct sentences that are measured; the paper has the last three."""
HOP_RANGES = {"1_to_4": range(1, 5), "5_and_6": range(5, 7)}
"""Trained, and longer than trained."""


def make_exam(
    model: EditingModel, suite: str, split: str, count: int | None, *, direct: int = 4, start: int = 0
) -> Exam:
    """The worlds of a split, `count` of them or all, in the words of a model.

    Args:
        model: who is asked.
        suite: paper, wording or chain.
        split: train, val or test.
        count: number of worlds (None: the published one).
        direct: direct sentences of `paper` and `wording`.
        start: index of the first world.
    """
    worlds = generate(suite, split, count, start=start, direct=(direct,))
    bar = tqdm(worlds, desc=f"worlds of {suite}", total=count or SPLITS[split], disable=None, leave=False)
    return Exam.of(bar, model.vocabulary, model.config.max_words)


def readings(answers: Answers, exam: Exam, manner: str = "interval") -> dict[str, Any]:
    """Average IoU in both readings, by colour (a) and by shape (b), and the mean stopping step.

    `manner` is `interval`, or `mean` without one.
    """
    a, b = colour_ratios(answers, exam), shape_ratios(answers, exam)
    both = (a.interval(SEED), b.interval(SEED)) if manner == "interval" else (round(a.mean(), 4), round(b.mean(), 4))
    return {"by_colour": both[0], "by_shape": both[1], "mean_steps": round(float(answers.steps.mean()), 3)}


def direct_figures(
    model: EditingModel,
    suite: str,
    split: str,
    count: int | None,
    label: str,
    *,
    counts: Sequence[int] = DIRECT_COUNTS,
    seen: Callable[[str, Answers, Exam], None] | None = None,
) -> dict[str, Any]:
    """Readings of `paper` or `wording` at each number of direct sentences, and the digests of their worlds.

    Args:
        model: who is asked.
        suite: paper or wording.
        split: as for `make_exam`.
        count: likewise.
        label: stands before the progress bar.
        counts: numbers of direct sentences.
        seen: called with a title, the answers and the exam each time.
    """
    found: dict[str, Any] = {}
    for direct in counts:
        exam = make_exam(model, suite, split, count, direct=direct)
        answers = ask(model, exam, title=f"{label}: {suite}, {direct} direct")
        found[str(direct)] = readings(answers, exam) | {"worlds_sha256": exam.digest()}
        if seen:
            seen(f"{suite}, {direct} direct", answers, exam)
    return found


def mean_over_direct(figures: dict[str, Any]) -> dict[str, float]:
    """Mean of what `direct_figures` found, in both readings."""
    return {
        reading: round(float(np.mean([f[reading]["value"] for f in figures.values()])), 4)
        for reading in ("by_colour", "by_shape")
    }


def reference_figures(answers: Answers, exam: Exam) -> dict[str, Any]:
    """IoU of the shapes by hops, named and spatial references apart, with intervals over worlds."""
    found: dict[str, Any] = {}
    for name, chosen in exam.by_reference().items():
        ratios, hops = hop_ratios(answers, exam, chosen), exam.hops[chosen]
        there = [h for h in range(ratios.above.shape[1]) if (hops == h).any()]
        by_hops = {str(h): ratios.only([h]).interval(SEED) | {"shapes": int((hops == h).sum())} for h in there}
        means = {
            key: ratios.only([h for h in several if h in there]).interval(SEED)
            for key, several in HOP_RANGES.items()
            if any(h in there for h in several)
        }
        found[name] = {"worlds": int(chosen.sum()), "by_hops": by_hops, **means}
    return found


def reference_means(answers: Answers, exam: Exam) -> dict[str, float]:
    """Mean IoU over 1 to 4 hops and over 5 and 6, named and spatial apart, without intervals."""
    found = {}
    for name, chosen in exam.by_reference().items():
        ratios = hop_ratios(answers, exam, chosen)
        for key, several in HOP_RANGES.items():
            value = ratios.only([h for h in several if h < ratios.above.shape[1]]).mean()
            if not np.isnan(value):
                found[f"{name}_{key}"] = round(value, 4)
    return found

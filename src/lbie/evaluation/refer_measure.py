"""One segmenter asked all of an exam, in all the manners in which it is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm import tqdm

from lbie.evaluation.answers import Answer, ask, look
from lbie.evaluation.refer_baselines import baseline_masks
from lbie.evaluation.refer_exam import SEED, Asked, ReferExam
from lbie.evaluation.refer_gates import Steps
from lbie.evaluation.refer_groups import groups
from lbie.evaluation.refer_scores import ReferScores
from lbie.model.editing_model import EditingModel

OWN, LINEAR, BLANK, FORCED, PRODUCT = "model", "linear", "blanked", "all steps", "with the threshold"
"""Rows of the model that is measured: its masks as the product has them, enlarged linearly instead, with blanked words,
with all steps forced, and with an empty mask where it says that nothing matches."""
ALL = "all"
_SHOWN = 60
"""Answers on the sheet."""


class Sample:
    """Some of many, each with the same chance, whichever come."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seen, self.kept = count, 0, list[Answer]()
        self._rng = np.random.default_rng(seed)

    def add(self, answer: Answer) -> None:
        """Take one, or not."""
        self.seen += 1
        if len(self.kept) < self.count:
            self.kept.append(answer)
        elif (place := int(self._rng.integers(self.seen))) < self.count:
            self.kept[place] = answer


@dataclass
class Measured:
    """What was counted of one model."""

    threshold: float
    """Presence from which on the model says that the thing is there."""
    rows: defaultdict[str, ReferScores] = field(default_factory=lambda: defaultdict(ReferScores))
    """By name of the row; all over the same phrases."""
    grouped: ReferScores = field(default_factory=ReferScores)
    """The phrases of the table and more of rare kinds, by group."""
    trained: defaultdict[str, ReferScores] = field(default_factory=lambda: defaultdict(ReferScores))
    """The phrases of the table by kind."""
    unseen: defaultdict[str, ReferScores] = field(default_factory=lambda: defaultdict(ReferScores))
    """Phrases in held-out wordings by kind, and all of them under `ALL`."""
    steps: Steps = field(default_factory=Steps)
    sample: Sample = field(default_factory=lambda: Sample(_SHOWN, SEED))
    answered: dict[bool, list[bool]] = field(default_factory=lambda: {True: [], False: []})
    """Of phrases that name something, and of those that name nothing, whether each got an answer at the threshold."""
    unreadable: int = 0
    """Phrases without a word that the model knows."""


def measure(model: EditingModel, exam: ReferExam, label: str, threshold: float = 0.5, whole: bool = True) -> Measured:
    """Ask a model.

    Args:
        model: in evaluation mode.
        exam: what it is asked.
        label: stands before the progress bar.
        threshold: see `Measured`.
        whole: in all manners, and beside what needs no network; otherwise the phrases of the table, with words and
            without.
    """
    found = Measured(threshold)
    for asked in tqdm(exam.read(), desc=label, disable=None, leave=False):
        features, scene = look(model, asked.scene.image), asked.scene
        answers = ask(model, features, scene, asked.phrases)
        _take(found, answers, tells=model.config.presence)
        _add(found.rows[BLANK], ask(model, features, scene, asked.phrases, blank=True))
        if not whole:
            continue
        more = ask(model, features, scene, asked.more)
        for answer in (*answers, *more):
            found.grouped.add(scene, answer.phrase, answer.refined, groups=groups(scene, answer.phrase))
            if answer.stops.all():
                found.steps.add(answer)
        _add(found.rows[FORCED], ask(model, features, scene, asked.phrases, force_steps=model.config.max_steps))
        found.steps.count(model, features, asked.phrases)
        for answer in answers:
            found.rows[LINEAR].add(scene, answer.phrase, answer.mask)
            found.trained[answer.phrase.kind].add(scene, answer.phrase, answer.refined)
        for answer in ask(model, features, scene, asked.held_out):
            for key in (ALL, answer.phrase.kind):
                found.unseen[key].add(scene, answer.phrase, answer.refined)
        _add_baselines(found, asked, exam)
    return found


def _take(found: Measured, answers: Sequence[Answer], tells: bool) -> None:
    """Count the answers to the phrases of the table."""
    for answer in answers:
        scene, phrase = answer.scene, answer.phrase
        found.unreadable += not answer.stops.all()
        found.rows[OWN].add(scene, phrase, answer.refined, answer.presence if tells else None)
        there = answer.presence >= found.threshold
        found.rows[PRODUCT].add(scene, phrase, answer.refined & there)
        found.answered[answer.truth is not None].append(there)
        found.sample.add(answer)


def _add(scores: ReferScores, answers: Sequence[Answer]) -> None:
    for answer in answers:
        scores.add(answer.scene, answer.phrase, answer.refined)


def _add_baselines(found: Measured, asked: Asked, exam: ReferExam) -> None:
    for phrase in asked.phrases:
        if phrase.target is not None:
            for name, mask in baseline_masks(asked.scene, phrase, exam.box, exam.complete).items():
                found.rows[name].add(asked.scene, phrase, mask)


def row_figures(scores: ReferScores) -> dict[str, Any]:
    """A row of the table: figures without groups and presence."""
    return {k: v for k, v in scores.figures(SEED).items() if k not in ("by", "presence")}


def presence_figures(found: Measured) -> dict[str, Any]:
    """Area under the ROC curve, where there is one, and the share of phrases that get an answer at the threshold."""
    own = found.rows[OWN].masks.figures(SEED).get("presence") or {}
    there, absent = found.answered[True], found.answered[False]
    return own | {
        "threshold": found.threshold,
        "answered_of_there": round(float(np.mean(there)), 4) if there else None,
        "answered_of_absent": round(float(np.mean(absent)), 4) if absent else None,
    }


def wording_figures(found: Measured) -> dict[str, Any] | None:
    """Held-out wordings beside those of training, and the drop; None where there are none."""
    kinds = [kind for kind in found.trained if kind in found.unseen and found.unseen[kind].mean.interval(SEED)]
    if not kinds:
        return None

    def both(trained: ReferScores, unseen: ReferScores) -> dict[str, Any]:
        rows = {"trained": trained, "unseen": unseen}
        figures = {
            name: {"overall_iou": r.overall.interval(SEED), "mean_iou": r.mean.interval(SEED)}
            for name, r in rows.items()
        }
        return figures | {"drop": trained.less(unseen, SEED)}

    by_kind = {kind: both(found.trained[kind], found.unseen[kind]) for kind in sorted(kinds)}
    drops = [own["drop"]["mean_iou"]["value"] for own in by_kind.values() if own["drop"]["mean_iou"]]
    return both(found.rows[OWN], found.unseen[ALL]) | {
        "mean_drop_over_kinds": round(float(np.mean(drops)), 4),
        "by_kind": by_kind,
    }

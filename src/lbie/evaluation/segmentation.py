"""Scores of segmentation by language: IoU, overall IoU, Precision@θ, and whether the thing is there at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbie.errors import InputError
from lbie.evaluation.ratios import Ratios

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""θ of Precision@θ: the share of pairs with an IoU above it, equal not counted."""
_DRAWS = 500


@dataclass(frozen=True)
class _Pair:
    """A phrase with its answer, masks forgotten."""

    photo: str
    intersection: int
    union: int
    there: bool
    """Whether the phrase names a pixel of the photo."""
    presence: float | None
    groups: tuple[tuple[str, str], ...]


@dataclass
class SegmentationScores:
    """Takes pairs of masks one after the other and keeps their areas only.

    A pair whose truth is empty (the phrase names nothing) counts for presence and for nothing else. An empty answer
    where there is something has IoU 0. Intervals resample photos, with all their phrases.
    """

    _pairs: list[_Pair] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._pairs)

    def add(
        self,
        predicted: NDArray[np.bool_],
        truth: NDArray[np.bool_] | None,
        photo: str | None = None,
        presence: float | None = None,
        groups: Mapping[str, object] | None = None,
    ) -> float | None:
        """Take a pair.

        Args:
            predicted: (H, W) bool.
            truth: (H, W) bool, or None where the phrase names nothing.
            photo: name of the photo; each pair is one of its own where None.
            presence: how sure the model is that the thing is there, in [0, 1]; None where it does not say.
            groups: what it is also counted under, such as `{"kind": "side", "hops": 1}`.

        Returns:
            Its IoU, or None where the truth is empty.

        Raises:
            InputError: not two masks of one size, or a presence outside [0, 1].
        """
        if predicted.dtype != bool or predicted.ndim != 2:
            raise InputError(f"expected a mask (H, W) of bool, got {predicted.dtype} {predicted.shape}")
        if truth is not None and (truth.dtype != bool or truth.shape != predicted.shape):
            raise InputError(f"the mask is {predicted.shape}, the truth {truth.dtype} {truth.shape}")
        if presence is not None and not 0 <= presence <= 1:
            raise InputError(f"the presence is {presence}, outside [0, 1]")
        there = truth is not None and bool(truth.any())
        both = int(np.count_nonzero(predicted & truth)) if truth is not None else 0
        either = int(np.count_nonzero(predicted | truth)) if truth is not None else 0
        kinds = tuple((key, str(value)) for key, value in (groups or {}).items())
        name = f"pair {len(self._pairs)}" if photo is None else f"photo {photo}"
        self._pairs.append(_Pair(name, both, either, there, None if presence is None else float(presence), kinds))
        return both / either if there else None

    def figures(self, seed: int = 0) -> dict[str, Any]:
        """All figures so far.

        Args:
            seed: of the resamples of the photos.

        Returns:
            As `_figures` for all pairs; `presence` where the model said how sure it is and both kinds occurred: `auc`
            of the ROC curve with its interval, and the numbers `there` and `absent`; and `by`: for each group the
            same for each of its values.
        """
        figures = _figures(self._pairs, seed)
        presence = _presence(self._pairs, seed)
        if presence:
            figures["presence"] = presence
        groups: dict[str, dict[str, list[_Pair]]] = {}
        for pair in self._pairs:
            for key, value in pair.groups:
                groups.setdefault(key, {}).setdefault(value, []).append(pair)
        figures["by"] = {
            key: {value: _figures(pairs, seed) for value, pairs in sorted(values.items())}
            for key, values in groups.items()
        }
        return figures


def _figures(pairs: list[_Pair], seed: int) -> dict[str, Any]:
    """`pairs` (those with a truth), `absent` (those without), `photos`; with a pair, `overall_iou`, `mean_iou` and
    `precision` by θ, each a value with the ends of its 95 % bootstrap interval over photos.
    """
    scored = [pair for pair in pairs if pair.there]
    names = list(dict.fromkeys(pair.photo for pair in scored))
    counts = {"pairs": len(scored), "absent": len(pairs) - len(scored), "photos": len(names)}
    if not scored:
        return counts
    rows = {name: row for row, name in enumerate(names)}
    row = np.array([rows[pair.photo] for pair in scored])
    both = np.array([pair.intersection for pair in scored], float)
    either = np.array([pair.union for pair in scored], float)
    iou = both / either

    def ratio(above: NDArray[Any], below: NDArray[Any]) -> dict[str, float]:
        sums = [np.bincount(row, values, len(names))[:, None] for values in (above, below)]
        return Ratios(sums[0], sums[1]).interval(seed)

    one = np.ones(len(scored))
    precision = {str(theta): ratio((iou > theta).astype(float), one) for theta in THRESHOLDS}
    return counts | {"overall_iou": ratio(both, either), "mean_iou": ratio(iou, one), "precision": precision}


def _presence(pairs: list[_Pair], seed: int) -> dict[str, Any] | None:
    """Area under the ROC curve of presence; None where there is no such curve."""
    from sklearn.metrics import roc_auc_score

    told = [pair for pair in pairs if pair.presence is not None]
    there = np.array([pair.there for pair in told], bool)
    if there.all() or not there.any():
        return None
    score = np.array([pair.presence for pair in told])
    names = list(dict.fromkeys(pair.photo for pair in told))
    rows = {name: i for i, name in enumerate(names)}
    row = np.array([rows[pair.photo] for pair in told])
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(_DRAWS):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[row]
        kept = times > 0
        if there[kept].any() and not there[kept].all():
            draws.append(roc_auc_score(there[kept], score[kept], sample_weight=times[kept]))
    value = float(roc_auc_score(there, score))
    low, high = np.percentile(draws, (2.5, 97.5)) if draws else (value, value)
    auc = {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}
    return {"auc": auc, "there": int(there.sum()), "absent": int((~there).sum())}

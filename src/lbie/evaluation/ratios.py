"""Ratios of sums over worlds, and the mean of several: what every IoU of a test set is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

_DRAWS, _CHUNK = 2_000, 100


@dataclass(frozen=True)
class Ratios:
    """K ratios, each of two sums over the same N worlds. One whose lower sum is 0 does not exist and is left out."""

    above: np.ndarray
    """(N, K)."""
    below: np.ndarray
    """(N, K)."""

    def each(self) -> np.ndarray:
        """(K,) the ratios; NaN for one that does not exist."""
        return divide(self.above.sum(0, dtype=float), self.below.sum(0, dtype=float))

    def mean(self) -> float:
        """Mean of the ratios; NaN where none exists."""
        return _mean(self.each()).item()

    def only(self, columns: Sequence[int]) -> Ratios:
        """Some of the ratios."""
        chosen = list(columns)
        return Ratios(self.above[:, chosen], self.below[:, chosen])

    def interval(self, seed: int = 0) -> dict[str, float]:
        """The mean of the ratios as `value`, with the `low` and `high` end of its 95 % bootstrap interval.

        The same seed resamples the same worlds, whatever the ratios.

        Args:
            seed: of the 2,000 resamples of the worlds.
        """
        above, below = self.above.astype(float), self.below.astype(float)
        means = [_mean(divide(times @ above, times @ below)) for times in resamples(len(above), seed)]
        low, high = np.nanpercentile(np.concatenate(means), (2.5, 97.5))
        return {"value": round(self.mean(), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def resamples(count: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of so many things is drawn in 2,000 bootstrap resamples, in chunks (K, count) float64."""
    rng = np.random.default_rng(seed)
    for _ in range(_DRAWS // _CHUNK):
        rows = rng.integers(0, count, (_CHUNK, count))
        yield np.stack([np.bincount(row, minlength=count) for row in rows]).astype(float)


def divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Ratios, NaN where one does not exist."""
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


def _mean(ratios: np.ndarray) -> np.ndarray:
    """Mean over the last axis of those that exist."""
    there = ~np.isnan(ratios)
    return divide(np.where(there, ratios, 0).sum(-1), there.sum(-1).astype(float))

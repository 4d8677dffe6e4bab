"""A ratio of two sums over photos, and how much higher it is than another, with intervals over photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lbie.evaluation.ratios import Ratios, divide, resamples


@dataclass
class PhotoRatio:
    """Takes parts of the two sums one after the other; a mean is the ratio to the number of parts."""

    _sums: dict[str, list[float]] = field(default_factory=dict)

    def add(self, photo: str, above: float, below: float = 1.0) -> None:
        """Take a part of a photo."""
        sums = self._sums.setdefault(photo, [0.0, 0.0])
        sums[0] += above
        sums[1] += below

    def interval(self, seed: int = 0) -> dict[str, float] | None:
        """The ratio as `value`, with the `low` and `high` end of its 95 % bootstrap interval; None of nothing."""
        sums = self._array(list(self._sums))
        return Ratios(sums[:, :1], sums[:, 1:]).interval(seed) if sums[:, 1].sum() > 0 else None

    def minus(self, other: PhotoRatio, seed: int = 0) -> dict[str, float] | None:
        """This ratio less another as `interval` gives it, both over the same draws of photos; None without both."""
        names = list(dict.fromkeys((*self._sums, *other._sums)))
        sums = np.stack([self._array(names), other._array(names)])  # (2, N, 2)
        if not (sums[..., 1].sum(1) > 0).all():
            return None
        draws = [_difference(times @ sums) for times in resamples(len(names), seed)]
        low, high = np.nanpercentile(np.concatenate(draws), (2.5, 97.5))
        value = float(_difference(sums.sum(1)[:, None])[0])
        return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}

    def _array(self, names: Sequence[str]) -> np.ndarray:
        return np.array([self._sums.get(name, (0.0, 0.0)) for name in names], float).reshape(-1, 2)


def _difference(sums: np.ndarray) -> np.ndarray:
    """Of (2, K, 2) the first ratio less the second, (K,); NaN where one does not exist."""
    ratios = divide(sums[..., 0], sums[..., 1])
    return ratios[0] - ratios[1]

"""What the ratings of a study say: means with intervals, and how far raters agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lbie.errors import InputError
from lbie.evaluation.report import machine
from lbie.study.agreement import ordinal_alpha
from lbie.study.store import Rating, Store

CRITERIA = ("consistency", "quality")
SYSTEMS = ("ours", "without_attention", "without_language", "truth")
PAPER: dict[str, dict[str, float]] = {
    "consistency": {"ours": 0.849, "without_attention": 0.27},
    "quality": {"ours": 0.598, "without_attention": 0.404, "truth": 0.856},
}
"""The paper's human ratings, on a scale of 0 to 1."""
SCALING = "(rating - 1) / 4"
PAPER_NOTE = (
    "Other people rated other pictures in the paper's study, and how its scale maps to 0 to 1 is not known: compare "
    "orders and distances, not single figures."
)
DRAWS = 2000
FEW_PHOTOS = 20


def report(folder: Path, seed: int = 0) -> dict[str, Any]:
    """Figures of a study.

    Raises:
        InputError: no study, no ratings, or a system of which fewer than two photos are rated.
    """
    store = Store(folder)
    ratings = store.ratings()
    if not ratings:
        raise InputError(f"no ratings in '{folder}' yet: let people rate with `lbie study serve {folder}`")
    shown = {item.system for item in store.items()}
    systems = [s for s in SYSTEMS if s in shown]
    photos = {s: len({r.photo for r in ratings if r.system == s}) for s in systems}
    if min(photos.values()) < 2:
        told = ", ".join(f"{s} {n}" for s, n in photos.items())
        raise InputError(f"too few ratings for a report: at least two photos of each system must be rated ({told})")
    means = {c: _means(ratings, systems, c, seed) for c in CRITERIA}
    by_system: dict[str, dict[str, Any]] = {}
    for system in systems:
        own = [r for r in ratings if r.system == system]
        by_system[system] = {"n": len(own), "photos": photos[system], "raters": len({r.rater for r in own})} | {
            c: {"points": _interval(*means[c][system]), "scaled": _interval(*(_scale(x) for x in means[c][system]))}
            for c in CRITERIA
        }
    minus = {s: {c: _difference(means[c]["ours"], means[c][s]) for c in CRITERIA} for s in systems if s != "ours"}
    return {
        "study": {k: v for k, v in store.settings().items() if k != "salt"},
        "report": machine() | {"seed": seed, "draws": DRAWS},
        "scaling": SCALING,
        "ratings": len(ratings),
        "raters": len({r.rater for r in ratings}),
        "photos": len({r.photo for r in ratings}),
        "systems": by_system,
        "ours_minus": minus,
        "agreement": {c: _agreement(ratings, c) for c in CRITERIA},
        "paper": PAPER,
        "notes": _notes(ratings, min(photos.values())),
    }


def _tables(ratings: Sequence[Rating], criterion: str) -> dict[str, np.ndarray]:
    """Each system's ratings (raters, photos), NaN where there is none."""
    raters = {name: i for i, name in enumerate(sorted({r.rater for r in ratings}))}
    photos = {name: i for i, name in enumerate(sorted({r.photo for r in ratings}))}
    tables = {s: np.full((len(raters), len(photos)), np.nan) for s in sorted({r.system for r in ratings})}
    for r in ratings:
        tables[r.system][raters[r.rater], photos[r.photo]] = getattr(r, criterion)
    return tables


def _means(
    ratings: Sequence[Rating], systems: Sequence[str], criterion: str, seed: int
) -> dict[str, tuple[float, np.ndarray]]:
    """Each system's mean rating, and the means of `DRAWS` resamples.

    A resample draws raters with replacement and, independently, photos with replacement; a rating counts as often as
    its rater times its photo was drawn. The photo is the cluster: all systems' pictures of it come along together, and
    so do all the ratings of a rater. The same resamples serve all systems, so that their differences are paired.
    """
    tables = _tables(ratings, criterion)
    raters, photos = next(iter(tables.values())).shape
    rng = np.random.default_rng(seed)
    of_raters = rng.multinomial(raters, np.full(raters, 1 / raters), DRAWS).astype(float)
    of_photos = rng.multinomial(photos, np.full(photos, 1 / photos), DRAWS).astype(float)

    def weighted(values: np.ndarray) -> np.ndarray:
        return ((of_raters @ values) * of_photos).sum(1)

    means = {}
    with np.errstate(invalid="ignore"):  # a resample without any rating of a system is left out, as NaN
        for system in systems:
            values = tables[system]
            given = ~np.isnan(values)
            draws = weighted(np.where(given, values, 0)) / weighted(given.astype(float))
            means[system] = (float(values[given].mean()), draws)
    return means


def _scale(points: Any) -> Any:
    """1 to 5 to 0 to 1."""
    return (points - 1) / 4


def _interval(value: float, draws: np.ndarray) -> dict[str, float]:
    low, high = np.nanpercentile(draws, (2.5, 97.5))
    return {"value": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _difference(one: tuple[float, np.ndarray], other: tuple[float, np.ndarray]) -> dict[str, float]:
    """The difference of two means, on 0 to 1, from the same resamples."""
    return _interval((one[0] - other[0]) / 4, (one[1] - other[1]) / 4)


def _agreement(ratings: Sequence[Rating], criterion: str) -> dict[str, Any]:
    """Alpha over all pictures, and over how many with at least two ratings."""
    table = np.concatenate([*_tables(ratings, criterion).values()], axis=1)
    alpha = ordinal_alpha(table)
    shared = int(((~np.isnan(table)).sum(0) >= 2).sum())
    return {"ordinal_alpha": None if alpha is None else round(alpha, 4), "pictures_rated_twice": shared}


def _notes(ratings: Sequence[Rating], photos: int) -> list[str]:
    """What a reader of the figures should know."""
    notes = []
    if len({r.rater for r in ratings}) == 1:
        notes.append(
            "One rater only: there is no agreement to tell, and the intervals say how photos differ, not how raters do."
        )
    elif _agreement(ratings, "quality")["pictures_rated_twice"] == 0:
        notes.append("No picture was rated by two raters: there is no agreement to tell.")
    if photos < FEW_PHOTOS:
        notes.append(f"Of some systems only {photos} photos are rated: too few to rely on the intervals.")
    return [*notes, PAPER_NOTE]

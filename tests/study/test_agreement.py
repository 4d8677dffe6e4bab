"""Against worked examples that were published with their results."""

from __future__ import annotations

import numpy as np
import pytest

from lbie.study.agreement import ordinal_alpha


def table(*rows: str) -> np.ndarray:
    return np.array([[np.nan if c == "." else float(c) for c in row.split()] for row in rows])


def test_four_observers_and_twelve_units():
    """Krippendorff 2011, section D: ordinal alpha .815."""
    ratings = table(
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    assert ordinal_alpha(ratings) == pytest.approx(0.815, abs=5e-4)


def test_three_coders_and_fifteen_units():
    """The table of Wikipedia's "Krippendorff's alpha"; .807 is what the package `krippendorff` gives for it."""
    ratings = table(
        ". . . . . 3 4 1 2 1 1 3 3 . 3",
        "1 . 2 1 3 3 4 3 . . . . . . .",
        ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
    )
    assert ordinal_alpha(ratings) == pytest.approx(0.807, abs=5e-4)


def test_ends_of_the_scale():
    same = table("1 2 3 4 5", "1 2 3 4 5")
    assert ordinal_alpha(same) == pytest.approx(1)
    assert ordinal_alpha(same[:, ::-1] * [[1], [-1]]) < 0
    rng = np.random.default_rng(0)
    assert abs(ordinal_alpha(rng.integers(1, 6, (5, 4000)).astype(float))) < 0.02


@pytest.mark.parametrize("rows", [("1 2 3",), ("1 . 3", ". 2 ."), ("4 4 4", "4 4 4"), (". .", ". .")])
def test_none_where_it_is_not_defined(rows: tuple[str, ...]):
    assert ordinal_alpha(table(*rows)) is None

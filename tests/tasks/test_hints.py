from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbie.tasks.hints import hint_map

UNIT = st.floats(0, 1)


def test_hints_lie_in_their_regions() -> None:
    red, blue = np.array([70.0, 50.0]), np.array([20.0, -60.0])
    made = hint_map([(0.3, 0.8, red), (1.0, 0.0, blue)], (4, 8))
    assert made.dtype == np.float32 and made[2].sum() == 2
    np.testing.assert_allclose(made[:, 3, 2], [0.7, 0.5, 1])
    np.testing.assert_allclose(made[:, 0, 7], [0.2, -0.6, 1])


def test_hints_in_one_region_are_averaged() -> None:
    made = hint_map([(0.1, 0.1, np.array([70.0, 50.0])), (0.2, 0.2, np.array([10.0, -50.0]))], (2, 2))
    np.testing.assert_allclose(made[:, 0, 0], [0.4, 0, 1], atol=1e-6)
    assert not made[:, 1].any() and not made[:, :, 1].any()


@given(st.lists(st.tuples(UNIT, UNIT), max_size=20), st.integers(1, 20), st.integers(1, 20))
def test_any_points(points: list[tuple[float, float]], rows: int, columns: int) -> None:
    made = hint_map([(x, y, np.array([10.0, 20.0])) for x, y in points], (rows, columns))
    assert made.shape == (3, rows, columns) and set(np.unique(made[2])) <= {0, 1}
    assert bool(made[2].any()) == bool(points)
    np.testing.assert_allclose(made[0], 0.1 * made[2], rtol=1e-5)
    assert made[1].max() == pytest.approx(0.2 if points else 0)

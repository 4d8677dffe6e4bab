from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lbie.editing.specks import without_specks


def test_specks_go_and_parts_stay() -> None:
    found = np.full((20, 20), 0.1, np.float32)
    found[2:12, 2:12] = 0.9  # 100 pixels
    found[2:12, 15:17] = 0.8  # 20: a part of the same thing, behind another
    found[16:18, 2:5] = 0.9  # 6: a speck
    clean = without_specks(found)
    assert not clean[16:18, 2:5].any()
    rest = np.ones_like(found, bool)
    rest[16:18, 2:5] = False
    assert np.array_equal(clean[rest], found[rest])


def test_what_hangs_on_by_a_faint_bridge_is_no_speck() -> None:
    found = np.zeros((10, 20), np.float32)
    found[:, :10], found[5, 10:15], found[4:6, 15:17] = 0.9, 0.3, 0.9
    assert np.array_equal(without_specks(found), found)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(0, 1, width=32)))
def test_nothing_is_added_and_the_largest_stays(found: np.ndarray) -> None:
    clean = without_specks(found)
    assert clean.shape == found.shape and clean.dtype == found.dtype
    assert np.all((clean == found) | (clean == 0)) and np.array_equal(without_specks(clean), clean)
    assert (clean > 0.5).any() == (found > 0.5).any()

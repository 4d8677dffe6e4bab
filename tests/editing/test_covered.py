"""The parts of a band that are looked at: all that is of a region, once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lbie.colour.bands import LONGEST
from lbie.editing.covered import spans

_BLOCKS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.sampled_from([0, 100, 255]))


@given(_BLOCKS, st.integers(1, 300), st.booleans())
def test_spans_hold_the_region_once_and_say_where_it_is_whole(blocks: np.ndarray, wide: int, shares: bool) -> None:
    mask = np.repeat(blocks, wide, axis=1)
    seen, full = np.zeros(mask.shape[1], int), np.zeros(mask.shape[1], bool)
    for span in spans(mask / np.float32(255) if shares else mask):
        within = np.zeros(span.columns.stop - span.columns.start, int)
        for columns, whole in span.runs:
            within[columns] += 1
            full[span.columns][columns] = whole
        assert (within == 1).all()
        seen[span.columns] += 1
    assert seen.max() <= 1
    assert (seen[mask.any(0)] == 1).all()
    assert (mask[:, full] == 255).all()


def test_a_wide_band_is_cut_and_gaps_are_left_out() -> None:
    mask = np.full((2, 3 * LONGEST), 255, np.uint8)
    assert max(span.columns.stop - span.columns.start for span in spans(mask)) <= LONGEST
    assert all(full for span in spans(mask) for _, full in span.runs)
    mask = np.zeros((2, 10_000), np.uint8)
    mask[0, 5000] = 1
    assert sum(span.columns.stop - span.columns.start for span in spans(mask)) < 500
    assert not list(spans(np.zeros((2, 900), np.uint8)))

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco

from lbie.data import masks
from lbie.data.masks import decode_rle, decode_segmentation, encode_rle, fill_polygons
from lbie.errors import InputError

MASKS = arrays(bool, st.tuples(st.integers(1, 20), st.integers(1, 20)))
SQUARE = [2, 1, 6, 1, 6, 5, 2, 5]


@given(MASKS)
@settings(deadline=None)
def test_round_trip_through_packed_and_plain_runs(mask: np.ndarray) -> None:
    rle = json.loads(json.dumps(encode_rle(mask)))
    assert rle["size"] == list(mask.shape) and isinstance(rle["counts"], str)
    assert (decode_rle(rle) == mask).all()
    assert (decode_segmentation(rle | {"counts": rle["counts"].encode()}, mask.shape) == mask).all()
    columns = mask.T.ravel().tolist()
    runs, value = [0], False
    for pixel in columns:
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    assert (decode_rle({"size": list(mask.shape), "counts": runs}, mask.shape) == mask).all()


def test_hand_made_rle() -> None:
    assert decode_rle({"size": [2, 2], "counts": [1, 3]}).tolist() == [[False, True], [True, True]]
    assert encode_rle(np.array([[False, True], [True, True]])) == {"size": [2, 2], "counts": "13"}


@pytest.mark.parametrize(
    ("rle", "named"),
    [
        ({"counts": [4]}, "not RLE"),
        (7, "not RLE"),
        ({"size": [2, 2], "counts": [1, 30]}, "overruns its 4 pixels at run 2"),
        ({"size": [2, 2], "counts": [1, 2**40]}, "overruns"),
        ({"size": [2, 2], "counts": [1, 1]}, "fills 2 of its 4"),
        ({"size": [2, 2], "counts": []}, "fills 0 of its 4"),
        ({"size": [2, 2], "counts": ""}, "fills 0 of its 4"),
        ({"size": [2, 2], "counts": [5, -1]}, "overruns"),
        ({"size": [2, 2], "counts": [1, -1, 4]}, "negative RLE run"),
        ({"size": [2, 2], "counts": [4.0]}, "not a whole number"),
        ({"size": [2, 2], "counts": [True, 3]}, "not a whole number"),
        ({"size": [2, 2], "counts": None}, "neither text nor"),
        ({"size": [2, 2], "counts": "1é"}, "does not belong"),
        ({"size": [2, 2], "counts": "1 3"}, "does not belong"),
        ({"size": [2, 2], "counts": "1o"}, "break off"),
        ({"size": [2, 2], "counts": "o" * 50}, "no end"),
        ({"size": [2, 2], "counts": "O"}, "negative"),
        ({"size": [3, 2], "counts": [6]}, "3 x 2 pixels .* the photo is 2 x 2"),
        ({"size": [10**6, 10**6], "counts": [10**12]}, "at most 52,000,000"),
        ({"size": [-1, 2], "counts": [0]}, "not .height, width."),
        ({"size": [True, 4], "counts": [4]}, "not .height, width."),
        ({"size": "22", "counts": [4]}, "not .height, width."),
    ],
)
def test_broken_rle_is_named(rle: Any, named: str) -> None:
    with pytest.raises(InputError, match=f"the cup.*{named}"):
        decode_rle(rle, (2, 2) if "the photo is" in named else None, "the cup")


@given(st.text(st.characters(min_codepoint=45, max_codepoint=115), max_size=12), st.integers(1, 6), st.integers(1, 6))
@settings(deadline=None)
def test_any_packed_text_is_a_mask_or_an_error(counts: str, height: int, width: int) -> None:
    try:
        mask = decode_rle({"size": [height, width], "counts": counts})
    except InputError:
        return
    assert mask.shape == (height, width) and mask.dtype == bool
    assert (mask == coco.decode({"size": [height, width], "counts": counts})).all()


def test_polygon() -> None:
    mask = fill_polygons([SQUARE], (8, 10))
    assert mask.shape == (8, 10) and mask[1:5, 2:6].all() and mask.sum() == 16
    both = fill_polygons([SQUARE, [7, 6, 9, 6, 9, 8, 7, 8]], (8, 10))
    assert both.sum() == 20 and (both & mask).sum() == 16
    assert not fill_polygons([[1, 1, 5, 1, 3, 1]], (8, 10)).any()  # thinner than a pixel


def test_a_polygon_partly_outside_is_cut_off() -> None:
    cut = fill_polygons([[2, 1, 600, 1, 600, 5, 2, 5]], (8, 10))
    assert (cut == fill_polygons([[2, 1, 10, 1, 10, 5, 2, 5]], (8, 10))).all()
    assert fill_polygons([[-1e8, -1e8, 1e8, -1e8, 1e8, 1e8, -1e8, 1e8]], (8, 10)).all()
    half = fill_polygons([[-10, -10, 20, -10, -10, 20]], (8, 10))  # its long side runs through (10, 0) and (2, 8)
    assert half[:, :2].all() and half[0, 8] and not half[7, 5:].any()


@given(st.lists(st.tuples(st.floats(-30, 50), st.floats(-30, 40)), min_size=3, max_size=6))
@settings(deadline=None)
def test_cut_polygons_are_those_of_a_larger_picture(points: list[tuple[float, float]]) -> None:
    """What lies inside is what a picture large enough for all of it shows there, but for pixels on edges."""
    moved = [[value + 30 for point in points for value in point]]
    large = fill_polygons(moved, (80, 90))[30:50, 30:60]
    try:
        cut = fill_polygons([[value for point in points for value in point]], (20, 30))
    except InputError:
        assert large.sum() <= 60  # an edge that touches the border
        return
    around = np.abs(cut.astype(int) - large)
    assert around.sum() <= 130 and around[3:-3, 3:-3].sum() <= 40


@pytest.mark.parametrize(
    ("polygons", "named"),
    [
        ([], "not a list of polygons"),
        (None, "not a list of polygons"),
        ([1, 2, 3, 4, 5, 6], "polygon 1 of 6, is int"),
        ([SQUARE[:-1]], "odd number of coordinates .7."),
        ([SQUARE, [1, 1, 2, 2]], "polygon 2 of 2, has 2 points"),
        ([[1, 1, 2, 2, float("nan"), 1]], "coordinate nan"),
        ([[1, 1, 2, 2, float("inf"), 1]], "coordinate inf"),
        ([[1, 1, 2, 2, 10**400, 1]], "coordinate 1000"),
        ([[1, 1, 2, 2, "3", 1]], "is str of length 1, not a number"),
        ([[1, 1, 2, 2, True, 1]], "is bool"),
        ([SQUARE, [20, 20, 30, 20, 30, 30]], "polygon 2 of 2, lies wholly outside the picture of 8 x 10"),
        ([[-9, 1, -1, 1, -1, 5]], "wholly outside"),
    ],
)
def test_broken_polygons_are_named(polygons: Any, named: str) -> None:
    with pytest.raises(InputError, match=f"the cup.*{named}"):
        fill_polygons(polygons, (8, 10), "the cup")


def test_outlines_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "MAX_OUTLINE", 100)
    with pytest.raises(InputError, match="outlines of more than 100"):
        fill_polygons([[0, 0, 9, 7] * 20], (8, 10))


def test_what_is_neither() -> None:
    with pytest.raises(InputError, match="is NoneType, neither"):
        decode_segmentation(None, (2, 2))
    for wrong in (np.zeros((2, 2)), np.zeros(4, bool), np.zeros((0, 2), bool)):
        with pytest.raises(InputError, match="expected a mask"):
            encode_rle(wrong)

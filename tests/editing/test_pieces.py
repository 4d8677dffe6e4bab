"""Pieces of drawings: what the suites' shapes become, painting, and pictures of any kind."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbie.data.cosal.free import FREE_SUITES, UNTOUCHED, FreeWorld, generate_free
from lbie.editing.pieces import Pieces, find_pieces
from lbie.evaluation.free_scores import FreeScores

BARS = {"free": 0.985, "overlap": 0.96, "again": 0.98, "hand": 0.97, "palette": 0.985, "palette-paper": 0.995}
GREEN = (40, 180, 90)
SEVERAL = ((230, 60, 50), GREEN, (50, 90, 220), (240, 200, 40), (170, 60, 200), (40, 200, 210), (150, 90, 40))
"""Pieces that touch would be one in the same colour."""


def masks(found: Pieces) -> list[np.ndarray]:
    """(H, W) bool of each piece."""
    out = []
    for piece in found.pieces:
        mask = np.zeros(found.ink.shape, bool)
        mask[piece.box] = piece.share >= 128
        out.append(mask)
    return out


def oracle(world: FreeWorld) -> np.ndarray:
    """(H, W): the told colour wherever most of a piece is of a told shape."""
    out = np.full(world.owner.shape, UNTOUCHED)
    for mask in masks(find_pieces(world.source)):
        owners = world.owner[mask]
        counts = np.bincount(owners[owners != UNTOUCHED], minlength=len(world.shapes))
        if counts.max() > 0.5 * mask.sum():
            out[mask] = world.told[counts.argmax()]
    return out


def check(found: Pieces, rgb: np.ndarray) -> None:
    """That pieces of a picture are as they should be."""
    assert found.source is rgb
    assert found.ink.shape == rgb.shape[:2] and found.ink.dtype == np.uint8
    assert found.light is None or (found.light.shape == rgb.shape[:2] and found.light.dtype == np.float32)
    times = np.zeros(rgb.shape[:2], int)
    for piece in found.pieces:
        assert piece.share.dtype == np.uint8 and piece.share.shape == times[piece.box].shape
        assert (piece.share >= 128).any()
        times[piece.box] += piece.share > 0
    assert times.max(initial=0) <= 1
    np.testing.assert_array_equal(found.paint([None] * len(found.pieces)), rgb)


def rings() -> np.ndarray:
    """A circle with a gap, a disc, and a square in gray with a hole."""
    rgb = np.full((200, 300, 3), 250, np.uint8)
    cv2.ellipse(rgb, (70, 70), (45, 45), 0, 8, 352, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(rgb, (200, 60), 35, (30, 30, 30), -1, cv2.LINE_AA)
    cv2.rectangle(rgb, (180, 120), (270, 185), (120, 120, 120), -1)
    cv2.rectangle(rgb, (205, 140), (245, 165), (250, 250, 250), -1)
    return rgb


@pytest.mark.parametrize("suite", FREE_SUITES)
def test_oracle_of_each_suite(suite):
    worlds = list(generate_free(suite, "val", 20))
    assert FreeScores.of(worlds, [oracle(world) for world in worlds]).average().mean() >= BARS[suite]


def test_what_is_found():
    rgb = rings()
    found = find_pieces(rgb)
    check(found, rgb)
    assert found.light is None and found.paper == (250, 250, 250)
    assert sorted((piece.filled, round(piece.base[0])) for piece in found.pieces) == [
        (False, 250),
        (False, 250),
        (True, 30),
        (True, 120),
    ]
    areas = sorted(int(mask.sum()) for mask in masks(found))
    np.testing.assert_allclose(areas, [41 * 26, np.pi * 35.5**2, 91 * 66 - 41 * 26, np.pi * 42.5**2], rtol=0.02)


def test_a_wide_opening_is_no_gap():
    rgb = np.full((120, 120, 3), 255, np.uint8)
    cv2.polylines(rgb, [np.array([(30, 20), (30, 100), (90, 100), (90, 20)])], False, (0, 0, 0), 3, cv2.LINE_AA)
    assert not find_pieces(rgb).pieces


@pytest.mark.parametrize("suite", ["free", "hand", "overlap"])
def test_other_pixels_stay(suite):
    for world in generate_free(suite, "val", 5):
        found = find_pieces(world.source)
        check(found, world.source)
        colours = [GREEN if i % 2 else None for i in range(len(found.pieces))]
        changed = np.zeros(found.ink.shape, bool)
        for piece, colour in zip(found.pieces, colours, strict=True):
            if colour:
                changed[piece.box] |= piece.share > 0
        painted = found.paint(colours)
        np.testing.assert_array_equal(painted[~changed], world.source[~changed])


@pytest.mark.parametrize("suite", ["free", "overlap", "palette-paper"])
def test_painted_pieces_are_found_again(suite):
    matched = []
    for world in generate_free(suite, "val", 8):
        found = find_pieces(world.source)
        again = masks(find_pieces(found.paint([SEVERAL[i % 7] for i in range(len(found.pieces))])))
        for mask in masks(found):
            matched.append(max(((mask & other).sum() / (mask | other).sum() for other in again), default=0))
    assert np.mean(np.array(matched) > 0.9) >= 0.9, sorted(matched)[:10]


def test_light_is_taken_away():
    even = rings()
    light = np.linspace(1, 0.65, 300, dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 3, even.shape[:2])[..., None]
    rgb = np.rint(even * light + noise).clip(0, 255).astype(np.uint8)
    found, plain = find_pieces(rgb), find_pieces(even)
    assert found.light is not None
    for mask in masks(plain):
        assert max((mask & other).sum() / (mask | other).sum() for other in masks(found)) > 0.9


@pytest.mark.parametrize("level", [0, 40, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 3), (64, 64)])
def test_uniform(size, level):
    rgb = np.full((*size, 3), level, np.uint8)
    found = find_pieces(rgb)
    check(found, rgb)
    assert not found.pieces


@pytest.mark.parametrize("rgb", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_no_picture(rgb):
    with pytest.raises(ValueError, match="a picture is"):
        find_pieces(rgb)


def test_colours_for_each():
    with pytest.raises(ValueError, match="1 colours for 4 pieces"):
        find_pieces(rings()).paint([GREEN])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_any_picture(height, width, seed, block):
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 256, (-(-height // block), -(-width // block), rng.choice([1, 3])))
    large = levels.repeat(block, 0).repeat(block, 1)[:height, :width]
    rgb = np.ascontiguousarray(np.broadcast_to(large, (height, width, 3)).astype(np.uint8))
    check(find_pieces(rgb), rgb)

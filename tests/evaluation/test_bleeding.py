from __future__ import annotations

import cv2
import numpy as np
import pytest

from lbie.colour.lab import lab_to_rgb
from lbie.evaluation.bleeding import bleeding, bleeding_figures, chroma_change, edge_figures, outside, unexplained_edges

SIZE = 96
REGION = cv2.circle(np.zeros((SIZE, SIZE), np.uint8), (48, 48), 24, 1, -1) > 0
HUES = {"red": (40, 30), "blue": (10, -40), "yellow": (0, 50)}


def picture(ab: tuple[int, int], blur: float = 0, shift: int = 0) -> np.ndarray:
    """A light disc on a dark ground, its colour blurred or displaced, (SIZE, SIZE, 3) uint8."""
    chroma = np.roll(REGION.astype(np.float32), shift, 1)[..., None] * np.array(ab, np.float32)
    if blur:
        chroma = cv2.GaussianBlur(chroma, (0, 0), blur)
    lightness = np.where(REGION, 65, 40).astype(np.float32)[..., None]
    return (lab_to_rgb(np.concatenate([lightness, chroma], -1)) * 255).round().astype(np.uint8)


def coloured(blur: float = 0) -> list[np.ndarray]:
    return [picture(ab, blur)[None] for ab in HUES.values()]


def test_outside_keeps_a_distance() -> None:
    y, x = np.indices(REGION.shape)
    distance = np.hypot(y - 48, x - 48)
    rest = outside(REGION, 0.1)  # 10 pixels
    assert not rest[distance < 33].any() and rest[distance > 36].all()
    assert (outside(REGION, 0) == ~REGION).all()


def test_chroma_change_by_hand() -> None:
    flat = [np.full((4, 4, 3), level, np.uint8) for level in (50, 50, 200)]
    assert chroma_change(flat) == pytest.approx(0, abs=0.05)  # gray at any lightness
    parts = [picture(ab) for ab in HUES.values()]
    inside = chroma_change(parts)[48, 48]
    wanted = np.mean([np.hypot(30, 70), np.hypot(40, 20), np.hypot(10, 90)])
    assert inside == pytest.approx(wanted, abs=1.5)


def test_colour_within_the_region_does_not_bleed_and_blurred_colour_does() -> None:
    found = [bleeding(coloured(blur), REGION[None], REGION[None])[0][0] for blur in (0, 4, 8, 14)]
    assert found[0] == pytest.approx(0, abs=0.05)
    assert (np.diff(found) > 0.1).all()


def test_the_same_picture_has_no_bleeding() -> None:
    same = [picture((40, 30), 8)[None]] * 3
    assert [float(x[0]) for x in bleeding(same, REGION[None], REGION[None])] == [0, 0, 0]


def test_colour_on_other_flowers_counts_apart() -> None:
    other = np.roll(REGION, 40, 1)
    both = [np.maximum(picture(ab), picture(ab, shift=40))[None] for ab in HUES.values()]
    main, every, _ = bleeding(both, REGION[None], (REGION | other)[None])
    assert main[0] > 5 and every[0] == pytest.approx(0, abs=0.1)


def test_bleeding_figures() -> None:
    filled = np.ones_like(REGION)  # nothing is outside
    now = dict(zip(HUES, (np.repeat(c, 2, 0) for c in coloured(4)), strict=True))
    before = dict(zip(HUES, (np.repeat(c, 2, 0) for c in coloured(8)), strict=True))
    regions, filled = np.stack([REGION, filled]), np.stack([filled, filled])
    figures = bleeding_figures(now, before, regions, regions)
    assert figures["outside_photos"] == figures["outside_all_photos"] == 1
    assert 0 < figures["outside_over_before"]["value"] < 1
    assert figures["outside"] == figures["outside_all"]
    assert figures["outside"]["value"] < figures["outside_before"]["value"] < figures["inside"]["value"]
    nowhere = bleeding_figures(now, None, filled, filled)
    assert nowhere["outside_photos"] == 0 and "outside" not in nowhere


def test_edges_of_chroma() -> None:
    strength, share = unexplained_edges(picture((40, 30)))
    assert strength == share == 0  # every edge is one of lightness too
    shifted = [unexplained_edges(picture((40, 30), shift=s)) for s in (8, 16)]
    assert 0 < shifted[0][0] <= shifted[1][0] and 0.1 < shifted[0][1] <= 1
    blurred = unexplained_edges(picture((40, 30), blur=3))
    assert blurred[0] > 0 and blurred[1] > 0
    gray = picture((0, 0))
    assert unexplained_edges(gray) == (0, 0)
    assert edge_figures(np.stack([gray, gray]))["strength"] == {"value": 0, "low": 0, "high": 0}

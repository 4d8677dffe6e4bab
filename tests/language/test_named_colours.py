from __future__ import annotations

import numpy as np
import pytest

from lbie.language.colour_names import CONTROL_COLOURS
from lbie.language.named_colours import (
    FLOWER_LIGHTNESS,
    agreed_name,
    css_names,
    displayed,
    distinct_names,
    name_to_ab,
    xkcd_names,
)


def test_thirty_names() -> None:
    names = distinct_names()
    points = np.stack(list(names.values()))
    apart = np.linalg.norm(points[:, None] - points, axis=-1) + 1e3 * np.eye(30)
    assert len(names) == 30 and apart.min() >= 15
    assert {*CONTROL_COLOURS} <= {*names}
    assert all(1 <= len(n.split()) <= 2 for n in names)
    for place, point in enumerate(points):  # a perfect model would have them all
        for level in FLOWER_LIGHTNESS:
            assert np.linalg.norm(points - displayed(point, level), axis=-1).argmin() == place


def test_names_to_ab() -> None:
    assert list(xkcd_names())[:4] == ["purple", "green", "blue", "pink"] and len(xkcd_names()) == 949
    assert name_to_ab("white") == pytest.approx([0, 0], abs=0.1)
    assert css_names()["red"] == pytest.approx([53.2, 80.1, 67.2], abs=0.5)
    assert (name_to_ab("rebeccapurple") == css_names()["rebeccapurple"][1:]).all()  # CSS only
    with pytest.raises(KeyError):
        name_to_ab("colourless")


def test_too_many_names() -> None:
    with pytest.raises(ValueError, match="60 apart, not 30"):
        distinct_names(30, 60)


def test_agreed_name() -> None:
    names = ("blue", "light blue", "plum")
    assert agreed_name(["a Light Blue flower", "light blue petals"], names) == "light blue"
    assert agreed_name(["a light blue flower", "a blue flower"], names) is None
    assert agreed_name(["a plump flower"], names) is None

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbie.colour.lab import rgb_to_lab
from lbie.language.colour_words import ends_with_colour, find_colour, suggest_colour
from lbie.language.named_colours import survey_levels


def levels(name: str) -> tuple[int, int, int]:
    found = find_colour(name.split())
    assert found is not None and found.name == name
    return found.rgb


def test_names_and_hex() -> None:
    assert levels("#0f8") == (0, 255, 136) and levels("#12ab9f") == (18, 171, 159)
    assert levels("seagreen") == levels("sea green") and levels("grey") == levels("gray")
    assert levels("rebeccapurple") == (102, 51, 153)
    assert all(levels(name) for name in survey_levels())


@pytest.mark.parametrize(
    "words", ["", "foo", "#12", "#12345g", "the red", "light dog", "red red", "very very very very very dark red"]
)
def test_no_colours(words: str) -> None:
    assert find_colour(words.split()) is None


def test_shades_change_a_colour() -> None:
    import numpy as np

    light, plain, dark = (
        rgb_to_lab(np.array([[levels(f"{shade}crimson")]], np.uint8))[0, 0] for shade in ("light ", "", "dark ")
    )
    assert light[0] > plain[0] + 10 > dark[0] + 20


def test_the_longest_name_counts() -> None:
    assert ends_with_colour(["cat", "sea", "green"]) == 2 and ends_with_colour(["a", "cat"]) == 0
    assert suggest_colour("purpel") == "purple" and suggest_colour("q") is None


def test_the_survey_is_that_of_matplotlib() -> None:
    colors = pytest.importorskip("matplotlib.colors")
    theirs = {name.removeprefix("xkcd:"): code for name, code in reversed(colors.XKCD_COLORS.items())}
    assert {name: "#{:02x}{:02x}{:02x}".format(*rgb) for name, rgb in survey_levels().items()} == theirs
    assert list(survey_levels()) == list(theirs)


@given(st.lists(st.text(max_size=8), max_size=6))
def test_any_words(words: list[str]) -> None:
    found = find_colour(words)
    assert found is None or all(0 <= level <= 255 for level in found.rgb)

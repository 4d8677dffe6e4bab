from __future__ import annotations

import pytest

from lbie.language.colour_names import CONTROL_COLOURS, FAMILIES, agreed_colour, families_in, swap_colour


def test_a_word_belongs_to_one_family_and_families_carry_their_own_name() -> None:
    words = [w for family in FAMILIES.values() for w in family]
    assert len(words) == len(set(words))
    assert all(words[0] == family for family, words in FAMILIES.items())
    assert set(CONTROL_COLOURS) <= set(FAMILIES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A Crimson flower with golden stamen", {"red", "yellow"}),
        ("lavender-and-mauve petals", {"purple"}),
        ("tired, bored and credible", set()),  # 'red' inside a word is no colour
        ("", set()),
    ],
)
def test_families_in(text: str, expected: set[str]) -> None:
    assert families_in(text) == expected


@pytest.mark.parametrize(
    ("captions", "expected"),
    [
        (["red petals", "a scarlet flower", "it is nice"], "red"),
        (["red petals", "nice", "nice"], None),  # too few name it
        (["red petals", "red and yellow", "yellow"], None),  # a rival
        (["red petals", "red petals", "red and yellow"], "red"),
        (["red and green"] * 2 + ["green leaves"], None),  # more green than red
        (["red and green"] * 3, "red"),
        (["green"] * 3, None),
        (["nice"], None),
        ([], None),
    ],
)
def test_agreed_colour(captions: list[str], expected: str | None) -> None:
    assert agreed_colour(captions) == expected


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a Red flower, crimson inside", "a blue flower, blue inside"),
        ("reddish-red", "blue-blue"),
        ("a bored flower", None),
        ("yellow", None),
    ],
)
def test_swap_colour(caption: str, expected: str | None) -> None:
    assert swap_colour(caption, "red", "blue") == expected

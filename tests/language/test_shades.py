from __future__ import annotations

import pytest

from lbie.language.named_colours import xkcd_names
from lbie.language.shades import SHADES, names_colour, variant


def test_variants_say_another_shade_for_each_seed() -> None:
    text = "the petals are pink with a Yellow center"
    assert variant(text, 0) == text
    seen = {variant(text, seed) for seed in range(1, 7)}
    assert len(seen) == 6 and "the petals are hot pink with a golden yellow center" in seen
    assert variant(text, 7) == variant(text, 1)
    assert variant("a pretty flower", 3) == "a pretty flower"
    assert variant("an orangery in reddish light", 1) == "an orangery in reddish light"


def test_shades_are_names_of_the_survey() -> None:
    assert {name for group in SHADES.values() for name in group} <= xkcd_names().keys()


@pytest.mark.parametrize(
    ("text", "expected"), [("The flower is Teal.", True), ("a crimson bloom", True), ("a pretty flower", False)]
)
def test_sentences_with_and_without_colours(text: str, expected: bool) -> None:
    assert names_colour(text) == expected

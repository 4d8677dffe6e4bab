from __future__ import annotations

import pytest

from lbie.language.named_parts import parts_in


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("this flower has petals that are white and has yellow stamen", ("white", "yellow")),
        ("The flower has large, deep pink petals with long white anthers.", ("pink", "white")),
        ("the petals of this pretty flower are light purple with a dark red center", ("purple", "red")),
        ("the flower has yellow petals and the center of it is brown.", ("yellow", "brown")),
        ("the petals are a bright orange and the stigma is green", ("orange", "green")),
        ("golden petals surround a violet pistil", ("yellow", "purple")),
        ("this flower has blue petals and a few white anthers in the center of it", ("blue", "white")),
        ("the flower has petals that are pale pink and white with yellow stamen.", (None, "yellow")),  # two colours
        ("white and purple petals", (None, None)),
        ("the petals are white and yellow center", (None, None)),  # whose is the yellow?
        ("this flower is yellow, and has petals that are yellow near the base", (None, None)),  # of a piece only
        ("this purple flower has five petals", (None, None)),  # of the whole flower
        ("pink petals. the stem is green", ("pink", None)),
        ("petals and stamen", (None, None)),
        ("", (None, None)),
    ],
)
def test_parts_in(caption: str, expected: tuple[str | None, str | None]) -> None:
    assert parts_in(caption) == expected

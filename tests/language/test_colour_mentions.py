from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbie.data.cosal.free import generate_free
from lbie.language.colour_mentions import colour_words, find_mentions
from lbie.language.colour_numbers import MOST_COLOURS, ColourNumbers, colour_token, sketch_vocabulary
from lbie.language.vocabulary import UNKNOWN_ID


def named(text: str) -> list[tuple[str, tuple[int, int, int]]]:
    return [(m.colour.name, m.colour.rgb) for m in find_mentions(colour_words(text))]


@pytest.mark.parametrize(
    ("text", "name", "rgb"),
    [
        ("Make it #1F77b4.", "#1f77b4", (31, 119, 180)),
        ("the circle is #f80", "#f80", (255, 136, 0)),
        ("Paint the left circle rebeccapurple", "rebeccapurple", (102, 51, 153)),
        ("Use Rebecca Purple for it", "rebecca purple", (102, 51, 153)),
        ("light-green is its colour", "light green", (150, 249, 123)),
    ],
)
def test_a_colour_is_found(text: str, name: str, rgb: tuple[int, int, int]) -> None:
    assert named(text) == [(name, rgb)]


def test_the_longest_name_counts() -> None:
    assert [name for name, _ in named("the circle is dark olive green and the box olive")] == [
        "dark olive green",
        "olive",
    ]
    dark, plain = (named(text)[0][1] for text in ("very dark teal", "teal"))
    assert sum(dark) < sum(plain)


@pytest.mark.parametrize("text", ["", "the light circle", "#12", "#1234567", "the dark one", "number 123456"])
def test_what_names_no_colour(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize("suite", ["palette", "palette-paper", "free", "again"])
def test_every_mention_of_the_suites_is_found_where_it_is(suite: str) -> None:
    for world in generate_free(suite, "test", 60):
        for sentence, mention in zip(world.sentences, world.mentions, strict=True):
            found = find_mentions(colour_words(sentence))
            if mention is None:
                assert not found, sentence
                continue
            assert [(m.start, m.end) for m in found] == [(mention.start, mention.end)], sentence
            if suite.startswith("palette"):
                assert found[0].colour.rgb == mention.rgb


@given(st.text(max_size=80))
def test_no_text_makes_trouble(text: str) -> None:
    words = colour_words(text)
    last = 0
    for mention in find_mentions(words):
        assert last <= mention.start < mention.end <= len(words)
        last = mention.end


def test_a_colour_stands_for_its_number() -> None:
    vocabulary = sketch_vocabulary(["The circle is red.", "Make the left square dark blue."])
    assert vocabulary.words[2 : 2 + MOST_COLOURS] == tuple(colour_token(n) for n in range(MOST_COLOURS))
    assert not {"red", "blue"} & {*vocabulary.words}
    numbers = ColourNumbers(vocabulary)
    first = numbers.read("The circle is chartreuse!")
    assert first.words == ("the", "circle", "is", colour_token(0), ".")
    assert first.names == ("the", "circle", "is", "chartreuse", ".") and not first.unknown
    assert first.ids[3] == 2 and UNKNOWN_ID not in first.ids
    second = numbers.read("make the blob #ff0000")
    assert second.words[-2] == colour_token(1) and second.unknown == ("blob",)
    assert numbers.read("The square is chartreuse").words[3] == colour_token(0), "the same colour, the same number"
    assert [c.name for c in numbers.colours] == ["chartreuse", "#ff0000"]


def test_more_colours_than_numbers_are_refused() -> None:
    numbers = ColourNumbers(sketch_vocabulary(["the circle"]))
    for n in range(MOST_COLOURS):
        numbers.read(f"the circle is #0000{n:02x}")
    with pytest.raises(ValueError, match="more than 16"):
        numbers.read("the circle is #ffffff")

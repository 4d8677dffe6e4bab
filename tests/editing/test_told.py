from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbie.editing.told import read_description
from lbie.errors import InputError, LbieError, SentenceError
from lbie.language.colour_numbers import colour_token, sketch_vocabulary

WORDS = sketch_vocabulary(["The left circle is red. Make the rectangle the same color as the triangle, and paint it."])


def texts(text: str) -> list[str]:
    return [s.text for s in read_description(text, WORDS, 64).sentences]


def test_sentences_and_their_colours() -> None:
    found = read_description("The left circle is teal. Make the square #00F; the triangle\tis Teal", WORDS, 64)
    assert [s.number for s in found.sentences] == [1, 2, 3]
    assert [c.name for c in found.colours] == ["teal", "#00f"]
    assert found.sentences[2].read.words == ("the", "triangle", "is", colour_token(0), ".")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("The circle is red, the square blue", 2),
        ("the circle is red and the square is blue, and the triangle is green", 3),
        ("Paint the circle and the square red", 1),
        ("The circle left of the square, which is large, is red", 1),
        ("the circle is red and the square gets the same colour as the circle", 2),
        ("The circle is red\nThe square is blue", 2),
        ("Above the circle, use red", 1),
        ("Fill the square with lime, everything else light gray", 2),
    ],
)
def test_a_sentence_is_split_where_each_part_tells_of_a_shape(text: str, parts: int) -> None:
    assert len(texts(text)) == parts


def test_everyday_words_are_read_as_those_that_are_learnt() -> None:
    words = sketch_vocabulary(["the smallest rectangle is red. the biggest one."])
    read = [s.read for s in read_description("The small square is red; the big squares blue", words, 64).sentences]
    assert read[0].words[1:3] == ("smallest", "rectangle")
    assert read[1].words[1:3] == ("biggest", "rectangles")
    assert read[0].names[1:3] == ("small", "square")


@pytest.mark.parametrize("text", ["", " ", "...", "\n\n"])
def test_nothing_said_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="empty"):
        read_description(text, WORDS, 64)


def test_a_description_without_colours_says_what_to_do() -> None:
    with pytest.raises(SentenceError, match=r"no colour is named \(did you mean 'purple' by 'purpel'\?\).*dark red"):
        read_description("The circle is purpel", WORDS, 64)


def test_too_much_is_refused() -> None:
    with pytest.raises(InputError, match="60 sentences; at most 50"):
        read_description("The circle is red. " * 60, WORDS, 64)
    with pytest.raises(InputError, match="more than 16 different colours: tell the rest in a second edit"):
        read_description(" ".join(f"The circle is #0000{n:02x}." for n in range(17)), WORDS, 64)
    with pytest.raises(InputError, match="sentence 1 has 66 words; at most 64"):
        read_description("big " * 64 + "red", WORDS, 64)
    with pytest.raises(InputError, match="12,000 characters"):
        read_description("red" * 4_000, WORDS, 64)


@given(st.text(max_size=200))
def test_no_text_makes_trouble(text: str) -> None:
    try:
        found = read_description(text, WORDS, 64)
    except LbieError:
        return
    assert found.sentences and found.colours

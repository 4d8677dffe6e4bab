from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from by_rule import vocabulary
from lbie.editing.sentences import MOST_SENTENCES, read_sentences
from lbie.errors import InputError, LbieError, SentenceError
from lbie.language.vocabulary import STOP_MARKS, UNKNOWN_ID


def read(text: str, max_words: int = 20):
    return read_sentences(text, vocabulary(), max_words)


def test_one_by_one():
    first, second, third = read("The circle is red.  The fat half-ellipse\n is LIGHT-GREEN; is the diamond blue?!")
    assert (first.number, first.text, first.words) == (1, "The circle is red.", ("the", "circle", "is", "red", "."))
    assert second.words == ("the", "fat", "half", "ellipse", "is", "light", "green", ".")
    assert third.text == "is the diamond blue?!" and third.words[-1] == "."
    assert str(third) == "sentence 3 ('is the diamond blue?!')"
    assert first.ids == vocabulary().encode("The circle is red.", 20).ids
    assert not first.unknown and first.cut == 0


@pytest.mark.parametrize(
    "text", ["The circle is red", "The circle is red!", "...The circle is red", "the circle is red ,. "]
)
def test_however_it_ends_it_is_the_same_sentence(text):
    assert [s.ids for s in read(text)] == [read("The circle is red.")[0].ids]


def test_unknown_words_and_cut_ones():
    (sentence,) = read("The hexagon is mauve the hexagon is red", 6)
    assert sentence.unknown == ("hexagon", "mauve") and sentence.cut == 3
    assert len(sentence.ids) == 6 and sentence.words[-1] == "." and UNKNOWN_ID in sentence.ids


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InputError),
        (" . ! ", InputError),
        ("red " * 5000, InputError),
        ("xyzzy. plugh.", SentenceError),
        ("The circle is red. " * (MOST_SENTENCES + 1), InputError),
    ],
)
def test_refused(text, error):
    with pytest.raises(error):
        read(text)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(), st.text("the circle is red.;!?…\uff01' \n", min_size=1)))
def test_sentences_are_those_of_the_tokenizer(text):
    try:
        tokens = vocabulary().encode(text, 10_000)
        sentences = read(text, 10_000)
    except LbieError:
        return
    groups: dict[int, list[str]] = {}
    for word, number in zip(tokens.words, tokens.sentence, strict=True):
        if word not in STOP_MARKS:
            groups.setdefault(number, []).append(word)
    assert [list(s.words[:-1]) for s in sentences] == list(groups.values())
    assert tuple(dict.fromkeys(w for s in sentences for w in s.unknown)) == tokens.unknown

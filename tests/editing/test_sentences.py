from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from by_rule import vocabulary
from lbie.data.cosal import generate
from lbie.editing.facts import JOINING, NEGATIONS, WHOLES, describe_unknown, drop_shades, refusal
from lbie.editing.sentences import MOST_SENTENCES, read_sentences, split_facts
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
    assert not first.unknown


@pytest.mark.parametrize(
    "text", ["The circle is red", "The circle is red!", "...The circle is red", "the circle is red ,. "]
)
def test_however_it_ends_it_is_the_same_sentence(text):
    assert [s.ids for s in read(text)] == [read("The circle is red.")[0].ids]


def test_unknown_words():
    (sentence,) = read("The hexagon is mauve", 5)
    assert sentence.unknown == ("hexagon", "mauve")
    assert len(sentence.ids) == 5 and sentence.words[-1] == "." and UNKNOWN_ID in sentence.ids


def test_a_sentence_of_too_many_words_is_refused():
    with pytest.raises(InputError, match="sentence 2 has 9 words; at most 6 are read"):
        read("The circle is red. The hexagon is mauve the hexagon is red", 6)


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
    kept = [drop_shades(words)[0] for words in groups.values()]
    assert [list(s.words[:-1]) for s in sentences] == kept
    unknown = tuple(word for word in tokens.unknown if any(word in words for words in kept))
    assert tuple(dict.fromkeys(w for s in sentences for w in s.unknown)) == unknown


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "The circle is red, the diamond is blue, the triangle is yellow.",
            ["The circle is red", "the diamond is blue", "the triangle is yellow."],
        ),
        ("The circle is red, the diamond blue.", ["The circle is red", "the diamond blue."]),
        ("The circle is red, and the diamond is blue.", ["The circle is red", "and the diamond is blue."]),
        ("Make the triangle yellow and the diamond blue", ["Make the triangle yellow", "and the diamond blue"]),
        ("The circle is red while the box is blue", ["The circle is red", "while the box is blue"]),
        ("The circle is red\nThe box is blue", ["The circle is red", "The box is blue"]),
        (
            "Above the circle, use red, below it the disc is blue",
            ["Above the circle, use red", "below it the disc is blue"],
        ),
        ("Above the box, use red, above the disc, use blue", ["Above the box, use red", "above the disc, use blue"]),
        (
            "The diamond has the same color as the circle, but the circle is red",
            ["The diamond has the same color as the circle", "but the circle is red"],
        ),
        ("The circle is red, the star is purple, please", ["The circle is red", "the star is purple, please"]),
        ("The circle and the box are red, the disc is blue", ["The circle and the box are red", "the disc is blue"]),
        ("The circle is red and all others are blue", ["The circle is red", "and all others are blue"]),
    ],
)
def test_facts_that_are_joined_are_split(text, parts):
    assert split_facts(text) == parts
    sentences = read(f"The disc is gray. {text}")[1:]
    assert [s.text for s in sentences] == parts
    assert str(sentences[1]) == f"sentence 2, part 2 ('{parts[1]}')"
    assert all(s.words[0] not in ("and", "but", "while") for s in sentences)


@pytest.mark.parametrize(
    "text",
    [
        "The blue circle is above the yellow thin ellipse.",
        "The circle is red, yellow and blue.",
        "The circle is red and the shape above it is blue.",
        "The circle is red, which is above the diamond, and the triangle is blue.",
        "The circle, in the middle, and only that, is red",
        "The circle and the diamond are red",
        "The circle and the diamond have the same color as the box and the disc",
    ],
)
def test_other_sentences_are_left_whole(text):
    assert split_facts(text) == [text]


@pytest.mark.parametrize("split", ["train", "val", "test"])
@pytest.mark.parametrize("suite", ["paper", "wording", "chain"])
def test_every_sentence_of_the_benchmark_is_one_fact_that_is_understood(suite, split):
    for world in generate(suite, split, 300):
        sentences = read(" ".join(world.sentences))
        assert [s.text for s in sentences] == list(world.sentences)
        for sentence, said in zip(sentences, world.programme, strict=True):
            fact = sentence.fact
            assert sentence.part == 0 and not sentence.shades and not fact.several and refusal(sentence.words) is None
            meant = (said.landmark, said.relation) if said.relation is not None else None
            if said.colour is not None:
                assert (fact.target, fact.colour) == (meant or (said.target, None), said.colour), sentence
            else:
                assert (fact.target, fact.source) == ((said.target, None), meant or (said.source, None)), sentence


def test_words_that_are_refused_are_not_the_models():
    assert not (NEGATIONS | WHOLES | JOINING) & set(vocabulary().words)


@pytest.mark.parametrize(
    ("text", "shades", "kept"),
    [
        ("The circle is light blue", [("light blue", "blue")], "the circle is blue ."),
        ("The circle is dark-red", [("dark red", "red")], "the circle is red ."),
        ("Navy blue is the circle", [("navy blue", "blue")], "blue is the circle ."),
        ("The circle is pale bright yellow", [("pale bright yellow", "yellow")], "the circle is yellow ."),
        ("The circle is dark light-green", [("dark light green", "light-green")], "the circle is light green ."),
        ("The circle is bright green", [], "the circle is bright green ."),
        ("The light circle is green", [], "the light circle is green ."),
    ],
)
def test_shades_that_the_model_does_not_have(text, shades, kept):
    (sentence,) = read(text)
    assert list(sentence.shades) == shades
    assert " ".join(sentence.words) == kept and not sentence.unknown


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("turn", "'turn'"),
        ("becomes", "'becomes'"),
        ("are", "'are'"),
        ("cirle", "'cirle' (did you mean 'circle'?)"),
        ("yelow", "'yelow' (did you mean 'yellow'?)"),
        ("square", "'square' (not one of the nine shapes)"),
        ("star", "'star' (not one of the nine shapes)"),
        ("semicircle", "'semicircle' (not one of the nine shapes; did you mean 'fat half-ellipse'?)"),
        ("purple", "'purple' (not one of the model's colours)"),
    ],
)
def test_unknown_words_are_described(word, says):
    assert describe_unknown((word,), vocabulary()) == says

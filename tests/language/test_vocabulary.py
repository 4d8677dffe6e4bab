from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbie.errors import InputError, SentenceError
from lbie.language.vocabulary import MAX_CHARACTERS, PADDING, UNKNOWN, UNKNOWN_ID, Vocabulary, normalise, tokenize

KNOWN = ("the", "flower", "is", "red", "blue", "yellow", "petals", "with", ".")
WORDS = Vocabulary([PADDING, UNKNOWN, *KNOWN])
TEXT = st.lists(st.one_of(st.sampled_from(KNOWN), st.sampled_from("?!; "), st.text(max_size=8)), max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  The\tFLOWER \n is ", "the flower is"),
        ("\uff32\uff25\uff24", "red"),  # full width
        ("ros\u00e9 rose\u0301", "rose rose"),  # composed and decomposed
        ("flower\u2019s \u2018red\u2019", "flower's 'red'"),
        ("wei\u00df WEISS", "weiss weiss"),
        ("\u0130", "i"),
        ("\ufb01ve", "five"),  # ligature
        ("", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The flower's petals are rose-red!", ["the", "flower's", "petals", "are", "rose", "red", "!"]),
        ("'quoted' snake_case, 3 petals", ["quoted", "snake", "case", "3", "petals"]),
        ("red... Blue?", ["red", ".", ".", ".", "blue", "?"]),
        ("\u7ea2\u8272 \u0446\u0432\u0435\u0442\u043e\u043a", ["\u7ea2\u8272", "\u0446\u0432\u0435\u0442\u043e\u043a"]),
        ("\U0001f339 , - _", []),
    ],
)
def test_tokenize(text: str, expected: list[str]) -> None:
    assert tokenize(text) == expected


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80))
def test_tokenize_takes_any_text_and_a_second_pass_changes_nothing(text: str) -> None:
    words = tokenize(text)
    assert tokenize(normalise(text)) == words
    assert tokenize(" ".join(words)) == words


@settings(deadline=None, max_examples=300)
@given(TEXT.map(" ".join), st.integers(1, 12))
def test_encode_gives_consistent_tokens_or_a_named_error(text: str, most: int) -> None:
    words = tokenize(text)
    try:
        tokens = WORDS.encode(text, most)
    except (InputError, SentenceError):
        assert not set(words[:most]) & set(KNOWN[:-1])
        return
    assert tokens.words == tuple(words[:most])
    assert len(tokens.ids) == len(tokens.sentence) == len(tokens.words) == len(words) - tokens.cut
    assert all(0 < i < len(WORDS) for i in tokens.ids)
    assert all(WORDS.words[i] in (w, UNKNOWN) for i, w in zip(tokens.ids, tokens.words, strict=True))
    assert all(b - a in (0, 1) for a, b in zip(tokens.sentence, tokens.sentence[1:], strict=False))


@pytest.mark.parametrize("text", ["", "  ", "?!", ",-_", "\U0001f339"])
def test_nothing_to_read_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="empty"):
        WORDS.encode(text, 9)


def test_far_too_long_is_refused() -> None:
    assert WORDS.encode("red " * (MAX_CHARACTERS // 4), 9).cut == MAX_CHARACTERS // 4 - 9
    with pytest.raises(InputError, match="10,001 characters"):
        WORDS.encode("r" * (MAX_CHARACTERS + 1), 9)


def test_unknown_words_once_each_in_order() -> None:
    tokens = WORDS.encode("Zebra the yelow flower, zebra bleu!", 20)
    assert tokens.unknown == ("zebra", "yelow", "bleu")
    assert [i == UNKNOWN_ID for i in tokens.ids] == [True, False, True, False, True, True, True]


def test_no_known_word_is_a_sentence_error_with_suggestions() -> None:
    with pytest.raises(SentenceError) as error:
        WORDS.encode("bleu xyzzy", 9)
    assert "'bleu' (did you mean 'blue'?), 'xyzzy'" in str(error.value)


@pytest.mark.parametrize(("word", "near"), [("bleu", "blue"), ("yelow", "yellow"), ("petal", "petals"), ("qqq", None)])
def test_suggest(word: str, near: str | None) -> None:
    assert WORDS.suggest(word) == near


def test_many_unknown_words_are_counted() -> None:
    assert WORDS.describe_unknown([f"q{i}" for i in range(11)]).endswith("'q7' and 3 more")


def test_cut() -> None:
    tokens = WORDS.encode("the red flower is blue", 3)
    assert (tokens.words, tokens.cut) == (("the", "red", "flower"), 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("the flower", (0, 0)),
        ("the flower. red", (0, 0, 0, 1)),
        ("red! blue; yellow.", (0, 0, 1, 1, 2, 2)),
        ("red... blue", (0, 0, 0, 0, 1)),
        (". red", (0, 1)),
    ],
)
def test_sentence_numbers(text: str, sentence: tuple[int, ...]) -> None:
    assert WORDS.encode(text, 9).sentence == sentence


def test_build_keeps_frequent_words_most_frequent_first() -> None:
    built = Vocabulary.build(["red red blue", "Blue pink red"], min_count=2)
    assert built.words == (PADDING, UNKNOWN, "red", "blue")


def test_save_and_load(tmp_path: Path) -> None:
    words = Vocabulary([PADDING, UNKNOWN, "\u7ea2", "flower's", "."])
    words.save(tmp_path / "v.json")
    assert Vocabulary.load(tmp_path / "v.json").words == words.words


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"{}",
        b'"<pad>"',
        b"[]",
        b'["red"]',
        b"[1, 2]",
        b'["<unk>", "<pad>"]',
        b"\xff\xfe",
        json.dumps([PADDING, UNKNOWN, None]).encode(),
        json.dumps([PADDING, UNKNOWN, "red", "red"]).encode(),
        b"[" * 200_000,
        None,
    ],
    ids=lambda c: repr(c)[:24],
)
def test_broken_vocabulary_files(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "v.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError):
        Vocabulary.load(path)

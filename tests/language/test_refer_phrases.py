from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes_by_hand import scene

from lbie.data.scene import Phrase, Scene
from lbie.language.refer import KINDS, evaluation_phrases, phrases
from lbie.language.refer.nouns import CATEGORIES, GROUPS
from lbie.language.refer.templates import LARGEST, RELATIONS, SMALLEST, templates
from lbie.language.vocabulary import tokenize

COLOURS = {
    "dog": (25, 25, 25),
    "car": (30, 70, 200),
    "cup": (245, 215, 30),
    "person": (220, 20, 30),
    "tv": (240, 240, 240),
}
BOXES = st.tuples(st.integers(0, 80), st.integers(0, 80), st.integers(6, 40), st.integers(6, 40))
THINGS = st.lists(st.tuples(st.sampled_from(sorted(COLOURS)), BOXES), min_size=0, max_size=7)


def boxes_scene(things: list[tuple[str, tuple[int, int, int, int]]]) -> Scene:
    return scene(*((k, (y, x, min(y + h, 100), min(x + w, 100))) for k, (y, x, h, w) in things), **COLOURS)


NOUNS = {noun: kind for kind, nouns in CATEGORIES.items() for noun in nouns}
NOUN = re.compile(rf"\b({'|'.join(sorted(map(re.escape, NOUNS), key=len, reverse=True))})\b")


def kinds_said(text: str) -> set[str]:
    """The kinds that a text names; a "hot dog" is no dog."""
    return {NOUNS[noun] for noun in NOUN.findall(text)}


def naive_left_to_right(where: Scene, kind: str) -> list[int]:
    centres = {i: np.nonzero(t.mask)[1] for i, t in enumerate(where.instances) if t.category == kind and t.mask.any()}
    return sorted(centres, key=lambda i: (centres[i].min() + centres[i].max()) / 2)


@settings(max_examples=60, deadline=None)
@given(THINGS, st.integers(0, 2**32), st.booleans())
def test_phrases_of_random_scenes_hold(things: list, seed: int, held_out: bool) -> None:
    """Read again by rules of this test's own, not by the resolver."""
    where = boxes_scene(things)
    found = phrases(where, np.random.default_rng(seed), 8, held_out)
    assert len({p.text for p in found}) == len(found) <= 8
    kinds = Counter(t.category for t in where.instances)
    for phrase in found:
        assert phrase.kind in KINDS and (phrase.target is None) == (phrase.kind == "none")
        assert tokenize(phrase.text) == phrase.text.split() and "{" not in phrase.text
        if phrase.target is None:
            continue
        target = where.instances[phrase.target]
        assert target.mask.mean() >= 0.0015
        if phrase.kind == "category" and kinds_said(phrase.text) & kinds.keys() == {target.category}:
            assert kinds[target.category] == 1
        if (
            phrase.kind == "order"
            and "from left" in phrase.text
            and not set(phrase.text.split()) & {"vehicle", "animal"}
        ):
            rank = next(i for i, o in enumerate(("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th"))
                        if set(o.split()) & set(phrase.text.split()))  # fmt: skip
            assert naive_left_to_right(where, target.category)[rank] == phrase.target


def negative_is_true(where: Scene, phrase: Phrase) -> bool:
    kinds = {t.category for t in where.instances}
    return not (kinds_said(phrase.text) & kinds)


def test_a_hot_dog_is_no_dog() -> None:
    assert kinds_said("hot dog in the picture") == {"hot dog"} and kinds_said("the dog by the car") == {"dog", "car"}


@settings(max_examples=40, deadline=None)
@given(THINGS, st.integers(0, 2**32))
def test_absent_kinds_are_absent(things: list, seed: int) -> None:
    where = boxes_scene(things)
    for phrase in phrases(where, np.random.default_rng(seed), 12):
        if phrase.kind == "none" and phrase.template.startswith("category/"):
            assert negative_is_true(where, phrase), phrase.text


def test_a_rich_scene_has_every_kind() -> None:
    where = scene(
        ("dog", (40, 2, 55, 12)), ("dog", (40, 30, 58, 45)), ("dog", (40, 84, 56, 96)), ("tv", (5, 60, 25, 90)),
        ("car", (70, 5, 98, 45)), ("car", (78, 60, 90, 72)), ("clock", (42, 58, 56, 70)), **COLOURS,
    )  # fmt: skip
    drawn = [phrases(where, np.random.default_rng(seed), 60) for seed in range(4)]
    found = [p for several in drawn for p in several]
    assert {p.kind for p in found} == set(KINDS)
    assert {p.hops for p in found} == {0, 1, 2}
    assert all(p.hops >= 1 for p in found if p.kind == "relation")
    assert all(1 <= sum(p.kind == "none" for p in several) <= 11 for several in drawn)


def test_the_same_photo_has_the_same_phrases() -> None:
    where = boxes_scene([("dog", (10, 10, 30, 30)), ("dog", (50, 60, 20, 20)), ("car", (60, 5, 30, 30))])
    first = evaluation_phrases(where, 10)
    phrases(where, np.random.default_rng(5), 10)
    assert evaluation_phrases(where, 10) == first and len(first) > 5
    other = Scene("hand/2", where.image, where.instances)
    assert evaluation_phrases(other, 10) != first
    assert not {p.template for p in first} & {p.template for p in evaluation_phrases(where, 10, held_out=True)}


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "none"])
def test_held_out_wordings_are_new_and_their_words_are_not(kind: str) -> None:
    train, held_out = templates(kind), templates(kind, held_out=True)
    known, new = {t.text for t in train}, {t.text for t in held_out}
    assert len(known) >= 12 and len(new) >= 4 and not known & new
    words = {w for k in KINDS if k != "none" for t in templates(k) for w in t.text.split()}
    assert not {w for t in held_out for w in t.text.split()} - words
    assert len({t.name for t in train + held_out}) == len(train + held_out)
    for form in ("related", "chained") if kind == "relation" else ():
        assert len([t for t in train if t.form == form]) >= 12 and len([t for t in held_out if t.form == form]) >= 4


def test_nobody_is_called_by_a_colour() -> None:
    for held_out in (False, True):
        for kind in ("colour", "combination"):
            for template in templates(kind, held_out):
                if "worn" in template.form:
                    assert not re.search(r"\{c\} \{n\}|\{n\} \{c\}", template.text)


def test_every_word_is_one_that_the_tokenizer_reads() -> None:
    words = [n for names in CATEGORIES.values() for n in names] + [n for names, _, _ in GROUPS.values() for n in names]
    words += [w for names in RELATIONS.values() for w in names] + [w for names in (*LARGEST, *SMALLEST) for w in names]
    assert len(CATEGORIES) == 80
    for word in words:
        assert " ".join(tokenize(word)) == word


def test_of_an_unknown_photo_only_the_known_is_said() -> None:
    where = scene(("dog", (10, 10, 40, 40)), ("dog", (50, 60, 80, 85)), known=frozenset({"dog"}))
    for phrase in phrases(where, np.random.default_rng(1), 40):
        assert {"dog", "doggy"} & set(phrase.text.split()), phrase.text
    assert phrases(scene(known=frozenset()), np.random.default_rng(1), 5) == []

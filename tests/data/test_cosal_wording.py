"""The templates of the suite `wording`."""

from __future__ import annotations

import string
from itertools import combinations

import pytest

from lbie.data.cosal import generate
from lbie.data.cosal.programme import Form, Statement
from lbie.data.cosal.templates import COLOUR_NAMES, DIRECT, KIND_NAMES, RELATIONAL
from lbie.data.cosal.wording import word_statement
from lbie.language.vocabulary import STOP_MARKS, tokenize

SETS = pytest.mark.parametrize("templates", [DIRECT, RELATIONAL], ids=["direct", "relational"])


def read(template: str) -> tuple[str, ...]:
    """A template as the model reads it: neither case nor punctuation tells two apart."""
    slots = {name: f"slot{name}" for _, name, _, _ in string.Formatter().parse(template) if name}
    return tuple(t for t in tokenize(template.format(**slots)) if t not in STOP_MARKS)


@SETS
def test_forty_and_more(templates: dict[str, tuple[str, ...]]) -> None:
    assert len(templates["train"]) >= 40 and len(templates["test"]) >= 12 and len(templates["val"]) >= 6


@SETS
def test_splits_share_no_template(templates: dict[str, tuple[str, ...]]) -> None:
    sets = {split: {read(t) for t in own} for split, own in templates.items()}
    for split, own in templates.items():
        assert len(sets[split]) == len(own)
    for a, b in combinations(sets.values(), 2):
        assert not a & b


def test_splits_share_no_sentence() -> None:
    sentences = {
        split: {tuple(tokenize(s)) for w in generate("wording", split, 3000, direct=(1, 4)) for s in w.sentences}
        for split in ("train", "test")
    }
    assert not sentences["train"] & sentences["test"]


def test_no_word_is_new_in_val_or_test() -> None:
    words = {
        split: {t for w in generate("wording", split, 3000, direct=(1, 4)) for s in w.sentences for t in tokenize(s)}
        for split in ("train", "val", "test")
    }
    assert words["val"] <= words["train"] and words["test"] <= words["train"]


def test_every_name_and_template_occurs() -> None:
    texts = [s for w in generate("wording", "train", 3000, direct=(1, 9)) for s in w.sentences]
    everything = "\n".join(texts).lower()
    for names in (*KIND_NAMES, *COLOUR_NAMES):
        for name in names:
            assert name in everything
    for spelling in ("gray", "grey", "color ", "colour ", "colored", "coloured", "upside-down triangle", "rhombus"):
        assert spelling in everything
    assert all(t[0].isupper() and t.endswith(".") and "{" not in t for t in texts)


def test_names_are_of_one_kind() -> None:
    for names in (KIND_NAMES, COLOUR_NAMES):
        own = [{tuple(tokenize(name)) for name in kind} for kind in names]
        assert not any(a & b for a, b in combinations(own, 2))


def test_by_example() -> None:
    direct = Statement(Form.DIRECT, 8, 2)
    beside = Statement(Form.RELATIONAL, 8, 4, 2, 7)
    chance = [0.0] * 6
    assert word_statement(direct, "train", chance) == "The circle is red."
    assert word_statement(beside, "train", chance) == "The color of the shape left to the diamond is gray."
    last = [0.9999999] * 6
    assert word_statement(beside, "train", last) == "The lozenge sits on the right side of the grey figure."
    assert word_statement(beside, "test", last) == "To the left of it the lozenge has a grey figure."
    with pytest.raises(ValueError, match="no templates for named"):
        word_statement(Statement(Form.NAMED, 1, source=2), "train", chance)

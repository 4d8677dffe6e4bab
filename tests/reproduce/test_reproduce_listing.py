"""The list of what is reproduced: nothing is missing from it, and what it names exists."""

from __future__ import annotations

import re
import shlex

import pytest

from documented import ROOT, parse_lbie
from lbie.errors import InputError
from lbie.registry import _NAMES
from lbie.reproduce.listing import LISTING, read_listing

LIST = read_listing(ROOT)
FILES = [str(path.relative_to(ROOT)) for path in (ROOT / "results").rglob("*") if path.is_file()]
PICTURES = [str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*") if p.suffix in (".jpg", ".png", ".svg")]


@pytest.mark.parametrize("path", sorted([*FILES, *PICTURES]))
def test_every_result_and_picture_has_an_entry(path):
    assert list(LIST.of(path)), f"add what makes it to {LISTING}"


def test_what_is_listed_is_there():
    for item in LIST.items:
        for pattern in item.files:
            assert list(ROOT.glob(pattern)), f"{item.name}: {pattern}"
    assert {made.name for made in LIST.made if made.shipped} == set(_NAMES)


@pytest.mark.parametrize("item", LIST.items, ids=lambda item: item.name)
def test_commands_have_the_options_they_are_given(item):
    for number, command in enumerate(item.commands, 1):
        options = " ".join(getattr(item, "takes", {}).values()) if number == len(item.commands) else ""
        words = shlex.split(re.sub(r"\{[\w-]+\}", "PLACE", f"{command} {options}"))
        if words[0] == "lbie":
            parse_lbie(words[1:])
        elif words[0] == "python":
            script = (ROOT / words[1]).read_text("utf-8")
            shared = (ROOT / "benchmarks" / "short_runs.py").read_text("utf-8") if "short_runs" in script else ""
            for option in (word for word in words[2:] if word.startswith("-")):
                assert option in script + shared, option


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[figure]]\nname = 1", "figure"),
        ("made = []\nfigure = []\nextra = 1", "extra"),
        ("not toml", "not TOML"),
        (
            'made = []\n[[figure]]\nname = "a"\nfiles = ["a"]\ncommands = ["x"]\nminutes = 1\nneeds = ["b"]',
            "needs what nothing makes: b",
        ),
        (
            'made = []\n[[figure]]\nname = "a"\nfiles = ["a"]\ncommands = ["x {b}"]\nminutes = 1',
            "uses what it does not need: b",
        ),
    ],
)
def test_a_broken_list_is_told(tmp_path, text, told):
    (tmp_path / LISTING).parent.mkdir()
    (tmp_path / LISTING).write_text(text)
    with pytest.raises(InputError, match=told):
        read_listing(tmp_path)


def test_elsewhere_than_in_a_clone(tmp_path):
    with pytest.raises(InputError, match="in a clone"):
        read_listing(tmp_path)

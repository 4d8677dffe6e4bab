"""The command line of `lbie reproduce`."""

from __future__ import annotations

import json

import pytest

from documented import ROOT
from lbie.reproduce.listing import LISTING
from lbie.reproduce.published import published


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A clone with one figure and one picture's worth of commands."""
    (tmp_path / LISTING).parent.mkdir()
    (tmp_path / LISTING).write_text(
        'made = []\n[[figure]]\nname = "one"\nfiles = ["results/one.json"]\nminutes = 1\n'
        'commands = ["python make.py {out}"]\n'
    )
    (tmp_path / "make.py").write_text("import sys; open(sys.argv[1], 'w').write('{\"value\": 1}')")
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_same_and_not(cli, here):
    (here / "results" / "one.json").write_text('{"value": 1}')
    code, out, err = cli("reproduce", "--quick")
    assert code == 0, err
    assert "same" in out and "1 of 1, one: python make.py" in err
    (here / "results" / "one.json").write_text('{"value": 2}')
    code, out, err = cli("reproduce", "--quick", "--only", "one", "--write")
    assert (code, json.loads((here / "results" / "one.json").read_text())) == (2, {"value": 1})
    assert "not as committed: one" in err and "value: 1, committed 2" in out
    assert cli("reproduce", "--quick")[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "give --quick"),
        (["--quick", "--full"], "give --quick"),
        (["--quick", "--only", "two"], "no figure 'two': there are one"),
        (["--quick", "--data", "nowhere"], "no data folder at 'nowhere'"),
    ],
)
def test_usage(cli, here, words, told):
    code, _, err = cli("reproduce", *words)
    assert code == 2 and told in err and err.count("\n") == 1


def test_outside_a_clone(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = cli("reproduce", "--list")
    assert code == 2 and "in a clone" in err


def test_the_list_of_this_repository(cli, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, out, err = cli("reproduce", "--list")
    assert code == 0, err
    assert "results/sketch.json" in out and "lbie evaluate cosal" in out


def test_published_figures_are_beside():
    for name, file in (("cosal", "cosal"), ("photos", "refer"), ("flowers", "flowers")):
        rows = published(name, json.loads((ROOT / "results" / f"{file}.json").read_text("utf-8")))
        assert any(value for _, value, _ in rows) and all(here for _, _, here in rows)
    assert published("sketch", {}) == []

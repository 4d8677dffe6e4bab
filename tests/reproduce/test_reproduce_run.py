"""A reproduction in a small clone: what is made, skipped, compared and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lbie.reproduce.listing import LISTING, read_listing
from lbie.reproduce.run import Reproduction, State, keep
from lbie.reproduce.table import full_minutes, inputs_text, manner_text, minutes_text

SCRIPT = """
import json, pathlib, sys
out, value, *options = sys.argv[1:]
if value == "fail":
    sys.exit("it cannot")
pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
pathlib.Path(out).write_text(json.dumps({"value": float(value), "options": options, "own": {"value": 0.5}}))
"""
LIST = """
[[made]]
name = "model"
shipped = true
folder = "runs/model"
commands = ["python make.py {runs}/model/weights 1"]
minutes = 60
[[made]]
name = "judge"
folder = "judge"
commands = ["python make.py {judge}/weights 1"]
minutes = 10
[[figure]]
name = "good"
files = ["results/good.json"]
commands = ["python make.py {out} 0.5 {model}"]
needs = ["model"]
takes = { judge = "--judge {judge}" }
minutes = 1
apart = ["options.*"]
[[figure]]
name = "off"
files = ["results/off.json"]
part = "own"
commands = ["python make.py {out} 0.5"]
minutes = 1
[[figure]]
name = "fails"
files = ["results/fails.json"]
commands = ["python make.py {out} fail"]
minutes = 1
[[figure]]
name = "judged"
files = ["results/judged.json"]
commands = ["python make.py {out} 1"]
needs = ["judge"]
minutes = 1
[[figure]]
name = "trained"
files = ["results/trained.json"]
commands = ["python make.py {out} 1"]
trains = true
minutes = 1
[[figure]]
name = "far"
files = ["results/far.json"]
commands = ["python make.py {out} 1"]
data = ["nowhere"]
minutes = 1
[[figure]]
name = "unpacked"
files = ["results/unpacked.json"]
commands = ["python make.py {out} 1"]
packages = ["no_such_package"]
minutes = 1
[[figure]]
name = "manual"
files = ["results/manual.json"]
commands = ["python make.py {out} 1"]
by_hand = "so it is"
minutes = 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / LISTING).parent.mkdir()
    (tmp_path / LISTING).write_text(LIST)
    (tmp_path / "make.py").write_text(SCRIPT)
    (tmp_path / "results").mkdir()
    for name in ("good", "fails", "judged", "trained", "far", "unpacked", "manual"):
        (tmp_path / "results" / f"{name}.json").write_text('{"value": 0.5}')
    (tmp_path / "results" / "off.json").write_text('{"own": {"value": 0.9}, "else": 1}')
    return tmp_path


def run(root: Path, *names: str, full: bool = False, told: list[str] | None = None):
    listing = read_listing(root)
    lines = [] if told is None else told
    reproduction = Reproduction(root, listing, root / "out", full, None, lines.append)
    return {outcome.figure.name: outcome for outcome in reproduction.run(listing.chosen(list(names)))}


def test_quick(root):
    told: list[str] = []
    found = run(root, told=told)
    assert {name: outcome.state for name, outcome in found.items()} == {
        "good": State.SAME,
        "off": State.OFF,
        "fails": State.FAILED,
        "judged": State.SKIPPED,
        "trained": State.SKIPPED,
        "far": State.SKIPPED,
        "unpacked": State.SKIPPED,
        "manual": State.SKIPPED,
    }
    reasons = {name: outcome.reason for name, outcome in found.items()}
    assert "it cannot" in reasons["fails"] and "fails.log" in reasons["fails"]
    assert reasons["judged"] == "needs 'judge', which is trained: --full"
    assert "nowhere" in reasons["far"] and "no_such_package" in reasons["unpacked"]
    assert reasons["manual"] == "by hand: so it is" and reasons["trained"] == "trains: --full"
    assert found["off"].found.off == ("value: 0.5, committed 0.9",)
    assert json.loads((root / "out" / "good.json").read_text())["options"] == ["model"]
    assert told[0].startswith("1 of 8, good: python make.py") and "about 1 min" in told[0]
    assert json.loads((root / "results" / "off.json").read_text())["own"] == {"value": 0.9}


def test_full_makes_what_is_needed_once(root):
    found = run(root, "good", "judged", full=True)
    assert found["good"].state is State.SAME
    options = json.loads((root / "out" / "good.json").read_text())["options"]
    assert options == [str(root / "out/runs/model"), "--judge", str(root / "out/judge")]
    told: list[str] = []
    run(root, "good", full=True, told=told)
    assert len(told) == 1
    assert run(root, "judged")["judged"].state is State.OFF


def test_what_was_made_is_kept_where_it_belongs(root):
    keep(run(root, "off")["off"])
    assert json.loads((root / "results" / "off.json").read_text()) == {"own": {"value": 0.5}, "else": 1}


def test_how_it_is_listed(root):
    listing = read_listing(root)
    figures = {figure.name: figure for figure in listing.figure}
    assert inputs_text(figures["good"], listing) == "model, judge"
    assert inputs_text(figures["off"], listing) == "what is shipped"
    assert (full_minutes(figures["good"], listing), minutes_text(180), minutes_text(3)) == (71, "3.0 h", "3 min")
    manners = {name: manner_text(figure, listing) for name, figure in figures.items()}
    assert (manners["good"], manners["judged"], manners["trained"]) == ("quick", "full", "full")
    assert manners["manual"] == "by hand"

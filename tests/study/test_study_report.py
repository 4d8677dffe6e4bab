from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from study_drawn import drawn_study

from lbie.errors import InputError
from lbie.study.report import report
from lbie.study.store import Store

MEANS = {"ours": (4, 3), "without_attention": (2, 2), "without_language": (1, 4), "truth": (5, 5)}


def rate_all(store: Store, rater: str, shift: int = 0, photos: int | None = None) -> None:
    """Rate by system, plus or minus one by photo so that the means stay."""
    by_id = {i.id: i for i in store.items()}
    for shown in store.shown_to(rater):
        item = by_id[shown.id]
        number = int(item.photo.removesuffix(".jpg"))
        if photos is not None and number >= photos:
            continue
        wave = (1 if number % 2 else -1) if item.system == "ours" else 0
        points = [min(5, max(1, p + wave + shift)) for p in MEANS[item.system]]
        store.rate(rater, shown.id, *points)


def test_known_means_intervals_and_scaling(study: Path):
    store = Store(study)
    for rater in ("a", "b"):
        rate_all(store, rater)
    figures = report(study)
    for system, (consistency, quality) in MEANS.items():
        own = figures["systems"][system]
        assert (own["n"], own["photos"], own["raters"]) == (12, 6, 2)
        assert own["consistency"]["points"]["value"] == consistency
        assert own["quality"]["scaled"]["value"] == (quality - 1) / 4
        if system != "ours":  # no spread, no width
            assert own["quality"]["points"]["low"] == own["quality"]["points"]["high"] == quality
    ours = figures["systems"]["ours"]["consistency"]["points"]
    assert 3 <= ours["low"] < 4 < ours["high"] <= 5
    # Standard deviation 1 over 6 photos: a standard error of .41.
    assert ours["high"] - ours["low"] == pytest.approx(2 * 1.96 * 0.41, rel=0.25)
    minus = figures["ours_minus"]["without_language"]
    assert minus["consistency"]["value"] == pytest.approx(0.75)
    assert minus["quality"]["value"] == pytest.approx(-0.25)
    assert figures["agreement"]["quality"] == {"ordinal_alpha": 1.0, "pictures_rated_twice": 24}
    assert figures["paper"]["quality"]["truth"] == 0.856
    assert "salt" not in json.dumps(figures)


def test_differences_between_raters_widen_the_interval(tmp_path: Path):
    widths = []
    for name, shift in (("alike", 0), ("apart", 2)):
        store = drawn_study(tmp_path / name, 6)
        rate_all(store, "a")
        rate_all(store, "b", -shift)
        points = report(tmp_path / name)["systems"]["truth"]["quality"]["points"]
        widths.append(points["high"] - points["low"])
    assert widths[0] == 0
    assert widths[1] == 2


def test_one_rater_and_few_photos_are_said(study: Path):
    rate_all(Store(study), "a")
    figures = report(study)
    assert figures["agreement"]["consistency"] == {"ordinal_alpha": None, "pictures_rated_twice": 0}
    assert "One rater only" in figures["notes"][0]
    assert "only 6 photos" in figures["notes"][1]


def test_none_and_too_few_ratings_are_refused(study: Path, cli):
    with pytest.raises(InputError, match="no ratings"):
        report(study)
    rate_all(Store(study), "a", photos=1)
    with pytest.raises(InputError, match=r"at least two photos .*ours 1, "):
        report(study)
    code, out, err = cli("study", "report", study, "-o", study / "r.json")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert not (study / "r.json").exists()


def test_files_and_tables(study: Path, tmp_path: Path, cli):
    store = Store(study)
    name = "<script>alert(1)</script>"
    rate_all(store, name)
    rate_all(store, "b")
    code, out, _ = cli("study", "report", study, "-o", tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert code == 0
    assert "without language" in out
    figures = json.loads((tmp_path / "r.json").read_text())
    assert figures["systems"]["ours"]["consistency"]["points"]["value"] == 4
    page = (tmp_path / "r.html").read_text()
    assert "script" not in page
    assert "0.849" in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "data:image/png;base64,iVBOR" in page

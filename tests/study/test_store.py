from __future__ import annotations

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lbie.errors import InputError
from lbie.study.make import Picture, picture_path, write_study
from lbie.study.store import NotAssignedError, Store

ODD = 'Zoë\'); DROP TABLE ratings; -- <b>"%s" 花'


def test_ratings_come_back_and_a_second_one_replaces_the_first(study: Path):
    store = Store(study)
    first, second = store.shown_to(ODD)[:2]
    store.rate(ODD, first.id, 1, 5)
    store.rate(ODD, second.id, 2, 3)
    store.rate(ODD, first.id, 4, 2)
    again = Store(study).shown_to(ODD)
    assert [(s.consistency, s.quality) for s in again[:3]] == [(4, 2), (2, 3), (None, None)]
    systems = {i.id: i.system for i in store.items()}
    found = {(r.rater, r.system, r.consistency, r.quality) for r in store.ratings()}
    assert found == {(ODD, systems[first.id], 4, 2), (ODD, systems[second.id], 2, 3)}


@pytest.mark.parametrize("points", [(0, 3), (3, 6), (2.5, 3), ("x", 1), (None, 1)])
def test_the_file_refuses_what_is_no_rating(study: Path, points: tuple):
    store = Store(study)
    item = store.shown_to("a")[0].id
    with pytest.raises(InputError):
        store.rate("a", item, *points)
    assert store.ratings() == []


def test_only_assigned_pictures_can_be_rated(study: Path):
    store = Store(study)
    item = store.shown_to("a")[0].id
    for rater, what in (("b", item), ("a", "0" * 16)):
        with pytest.raises(NotAssignedError):
            store.rate(rater, what, 3, 3)


def test_order_is_kept_differs_by_rater_and_is_balanced_from_the_start(study: Path):
    store = Store(study)
    by_id = {i.id: i for i in store.items()}
    orders = {rater: [s.id for s in store.shown_to(rater)] for rater in "abcdefgh"}
    assert len({tuple(o) for o in orders.values()}) == 8
    assert orders["a"] == [s.id for s in Store(study).shown_to("a")]
    for order in orders.values():
        assert sorted(order) == sorted(by_id)
        for turn in range(4):
            part = [by_id[i] for i in order[6 * turn : 6 * turn + 6]]
            assert len({i.photo for i in part}) == 6  # each photo once before any comes again
            assert {i.system for i in part[:4]} == {"ours", "without_attention", "without_language", "truth"}
    firsts = Counter(by_id[store.shown_to(f"rater {n}")[0].id].system for n in range(80))
    assert min(firsts.values()) >= 8  # of 20 expected


def test_many_threads_rate_at_once(study: Path):
    store = Store(study)

    def rate_all(rater: str) -> None:
        for shown in store.shown_to(rater):
            store.rate(rater, shown.id, 3, 4)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rate_all, "abcd"))
    assert len(store.ratings()) == 4 * 24


def test_names_files_and_times_do_not_tell_the_system(study: Path):
    store = Store(study)
    names = {path.stem for path in (study / "pictures").iterdir()}
    assert names == {i.id for i in store.items()}
    for item in store.items():
        assert len(item.id) == 16
        with Image.open(picture_path(study, item.id)) as picture:
            assert picture.size == (64, 64)
            assert picture.info == {}
        chunks = picture_path(study, item.id).read_bytes()
        assert not any(kind in chunks for kind in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME"))
    written = [p.stem for p in sorted((study / "pictures").iterdir(), key=lambda p: p.stat().st_mtime_ns)]
    assert written == sorted(written)


def test_ids_of_two_studies_of_the_same_pictures_differ(tmp_path: Path):
    picture = Picture("1.jpg", "ours", "red", np.zeros((8, 8, 3), np.uint8))
    one, two = (write_study(tmp_path / name, [picture], {}) for name in "ab")
    assert one.items()[0].id != two.items()[0].id
    assert one.settings()["salt"] != two.settings()["salt"]


def test_broken_and_missing_studies_are_input_errors(tmp_path: Path):
    with pytest.raises(InputError, match="no study"):
        Store(tmp_path)
    (tmp_path / "study.db").write_bytes(b"not a database" * 100)
    with pytest.raises(InputError, match="is not a study"):
        Store(tmp_path)
    (tmp_path / "study.db").unlink()
    sqlite3.connect(tmp_path / "study.db").execute("CREATE TABLE x (y)")
    with pytest.raises(InputError, match="not a study of this version"):
        Store(tmp_path)


def test_a_failed_write_leaves_nothing(tmp_path: Path):
    broken = Picture("1.jpg", "ours", "red", np.zeros((8, 8, 7), np.uint8))
    with pytest.raises(TypeError):
        write_study(tmp_path / "study", [broken], {})
    assert list(tmp_path.iterdir()) == []

"""Journals of batches that are damaged, or made to do harm: a folder of results may be anybody's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies as any_of
from lbie.errors import InputError, LbieError
from lbie.scale.journal import FILE_NAME, Journal

QUICK = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One of three files: one done, one being written, one that waits."""
    folder = tmp_path_factory.mktemp("journal")
    with Journal(folder) as begun, begun.transaction():
        begun.settle({"sentence": "make it red"}, False)
        for name in ("a.png", "b.png", "c.png"):
            begun.enter(name, "make it red", None, 3, 4)
            begun.name(name, name)
    with sqlite3.connect(folder / FILE_NAME) as db:
        db.execute("UPDATE files SET state = 'done', details = '{}' WHERE path = CAST('a.png' AS BLOB)")
        db.execute("UPDATE files SET state = 'writing' WHERE path = CAST('b.png' AS BLOB)")
    db.close()
    return (folder / FILE_NAME).read_bytes()


def go_on(folder: Path) -> None:
    """All that is asked of a journal."""
    with Journal(folder) as journal:
        with journal.transaction():
            journal.settle({"sentence": "make it red"}, True)
            journal.enter("a.png", "make it red", None, 3, 4)
            journal.forget_unseen()
        list(journal.unnamed())
        outputs = [item.output for item in journal.waiting()]
        outputs += [row.output for row in journal.rows("done", "failed", "waiting") if row.output]
        journal.counts(), journal.in_the_way()
    assert not any(output.startswith("/") or ".." in output.split("/") for output in outputs)


@given(st.data())
@QUICK
def test_damaged_journals(journal: bytes, tmp_path: Path, data: st.DataObject) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / FILE_NAME).write_bytes(data.draw(any_of.damaged(st.just(journal))))
    try:
        go_on(tmp_path)
    except LbieError as error:
        assert str(error).isprintable()


HOSTILE = {
    "a result elsewhere": "UPDATE files SET output = CAST('../../evil.png' AS BLOB), state = 'waiting'",
    "a result anywhere": "UPDATE files SET output = CAST('/tmp/evil.png' AS BLOB), state = 'writing'",
    "a name that is text": "UPDATE files SET output = 'x'",
    "a name that is a number": "UPDATE files SET output = 7, state = 'writing'",
    "no name": "UPDATE files SET output = x'00'",
    "a path that is text": "UPDATE files SET path = 'x'",
    "details that are no JSON": "UPDATE files SET details = '{'",
    "details that are a list": "UPDATE files SET details = '[]'",
    "details of a thousand levels": f"UPDATE files SET details = '{'[' * 1_500}{']' * 1_500}'",
    "settings that are no JSON": "UPDATE settings SET value = x'ff'",
    "settings that are nested": f"UPDATE settings SET value = '{'[' * 1_500}{']' * 1_500}'",
    "runs that are text": "UPDATE files SET run = 'x'",
    "a trigger": "CREATE TRIGGER t AFTER UPDATE ON files BEGIN DELETE FROM settings; END",
    "no files": "DROP TABLE files",
    "a view": "ALTER TABLE files RENAME TO f; CREATE VIEW files AS SELECT * FROM f",
}


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_journals(journal: bytes, tmp_path: Path, how: str) -> None:
    if "UPDATE files SET output" in HOSTILE[how] or "path =" in HOSTILE[how]:
        change = f"DELETE FROM files WHERE path > CAST('a.png' AS BLOB); {HOSTILE[how]}"
    else:
        change = HOSTILE[how]
    (tmp_path / "out").mkdir()
    place = tmp_path / "out" / FILE_NAME
    place.write_bytes(journal)
    with sqlite3.connect(place) as db:
        db.executescript(change)
    db.close()
    with pytest.raises(InputError, match="journal") as caught:
        go_on(tmp_path / "out")
    assert str(caught.value).isprintable()

"""Whatever a reader is given, it reads it or refuses it in one line: strategies judged as fuzzing does."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies as any_of
from fuzzed import targets
from lbie.errors import InputError, LbieError
from lbie.image_io import SUFFIXES, decode_image, encode_image
from lbie.language.vocabulary import tokenize
from lbie.scale.journal import FILE_NAME, Journal
from lbie.scale.table import read_table
from lbie.training.recipe import Recipe, load_recipe

QUICK = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def one_line(read: Callable[[], object]) -> object:
    """What it reads, or None where it refuses."""
    try:
        return read()
    except LbieError as error:
        assert str(error).isprintable() and 0 < len(str(error)) < 5_000
        return None


# Images


@given(any_of.image_files(), st.sampled_from(sorted(SUFFIXES)))
@QUICK
def test_sound_images_with_any_metadata(data: bytes, suffix: str) -> None:
    source = decode_image(data)
    assert source.rgb.ndim == 3 and source.rgb.dtype == np.uint8
    again = decode_image(encode_image(source.rgb, suffix, source=source, record={"sentence": "é\0<x>"})[0])
    assert again.rgb.shape == source.rgb.shape
    if suffix in (".png", ".tif") and source.profile is None:
        assert (again.rgb == source.rgb).all()


@given(any_of.damaged(any_of.image_files()))
@QUICK
def test_damaged_images(data: bytes) -> None:
    one_line(lambda: decode_image(data, max_pixels=100_000))


# Sentences and annotations, by the functions that are fuzzed


@given(any_of.sentences())
@QUICK
def test_sentences(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    targets.sentence(data)
    targets.request(data)
    assert tokenize(text.upper()) == tokenize(text.upper().lower()) or not text.isascii()


@given(any_of.json_texts())
@QUICK
def test_annotations(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    for read in (targets.instances, targets.segmentation, targets.phrases, targets.listing):
        read(data)


@given(st.lists(st.dictionaries(any_of.KEYS, any_of.JSON), max_size=4))
@QUICK
def test_references(rows: list[object]) -> None:
    import pickle

    targets.references(pickle.dumps(rows))
    targets.references(pickle.dumps([{"ann_id": 21, "image_id": 2, "split": "val", "sentences": rows}]))


# Recipes


@given(any_of.yaml_texts())
@QUICK
def test_recipes(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    recipe = one_line(lambda: load_recipe(str(tmp_path / "r.yaml")))
    assert recipe is None or isinstance(recipe, Recipe)


# Tables


@given(any_of.tables(), st.sampled_from([".csv", ".tsv"]))
@QUICK
def test_tables(tmp_path: Path, text: str, suffix: str) -> None:
    place = tmp_path / f"t{suffix}"
    place.write_bytes(text.encode("utf-8", "surrogatepass"))
    for file in one_line(lambda: read_table(place)) or ():  # type: ignore[attr-defined]
        assert not os.path.isabs(file) and ".." not in file.split("/")


# Journals


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
    one_line(lambda: go_on(tmp_path))


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

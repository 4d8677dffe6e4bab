"""`lbie batch` with folders in a store, here one that fsspec holds in memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lbie.scale import run

fsspec = pytest.importorskip("fsspec")
ASK = "make the red cup blue"
PHOTOS, RESULTS = "memory://in/photos", "memory://out/blue"


@pytest.fixture
def store(folder):
    """The photos of `folder` in a store."""
    memory = fsspec.filesystem("memory")
    memory.put(f"{folder}/in/", "/in/photos/", recursive=True)
    yield memory
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]


def names(store) -> set[str]:
    return {place.removeprefix("/out/blue/") for place in store.find("/out/blue")}


def test_from_store_to_store(cli, store) -> None:
    store.pipe_file("/in/photos/.hidden.png", b"")
    store.pipe_file("/in/photos/bad.png", b"no picture")
    store.pipe_file("/in/photos/notes.svg", b"<svg/>")
    code, out, _ = cli("batch", PHOTOS, ASK, "-o", RESULTS, "--json", "--report", "report.html")
    values = json.loads(out)
    assert code == 2 and (values["done"], values["failed"], values["skipped"]) == (3, 1, 1)
    assert values["output"] == RESULTS and values["failures"][0]["file"] == "bad.png"
    assert names(store) == {"a.png", "deep/b.jpg", "deep/er/c.PNG", ".lbie-batch.sqlite"}
    assert cli("batch", "in", ASK, "-o", "here")[0] == 0
    assert store.cat_file("/out/blue/a.png") == Path("here/a.png").read_bytes()
    assert Path("report.html").read_text().count("data:image/webp") == 6


def test_going_on(cli, store, monkeypatch) -> None:
    real = run.record
    seen: list[str] = []

    def interrupted(journal, settings, item, outcome, overwrite):
        if len(seen) == 1:
            raise KeyboardInterrupt
        seen.append(item.path)
        return real(journal, settings, item, outcome, overwrite)

    monkeypatch.setattr(run, "record", interrupted)
    assert cli("batch", PHOTOS, ASK, "-o", RESULTS)[0] == 130
    store.pipe_file("/out/blue/deep/b.jpg", b"what a killed worker wrote, of which nothing is noted")
    monkeypatch.setattr(run, "record", real)
    code, out, err = cli("batch", PHOTOS, ASK, "-o", RESULTS, "--json")
    assert code == 0 and "1 of 3 files were done" in err and json.loads(out)["done"] == 3
    assert store.cat_file("/out/blue/deep/b.jpg")[:2] == b"\xff\xd8"
    code, _, err = cli("batch", PHOTOS, ASK, "-o", RESULTS, "--strength", "0.5")
    assert code == 2 and f"'{RESULTS}' holds results of other settings" in err


def test_files_of_others(cli, store) -> None:
    store.pipe_file("/out/blue/a.png", b"mine")
    code, _, err = cli("batch", PHOTOS, ASK, "-o", RESULTS)
    assert code == 2 and "would be replaced" in err and store.cat_file("/out/blue/a.png") == b"mine"
    assert cli("batch", PHOTOS, ASK, "-o", RESULTS, "--overwrite")[0] == 0
    code, _, err = cli("batch", PHOTOS, ASK, "-o", "memory://in")
    assert code == 2 and "could take the place of images" in err
    assert cli("batch", PHOTOS, ASK, "-o", f"{PHOTOS}/blue")[0] == 0
    values = json.loads(cli("batch", PHOTOS, ASK, "-o", "memory://more", "--json")[1])
    assert (values["done"], values["skipped"]) == (3, 1), "results of another batch are not read"


def test_masks(cli, store) -> None:
    pytest.importorskip("pycocotools")
    code, out, _ = cli("batch", PHOTOS, "--segment", "the red cup", "-o", RESULTS, "--json")
    assert code == 0 and json.loads(out)["annotations"] == f"{RESULTS}/annotations.json"
    assert len(json.loads(store.cat_file("/out/blue/annotations.json"))["annotations"]) == 3


@pytest.mark.parametrize(
    ("place", "message"),
    [("memory://in/nothing", "no image in 'memory://in/nothing'"), ("nonesuch://x/y", "'nonesuch://x/y' ")],
)
def test_places_that_do_not_work(cli, store, place, message) -> None:
    code, _, err = cli("batch", place, ASK, "-o", RESULTS)
    assert code == 2 and message in err and err.count("\n") == 1


def test_shards(cli, folder) -> None:
    pytest.importorskip("pyarrow")
    assert cli("data", "shard", "in", "-o", "shards", "--rows", "2")[0] == 0
    assert cli("batch", "shards", ASK, "-o", "blue", "--json")[0] == 0
    assert cli("batch", "in", ASK, "-o", "here")[0] == 0
    found = {p.relative_to("blue").as_posix() for p in Path("blue").rglob("*.*") if not p.name.startswith(".")}
    assert found == {"part-00000/a.png", "part-00000/deep/b.jpg", "part-00001/deep/er/c.PNG"}
    assert Path("blue/part-00000/a.png").read_bytes() == Path("here/a.png").read_bytes()

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from found_by_colour import FindsColours, boxes, write_photo, write_stand_in
from lbie import registry
from lbie.scale import run


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory with a tree of photos in `in`; a stand-in that finds colours is bundled as `photos`, and
    files are worked on in this process."""
    work = tmp_path / "work"
    (work / "in" / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", tmp_path / "weights")
    write_stand_in(tmp_path / "weights" / "photos")
    monkeypatch.setattr("lbie.runtime.load_runtime", lambda *_: FindsColours())

    def in_this_process(items, start, workers) -> Iterator:
        one = start()
        for item in items:
            yield item, one(item)

    monkeypatch.setattr(run, "run_pool", in_this_process)
    for place in ("a.png", "deep/b.jpg", "deep/er/c.PNG"):
        write_photo(work / "in" / place, boxes())
    return work

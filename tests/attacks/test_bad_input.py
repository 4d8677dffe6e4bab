"""Bad files by every way in: some of those of benchmarks/bad_input.py, which takes all and measures time and memory."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import pytest
import torch

from lbie.errors import InputError
from lbie.image_io import read_image
from lbie.server.models import Models
from lbie.server.run import make_server
from lbie.server.settings import Settings
from lbie.study.server import listen

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield {name: importlib.import_module(name) for name in ("bad_files", "bad_routes")}


@pytest.fixture(scope="module")
def corpus(modules: dict[str, ModuleType], tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """All but the bombs, which take a while to make."""
    return modules["bad_files"].make_corpus(tmp_path_factory.mktemp("corpus"), leave_out=("bombs",))


def test_every_file_is_decoded_or_refused_in_a_line(corpus, capfd) -> None:
    results: Counter[str] = Counter()
    for bad in corpus:
        try:
            source = read_image(bad.path)
            assert source.rgb.ndim == 3 and source.rgb.size, bad
            results[bad.group] += 1
        except InputError as error:
            assert str(error).isprintable() and len(str(error)) < 5_000, bad
    assert capfd.readouterr() == ("", ""), "libraries have their say on standard error"
    counts = Counter(bad.group for bad in corpus)
    assert len(corpus) > 600 and len(counts) == 15
    for group in ("huge", "other kinds", "vector"):
        assert results[group] == 0
    for group, least in {"modes": 0.9, "sizes": 0.8, "EXIF": 1, "profiles": 1, "names": 1}.items():
        assert results[group] >= least * counts[group], group

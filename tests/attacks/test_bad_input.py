"""Bad files by every way in: some of those of benchmarks/bad_input.py, which takes all and measures time and memory."""

from __future__ import annotations

import importlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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


# A few, by every way in

FEW = (
    *("cut: png, 5 tenths", "cut: tiff-lzw, 8 tenths", "header fields: tiff-rows-count-max", "huge: png, 16 bit"),
    *("huge: tiff, 65,535 samples a pixel", "endless: gif without an end"),
    *("wrong suffixes: GIF as .webp", "wrong suffixes: a zip with a path outside as .png", "other kinds: FITS as .png"),
    *("vector: a circle", "vector: an address", "modes: 1 bit TIFF", "sizes: 1 x 20,000 PNG", "EXIF: noise, JPEG"),
    *("names: newline", "names: not UTF-8", "links: to /dev/zero"),
    *("links: to itself", "kinds of files: pipe", "kinds of files: directory", "kinds of files: missing"),
)
RESULTS = {"modes: 1 bit TIFF", "EXIF: noise, JPEG", "names: newline", "wrong suffixes: GIF as .webp"}
"""Of these there is a result by every way."""


@pytest.fixture(scope="module")
def few(corpus: list[Any]) -> dict[str, Path]:
    return {f"{bad.group}: {bad.name}": bad.path for bad in corpus if f"{bad.group}: {bad.name}" in FEW}


@pytest.fixture(scope="module")
def routes(modules: dict[str, ModuleType]) -> Iterator[ModuleType]:
    with modules["bad_routes"].models_kept():
        yield modules["bad_routes"]


@pytest.mark.parametrize("way", ["edit", "segment", "batch", "editor"])
def test_every_way_ends_in_a_result_or_a_line(routes, few, tmp_path, way) -> None:
    outcomes = {}
    for name, place in few.items():
        work = tmp_path / str(len(outcomes))
        work.mkdir()
        outcomes[name] = routes.ROUTES[way](place, work)
    assert len(outcomes) == len(FEW)
    assert not {name: outcome for name, outcome in outcomes.items() if outcome.kind == "fault"}
    kinds = {name: outcome.kind for name, outcome in outcomes.items()}
    assert all(kinds[name] == "result" for name in RESULTS) or way == "segment", kinds
    assert kinds["vector: a circle"] == ("result" if way in ("edit", "batch") else "refused")
    for name in ("huge: png, 16 bit", "vector: an address", "links: to /dev/zero", "kinds of files: pipe"):
        assert kinds[name] == "refused", name


def test_the_server_too(routes, few, tmp_path, monkeypatch) -> None:
    server = make_server(Settings(device="cpu", workers=1), Models("cpu"))
    with listen("127.0.0.1", 0) as socket:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        monkeypatch.setattr(routes, "_server", lambda: f"http://127.0.0.1:{socket.getsockname()[1]}")
        try:
            outcomes = {name: routes.api(place, tmp_path) for name, place in few.items()}
        finally:
            server.should_exit = True
            thread.join()
    assert not {name: outcome for name, outcome in outcomes.items() if outcome.kind == "fault"}
    assert all(outcomes[name].kind == "result" for name in RESULTS)
    assert outcomes["huge: png, 16 bit"].code == "413" and outcomes["vector: a circle"].code == "415"
    assert outcomes["links: to /dev/zero"].code == "404"

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drawn import write_flowers

TINY = {
    "model": {"image_encoder": {"kind": "plain", "channels": [16, 32]}, "width": 32, "embedding": 16}
    | {"decoder_channels": [16], "working_size": 32, "max_steps": 3, "word_dropout": 0.0},
    "batch_size": 8,
    "epochs": 150,
    "learning_rate": 5e-3,
    "ema": 0.9,
    "min_word_count": 1,
    "counterfactual": 0.0,
    "template": 0.0,
    "validate_every": 50,
}


def pytest_configure() -> None:
    """Tests beside each other have a thread of torch each: with two each on two cores they take five times as long."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Decoded arrays of drawn flowers stay out of the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["LBIE_CACHE"] = str(folder)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Commands that a test runs in this process set how many threads work: for the next one it is as before."""
    torch, cv2 = sys.modules.get("torch"), sys.modules.get("cv2")
    before = (torch.get_num_threads() if torch else 0, cv2.getNumThreads() if cv2 else 0)
    result = yield
    if torch and torch.get_num_threads() != before[0]:
        torch.set_num_threads(before[0])
    if cv2 and cv2.getNumThreads() != before[1]:
        cv2.setNumThreads(before[1])
    return result


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The system's browser. While Playwright's interface is there its event loop runs: other tests need their own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs lbie[browser-test]: the package playwright")
    place = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
    if place is None:
        pytest.skip("needs the system's chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def drawn_flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight photos to train on, eight to validate and eight to test; `<root>/flowers`."""
    root = tmp_path_factory.mktemp("data")
    return write_flowers(root / "flowers", {"train": 8, "val": 8, "test": 8})


@pytest.fixture(scope="session")
def tiny_values() -> dict[str, object]:
    """Values of the recipe of `tiny_run`, to vary."""
    return dict(TINY)


@pytest.fixture(scope="session")
def tiny_run(drawn_flowers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a finished run of a tiny model on eight drawn flowers."""
    from lbie.training.recipe import load_recipe
    from lbie.training.trainer import Trainer

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    recipe = tmp_path_factory.mktemp("recipes") / "tiny.yaml"
    import yaml

    recipe.write_text(yaml.safe_dump(TINY))
    Trainer(load_recipe(str(recipe)), drawn_flowers.parent, folder).run()
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_run: Path) -> Path:
    """Model folder of `tiny_run`."""
    return tiny_run / "best"


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Call `lbie` in this process: returns (exit code, standard output, standard error)."""

    def call(*words: str) -> tuple[int, str, str]:
        from lbie.cli import main

        monkeypatch.setattr(sys, "argv", ["lbie", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1 if stop.code else 0
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def stdout(monkeypatch: pytest.MonkeyPatch) -> Callable[[], io.BytesIO]:
    """Bytes that are written to standard output, which `capsys` cannot hold."""

    def start() -> io.BytesIO:
        out = io.TextIOWrapper(io.BytesIO(), write_through=True)
        monkeypatch.setattr(sys, "stdout", out)
        return out.buffer

    return start

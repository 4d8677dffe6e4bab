from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from studio_served import CHROMIUM, Studio, served


@pytest.fixture(scope="session")
def studio_address() -> Iterator[str]:
    pytest.importorskip("fastapi", reason="needs lbie[serve]")
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def studio_browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs lbie[browser-test]: the package playwright")
    if CHROMIUM is None:
        pytest.skip("needs the system's chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_studio(studio_browser: Any, studio_address: str) -> Iterator[Any]:
    """A function that opens a page of some size and scheme; pages must not write an error to their console."""
    problems: list[str] = []
    contexts: list[Any] = []

    def note(message: Any) -> None:
        refused = "Failed to load resource" in message.text  # what the server refuses is shown on the page
        if message.type in ("error", "warning") and not refused:
            problems.append(message.text)

    def start(width: int = 1280, height: int = 900, **context: Any) -> Studio:
        contexts.append(studio_browser.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        studio = Studio(page, studio_address)
        studio.expect.set_options(timeout=30_000)
        return studio

    yield start
    for context in contexts:
        context.close()
    assert problems == []

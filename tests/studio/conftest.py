from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from studio_served import Studio, served


@pytest.fixture(scope="session")
def studio_address() -> Iterator[str]:
    pytest.importorskip("fastapi", reason="needs lbie[serve]")
    with served() as address:
        yield address


@pytest.fixture
def open_studio(chromium: Any, studio_address: str) -> Iterator[Any]:
    """A function that opens a page of some size and scheme; pages must not write an error to their console."""
    problems: list[str] = []
    contexts: list[Any] = []

    def note(message: Any) -> None:
        refused = "Failed to load resource" in message.text  # what the server refuses is shown on the page
        if message.type in ("error", "warning") and not refused:
            problems.append(message.text)

    def start(width: int = 1280, height: int = 900, **context: Any) -> Studio:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **context))
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

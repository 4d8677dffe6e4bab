"""The studio page served from a thread, and what the tests of it share."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SHOTS = Path(__file__).parents[2] / "out" / "studio"
"""Where a picture of each state of the page is left, to be looked at."""


@contextmanager
def served() -> Iterator[str]:
    """Serve API and page from a thread; gives the address."""
    import socket

    import uvicorn

    from lbie.server.app import create_app
    from lbie.server.settings import Settings

    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = create_app(Settings(device="cpu", workers=1))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read()


class Studio:
    """The page as a person uses it."""

    def __init__(self, page: Any, address: str) -> None:
        from playwright.sync_api import expect

        self.page, self.address, self.expect = page, address, expect
        self.results: list[dict[str, Any]] = []
        """What the server answered to edits and searches, in order."""
        page.on("response", self._note)

    def _note(self, answer: Any) -> None:
        if answer.request.method == "POST" and answer.url.endswith(("/v1/edit", "/v1/segment")) and answer.ok:
            self.results.append(answer.json())

    def open(self, example: str | None = None) -> None:
        self.page.goto(self.address)
        self.expect(self.page.locator("#examples button").first).to_be_visible()
        if example:
            self.page.locator(f"[data-example={example}]").click()
            self.ready()

    def ready(self) -> None:
        """Wait until the picture and what is known of it are there."""
        self.expect(self.page.locator("#work")).to_be_visible()
        self.expect(self.page.locator("#main")).to_have_attribute("aria-busy", "false")

    def say(self, sentence: str) -> None:
        """Type a sentence and press Enter."""
        self.page.get_by_label("What should the result look like?").fill(sentence)
        self.page.keyboard.press("Enter")
        self.ready()

    def view(self, name: str) -> None:
        self.page.locator("#views").get_by_label(name).check(force=True)

    def picture(self) -> bytes:
        """A shot of the picture and what lies over it."""
        return self.page.locator("#frame").screenshot()

    def shots(self) -> Path:
        """The folder of the shots."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        return SHOTS

    def shot(self, name: str) -> None:
        self.page.screenshot(path=self.shots() / f"{name}.png", full_page=True)

    def fits(self) -> bool:
        """Whether nothing that is shown sticks out to the right, but for the strip of the history."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll("body *")].every((node) => {
              const box = node.getBoundingClientRect();
              return !box.width || node.closest("#history, svg, .unseen") || box.right <= window.innerWidth + 1;
            }) && document.documentElement.scrollWidth <= window.innerWidth"""
        )

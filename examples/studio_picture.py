"""The studio page after an edit, and with the mouse over a word: docs/studio.jpg.

python examples/studio_picture.py [-o docs/studio.jpg]

Needs the extras `serve` and `browser-test`, and the system's chromium.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

SENTENCE, WORD = "The flower is blue in color.", "blue"
WIDTH, HEIGHT, GAP, WIDE = 1280, 1130, 16, 1800
_WAIT = 60_000  # milliseconds


def main() -> None:
    """Serve, edit, draw."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-o", "--output", type=Path, default=Path("docs/studio.jpg"))
    output = options.parse_args().output
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no chromium found: apt-get install chromium")
    command = [sys.executable, "-m", "lbie.cli", "serve", "--port", "0", "--device", "cpu"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        address = _address(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            shots = _shots(page, address)
            browser.close()
    finally:
        server.terminate()
        server.wait()
    both = Image.new("RGB", (2 * WIDTH + GAP, HEIGHT), "white")
    for place, shot in enumerate(shots):
        both.paste(shot, (place * (WIDTH + GAP), 0))
    both.resize((WIDE, round(WIDE * both.height / both.width)), Image.Resampling.LANCZOS).save(output, quality=85)
    print(f"wrote {output}")


def _address(server: subprocess.Popen[str]) -> str:
    """Where the server says that it listens."""
    assert server.stderr is not None
    for line in server.stderr:
        if found := re.search(r"http://\S+:\d+", line):
            return found[0]
    sys.exit("the server ended without an address")


def _shots(page: Page, address: str) -> list[Image.Image]:
    """The page after the edit, and with the mouse over a word."""
    page.set_default_timeout(_WAIT)
    expect.set_options(timeout=_WAIT)
    page.goto(address)
    page.locator("[data-example=flower]").click()
    _ready(page)
    page.get_by_label("What should the result look like?").fill(SENTENCE)
    page.keyboard.press("Enter")
    _ready(page)
    after = _shot(page)
    page.locator(".chip[data-step='0']", has_text=re.compile(f"^{WORD}$")).hover()
    page.wait_for_timeout(500)  # the map fades in
    return [after, _shot(page)]


def _ready(page: Page) -> None:
    expect(page.locator("#work")).to_be_visible()
    expect(page.locator("#main")).to_have_attribute("aria-busy", "false")


def _shot(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


if __name__ == "__main__":
    main()

"""The page in a real browser, by keyboard, on a narrow screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from study_drawn import drawn_study, served

from lbie.study.store import Store

sync_api = pytest.importorskip("playwright.sync_api", reason="needs lbie[browser-test]: the package playwright")
pytest.importorskip("starlette", reason="needs lbie[study]")

expect = sync_api.expect


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page 360 pixels wide that must not write an error to its console."""
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.close()
    assert problems == []


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_rate_by_keyboard_resume_go_back_and_finish(tmp_path: Path, page: Any):
    store = drawn_study(tmp_path / "study", 2, ("ours", "truth"))
    odd = "Zoë <i>'\";--"
    press = page.keyboard.press
    with served(tmp_path / "study") as port:
        page.goto(f"http://127.0.0.1:{port}/")
        assert fits(page)
        page.get_by_label("Your name or an alias").focus()
        page.keyboard.type(odd)
        press("Enter")
        count = page.locator("#count")
        expect(count).to_have_text("Picture 1 of 4")
        assert fits(page)
        expect(page.locator("#sentence")).to_contain_text("& <bold>")
        expect(page.locator("#picture")).to_have_js_property("naturalWidth", 64)
        press("Enter")  # nothing is chosen yet
        expect(page.get_by_role("alert")).to_contain_text("consistency first")
        for number, (consistency, quality) in enumerate(((4, 2), (1, 5), (3, 3)), 2):
            press(str(consistency))
            press(str(quality))
            press("Enter")
            expect(count).to_have_text(f"Picture {number} of 4")
        page.reload()
        expect(count).to_have_text("Picture 4 of 4")
        press("Backspace")
        expect(count).to_have_text("Picture 3 of 4")
        expect(page.get_by_role("group", name=re.compile("Consistency")).get_by_label("3", exact=True)).to_be_checked()
        press("5")
        press("Enter")
        expect(count).to_have_text("Picture 4 of 4")
        press("Tab")  # without digits: Tab to the scale, arrows to choose
        press("Space")
        press("ArrowRight")
        press("Tab")
        press("Space")
        press("Tab")
        press("Tab")
        expect(page.get_by_role("button", name="Next")).to_be_focused()
        press("Enter")
        expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
        expect(page.locator("#total")).to_have_text("4")
    shown = store.shown_to(odd)
    assert [(s.consistency, s.quality) for s in shown] == [(4, 2), (1, 5), (5, 3), (2, 1)]


def test_rate_by_touch_and_change_the_name(tmp_path: Path, page: Any):
    store = drawn_study(tmp_path / "study", 2, ("ours", "truth"))
    with served(tmp_path / "study") as port:
        page.goto(f"http://127.0.0.1:{port}/")
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#who")).to_have_text(re.compile(r"^rater-\w{8}$"))
        rater = page.locator("#who").inner_text()
        page.get_by_role("group", name=re.compile("Consistency")).get_by_label("5, fully").check()
        page.get_by_role("group", name=re.compile("Quality")).get_by_label("2", exact=True).check()
        page.get_by_role("button", name="Next").click()
        expect(page.locator("#count")).to_have_text("Picture 2 of 4")
        page.get_by_role("button", name=re.compile("another name")).click()
        page.get_by_label("Your name or an alias").fill("b")
        page.get_by_role("button", name="Start").click()
        expect(page.locator("#count")).to_have_text("Picture 1 of 4")
    assert [(r.rater, r.consistency, r.quality) for r in Store(tmp_path / "study").ratings()] == [(rater, 5, 2)]
    assert len(store.shown_to("b")) == 4

"""The studio by keyboard alone, on a phone, and as an audit of accessibility sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_served import Studio

AXE = "axe_playwright_python"


def tab_to(page: Any, selector: str, key: str = "Tab", most: int = 40) -> None:
    """Press Tab until what is looked for has the focus."""
    for _ in range(most):
        if page.evaluate("(selector) => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} do not lead to '{selector}'")


def test_all_of_it_by_keyboard(open_studio: Any):
    studio = open_studio()
    page, press = studio.page, studio.page.keyboard.press
    studio.open()
    tab_to(page, "#file")
    tab_to(page, "[data-example=coffee]")
    press("Enter")
    studio.ready()
    studio.expect(page.get_by_label("What should the result look like?")).to_be_focused()
    page.keyboard.type("make the cup blue")
    press("Enter")
    studio.ready()
    assert page.locator("#history li").count() == 2
    compare_and_read(studio)
    paint_and_point(studio)
    undo_save_and_copy(studio)


def compare_and_read(studio: Studio) -> None:
    page, expect, press = studio.page, studio.expect, studio.page.keyboard.press
    tab_to(page, "#slider", "Shift+Tab")
    before = studio.picture()
    for _ in range(30):
        press("ArrowRight")
    assert page.locator("#frame").evaluate("frame => frame.style.getPropertyValue('--split')") == "80%"
    assert studio.picture() != before

    tab_to(page, ".chip")
    expect(page.locator("#heat")).to_be_visible()
    expect(page.locator("#readout")).to_contain_text("“the” at step 1")
    press("ArrowRight")
    expect(page.locator("#readout")).to_contain_text("“cup” at step 1")
    press("ArrowDown")
    expect(page.locator("#readout")).to_contain_text("“cup” at step 2")
    press("Enter")
    expect(page.locator(".chip[aria-pressed=true]")).to_have_text("cup")
    press("Enter")

    tab_to(page, "[name=view]", "Shift+Tab")
    press("ArrowRight")  # to the steps
    tab_to(page, "#pad")
    press("ArrowRight")
    expect(page.locator("#readout")).to_contain_text("Region in row")
    here = page.locator("#readout").inner_text()
    press("ArrowLeft")
    assert page.locator("#readout").inner_text() != here
    studio.shot("20-keyboard-region")


def paint_and_point(studio: Studio) -> None:
    page, expect, press = studio.page, studio.expect, studio.page.keyboard.press
    tab_to(page, "[name=view]", "Shift+Tab")
    press("ArrowRight")
    press("ArrowRight")  # to the mask
    tab_to(page, "#pad")
    press("]")
    press("Space")
    page.keyboard.down("Space")
    press("ArrowRight")
    press("Shift+ArrowRight")
    page.keyboard.up("Space")
    expect(page.locator("#chosen")).to_contain_text("mask")
    studio.shot("21-keyboard-mask")
    tab_to(page, "#mask-clear")
    press("Enter")
    expect(page.locator("#chosen")).not_to_contain_text("mask")

    tab_to(page, "[name=view]", "Shift+Tab")
    press("ArrowRight")  # to the colours
    tab_to(page, "#pad")
    press("Enter")
    expect(page.locator(".dot")).to_have_count(1)
    tab_to(page, ".dot")
    press("ArrowUp")
    expect(page.locator("#points")).to_contain_text("48 % from the top")
    press("Delete")
    expect(page.locator(".dot")).to_have_count(0)


def undo_save_and_copy(studio: Studio) -> None:
    page, expect, press = studio.page, studio.expect, studio.page.keyboard.press
    press("Control+z")
    expect(page.locator("#history [aria-current]")).to_have_text("coffee")
    press("Control+y")
    expect(page.locator("#history [aria-current]")).to_have_text("make the cup blue")
    tab_to(page, "#download > summary", "Shift+Tab")
    press("Enter")
    tab_to(page, "#files button")
    with page.expect_download():
        press("Enter")
    press("Escape")
    expect(page.locator("#files")).to_be_hidden()
    tab_to(page, "#shell", "Shift+Tab")
    press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_phone_shows_all_of_it(open_studio: Any):
    studio = open_studio(360, 740, has_touch=True, is_mobile=True)
    page, expect = studio.page, studio.expect
    studio.open()
    assert studio.fits()
    studio.shot("30-phone-start")
    page.locator("[data-example=coffee]").tap()
    studio.ready()
    studio.say("make the cup blue")
    assert studio.fits()
    studio.shot("31-phone-edited")
    studio.view("Steps")
    page.locator(".chip", has_text="cup").first.tap()
    expect(page.locator("#heat")).to_be_visible()
    frame = page.locator("#frame").bounding_box()
    assert 0 <= frame["y"] < 740 - frame["height"]  # the picture is in sight beside the word
    assert studio.fits()
    page.screenshot(path=studio.shots() / "32-phone-word.png")
    page.touchscreen.tap(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    expect(page.locator("#readout")).to_contain_text("Region in row")
    for number, view in enumerate(("Where", "Mask", "Colours"), 33):
        studio.view(view)
        assert studio.fits()
        studio.shot(f"{number}-phone-{view.lower()}")
    page.get_by_text("Options").tap()
    page.locator("#download summary").tap()
    assert studio.fits()
    studio.shot("36-phone-menus")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_audit_finds_nothing_serious(open_studio: Any, scheme: str):
    axe = pytest.importorskip(AXE, reason="needs lbie[browser-test]: the package axe-playwright-python")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text()
    studio = open_studio(color_scheme=scheme)
    page = studio.page

    def audit(state: str) -> None:
        found = page.evaluate("axe.run()")["violations"]
        bad = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]
        assert bad == [], f"{state}, {scheme}"

    studio.open()
    page.evaluate(script)
    audit("start")
    page.locator("[data-example=coffee]").click()
    studio.ready()
    if scheme == "dark":
        studio.say("make the elephant pink")
        return audit("no match")
    studio.say("make the cup blue")
    page.get_by_text("Options").click()
    for view in ("Compare", "Steps", "Where", "Mask"):
        studio.view(view)
        audit(view)
    studio.view("Colours")
    page.locator("#frame").click()
    page.locator("#download summary").click()
    audit("colours and download")
    page.get_by_role("button", name="Copy as command line").click()
    audit("command")

"""The studio in a real browser: what a person does on it, and what comes of that."""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from studio_served import Studio, fetch

from drawn import flower
from lbie import Editor
from lbie.samples import sample_path


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def difference(one: bytes, other: bytes) -> float:
    """Mean over two shots of one size."""
    return float(np.abs(pixels(one).astype(int) - pixels(other)).mean())


def test_edit_look_at_words_and_regions_undo_and_redo(open_studio: Any):
    studio = open_studio()
    page, expect = studio.page, studio.expect
    studio.open()
    studio.shot("01-start")
    page.locator("[data-example=flower]").click()
    studio.ready()
    expect(page.get_by_label("What should the result look like?")).to_be_focused()
    studio.shot("02-example")
    as_given = studio.picture()
    page.get_by_role("button", name="The flower is blue in color.").click()
    page.keyboard.press("Enter")
    studio.ready()
    studio.shot("03-edited")
    result = studio.results[-1]
    assert (result["model"], result["found"]) == ("flowers", True)
    expect(page.get_by_text(result["reason"])).to_be_visible()
    half = studio.picture()
    page.get_by_label("Before and after").fill("0")
    edited = studio.picture()
    assert difference(as_given, edited) > difference(as_given, half) > 5
    look_at_words(studio, result, edited)
    look_at_regions(studio, result)
    undo_and_redo(studio, as_given, edited)


def look_at_words(studio: Studio, result: dict[str, Any], edited: bytes) -> None:
    """A word shows the regions that read it, other words others."""
    page, expect = studio.page, studio.expect
    steps, words = max(map(max, result["steps"])), result["tokens"]
    assert len(page.locator(".chip").all()) == steps * len(words)
    maps = []
    for word in ("flower", "blue"):
        page.locator(".chip[data-step='0']", has_text=re.compile(f"^{word}$")).hover()
        expect(page.locator("#heat")).to_be_visible()
        expect(page.locator("#readout")).to_contain_text(f"“{word}” at step 1")
        maps.append(studio.picture())
    studio.shot("04-word")
    assert min(difference(maps[0], edited), difference(maps[0], maps[1])) > 5
    page.mouse.move(2, 2)
    expect(page.locator("#heat")).to_be_hidden()


def look_at_regions(studio: Studio, result: dict[str, Any]) -> None:
    """A region shows the words that it read, and a map where each stopped."""
    page, expect = studio.page, studio.expect
    words = [token["word"] for token in result["tokens"]]
    attention = np.array(json.loads(fetch(studio.address + result["links"]["attention"]))["values"])
    studio.view("Steps")
    box = page.locator("#frame").bounding_box()
    rows, columns = result["grid"]
    row, column = rows // 2, columns // 2
    page.mouse.move(box["x"] + box["width"] * (column + 0.5) / columns, box["y"] + box["height"] * (row + 0.5) / rows)
    stopped = result["steps"][row][column]
    shares = attention.reshape(-1, len(words), rows, columns)[stopped - 1, :, row, column]
    said = f"row {row + 1}, column {column + 1}: stopped at step {stopped}, reading {words[shares.argmax()]}"
    expect(page.locator("#readout")).to_contain_text(said)
    weights = page.locator(f".chip[data-step='{stopped - 1}']").evaluate_all(
        "chips => chips.map((chip) => Number(chip.style.getPropertyValue('--weight')))"
    )
    assert int(np.argmax(weights)) == shares.argmax()
    studio.shot("05-region")
    page.mouse.move(2, 2)
    page.get_by_role("button", name="Show where each region stopped").click()
    steps = np.array(result["steps"])
    listed = page.locator("#stop-legend li").all_inner_texts()
    assert listed == [f"step {step}: {round(100 * (steps == step).mean())} %" for step in range(1, steps.max() + 1)]
    studio.shot("06-stopping")
    page.get_by_role("button", name="Show where each region stopped").click()


def undo_and_redo(studio: Studio, as_given: bytes, edited: bytes) -> None:
    """By buttons, keys, and the strip."""
    page, expect = studio.page, studio.expect
    studio.view("Compare")
    page.get_by_role("button", name="Undo").click()
    studio.ready()
    assert difference(studio.picture(), as_given) < 1
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator("#steps-panel")).to_be_hidden()
    page.keyboard.press("Control+Shift+Z")
    expect(page.locator("#history [aria-current]")).to_have_text("The flower is blue in color.")
    assert difference(studio.picture(), edited) < 1
    page.keyboard.press("Control+z")
    expect(page.locator("#history [aria-current]")).to_have_text("flower")
    page.locator("#history button").last.click()
    assert difference(studio.picture(), edited) < 1


def test_find_edit_again_and_download_what_the_editor_gives(open_studio: Any, tmp_path: Path):
    studio = open_studio(color_scheme="dark")
    page, expect = studio.page, studio.expect
    studio.open("chelsea")
    page.get_by_label("What should the result look like?").fill("make the cat orange")
    as_given = studio.picture()
    page.get_by_role("button", name="Find first").click()
    studio.ready()
    found = studio.results[-1]
    assert [match["phrase"] for match in found["matches"]] == ["the cat"]
    expect(page.locator("#matches")).to_contain_text("the cat")
    expect(page.locator("#where")).to_be_visible()
    assert difference(studio.picture(), as_given) > 2
    assert page.locator("#history li").count() == 1  # nothing is changed yet
    studio.shot("07-found")
    page.get_by_role("button", name="Apply").click()
    studio.ready()
    studio.say("make the cat a little darker")
    studio.shot("08-second-sentence")
    assert page.locator("#history li").count() == 3
    first, second = studio.results[-2:]
    assert second["image_id"] == first["id"]

    editor = Editor.from_pretrained("photos")
    expected = editor.set_image(sample_path("chelsea")).edit("make the cat orange")
    again = editor.set_image(np.array(expected.image)).edit("make the cat a little darker")
    page.get_by_text("Download").click()
    studio.shot("09-download")
    for name, exact in (("PNG", True), ("WebP", False)):
        with page.expect_download() as saving:
            page.get_by_role("button", name=name).click()
        path = tmp_path / saving.value.suggested_filename
        saving.value.save_as(path)
        assert path.suffix == f".{name.lower()}" and "make-the-cat" in path.name
        with Image.open(path) as picture:
            if exact:
                served = fetch(f"{studio.address}/v1/results/{second['id']}/image?format=png")
                assert np.array_equal(np.asarray(picture), pixels(served))
                assert np.array_equal(np.asarray(picture), np.asarray(again.image))
                assert "make the cat a little darker" in str(picture.info)
    page.get_by_role("button", name="Copy as command line").click()
    studio.shot("10-command")
    assert page.locator("#command-text").inner_text().splitlines() == [
        "lbie edit sample:chelsea 'make the cat orange' -o step-1.png &&",
        "lbie edit step-1.png 'make the cat a little darker' -o out.png",
    ]
    page.get_by_role("button", name="Close").click()


def test_nothing_here_matches_is_an_answer(open_studio: Any):
    studio = open_studio()
    studio.open("coffee")
    studio.say("make the elephant pink")
    assert studio.results[-1]["found"] is False
    studio.expect(
        studio.page.get_by_role("status").filter(has_text="Nothing here matches “the elephant”")
    ).to_be_visible()
    assert studio.page.locator("#history li").count() == 1
    assert studio.page.locator("#trouble").is_hidden()
    studio.shot("11-no-match")


def test_what_is_wrong_is_said_in_words(open_studio: Any, tmp_path: Path):
    studio = open_studio()
    page = studio.page
    studio.open()
    wrong = tmp_path / "letter.jpg"
    wrong.write_text("Dear reader, this is no picture.")
    page.set_input_files("#file", wrong)
    alert = page.get_by_role("alert").filter(visible=True)
    studio.expect(alert).to_contain_text("not an image")
    studio.shot("12-wrong-file")
    page.locator("[data-example=coffee]").click()
    studio.ready()
    assert page.locator("#trouble").is_hidden()
    studio.say("remove the cup")
    studio.expect(alert).to_be_visible()
    assert "Traceback" not in alert.inner_text()
    page.route("**/v1/edit", lambda route: route.abort())
    studio.say("make the cup blue")
    studio.expect(alert).to_contain_text("The server does not answer")
    page.unroute("**/v1/edit")
    page.route("**/v1/edit", lambda route: None)  # takes for ever
    page.get_by_label("What should the result look like?").press("Enter")
    studio.expect(page.get_by_text("Editing …")).to_be_visible()
    page.keyboard.press("Escape")
    studio.expect(page.locator("#notice")).to_have_text("Stopped. Nothing was changed.")
    page.unroute("**/v1/edit")
    replies = iter([(429, {"Retry-After": "1"}, '{"detail": "busy"}')])

    def busy_once(route: Any) -> None:
        reply = next(replies, None)
        if reply is None:
            route.fallback()
        else:
            route.fulfill(status=reply[0], headers=reply[1], body=reply[2])

    page.route("**/v1/edit", busy_once)
    studio.say("make the cup blue")
    assert studio.results[-1]["found"] is True
    assert page.locator("#history li").count() == 2


def test_mask_and_colours_go_with_the_sentence(open_studio: Any):
    studio = open_studio()
    page = studio.page
    studio.open("flower")
    studio.view("Mask")
    box = page.locator("#frame").bounding_box()
    page.get_by_label(re.compile("^Size")).fill("40")
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    studio.shot("13-mask")
    studio.view("Colours")
    page.get_by_label("Colour", exact=True).fill("#7b1fa2")
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    studio.shot("14-colours")
    studio.expect(page.locator("#chosen")).to_have_text("· mask · 1 colour", use_inner_text=True)
    studio.say("a pretty flower")
    result = studio.results[-1]
    source = np.asarray(Image.open(sample_path("flower")))
    changed = (pixels(fetch(studio.address + result["links"]["image"])) != source).any(-1)
    assert not changed[:, :60].any()
    assert not changed[:20].any()
    assert changed[200:230, 300:340].mean() > 0.9
    page.get_by_role("button", name="Copy as command line").click()
    words = shlex.split(page.locator("#command-text").inner_text())
    hint = words.pop(words.index("--hint") + 1)
    assert re.fullmatch(r"(50\.\d|49\.\d)%,(50\.\d|49\.\d)%,#7b1fa2", hint)
    assert words[2:] == ["sample:flower", "a pretty flower", "-o", "out.png", "--hint", "--mask", "mask-1.png"]
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save mask-1.png").click()
    mask = pixels(Path(saving.value.path()).read_bytes())[..., 0]
    assert mask.shape == source.shape[:2]
    assert not (changed & (mask == 0)).any()


def test_the_copied_command_gives_the_same_picture(open_studio: Any, cli: Any, tmp_path: Path, monkeypatch: Any):
    studio = open_studio()
    page, expect = studio.page, studio.expect
    name = "it's a flower.png"
    Image.fromarray(flower("red", 3, 96)).save(tmp_path / name)
    studio.open()
    hand_over = """([kind, bytes, name]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
      const event = kind === "drop" ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
        : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
    }"""
    for kind, called in (("paste", "a.png"), ("drop", name)):
        page.evaluate(hand_over, [kind, list((tmp_path / name).read_bytes()), called])
        expect(page.locator("#after")).to_have_attribute("alt", f"The picture: {called}")
        studio.ready()
    page.get_by_text("Options").click()
    page.get_by_label("Model").select_option("flowers")
    page.get_by_label(re.compile("^Strength")).fill("0.6")
    page.get_by_label("Seed").fill("2")
    page.get_by_label("Keep the background").check()
    gone = iter([True])  # once, the server has let the picture go: the page hands it in again

    def forget_once(route: Any) -> None:
        if next(gone, False):
            route.fulfill(status=404, body='{"detail": "gone"}')
        else:
            route.fallback()

    page.route("**/v1/edit", forget_once)
    studio.say("it's a purple flower")
    studio.say("a yellow flower")
    page.get_by_role("button", name="Copy as command line").click()
    monkeypatch.chdir(tmp_path)
    for line in page.locator("#command-text").inner_text().split(" &&\n"):
        assert cli(*shlex.split(line)[1:])[0] == 0
    served = fetch(studio.address + studio.results[-1]["links"]["image"])
    assert np.array_equal(np.asarray(Image.open("out.png")), pixels(served))


def test_sentences_of_a_drawing_are_read_together(open_studio: Any):
    studio = open_studio()
    studio.open("shapes")
    studio.say("The circle is red.")
    studio.say("The diamond has the same color as the circle.")
    first, second = studio.results
    assert second["image_id"] == first["image_id"]
    assert "The circle is red." in second["sentence"]
    studio.page.locator(".chip").first.hover()
    studio.shot("15-drawing")
    studio.page.get_by_role("button", name="Copy as command line").click()
    assert studio.page.locator("#command-text").inner_text() == (
        "lbie edit sample:shapes 'The circle is red.' -o out.png --then 'The diamond has the same color as the circle.'"
    )


def test_words_are_quoted_as_a_shell_reads_them(open_studio: Any):
    studio = open_studio()
    studio.page.goto(studio.address)
    words = ["plain.jpg", "two words", "it's", '$HOME `x` "q" \\ !', "", "-x", "ä\nb", "#", "~", "a;b|c&d", "*?[x]"]
    quoted = studio.page.evaluate("(words) => import('/static/command.js').then((m) => words.map(m.quote))", words)
    assert [shlex.split(word) for word in quoted] == [[word] for word in words]

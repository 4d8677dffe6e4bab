"""What a notebook shows of editors and edits."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from drawn import flower
from lbie import Edit, Editor
from lbie.display import SIDE, edit_html, editor_html
from lbie.editing.overlay import Match
from lbie.image_io import SourceImage
from lbie.registry import ModelCard

SENTENCE = "this flower is blue in color"
NASTY = "<script>alert('x')</script> \"&\" blue"


@pytest.fixture(scope="module")
def editor(tiny_model) -> Editor:
    return Editor.from_pretrained(tiny_model, "cpu").set_image(flower("blue", 1))


@pytest.fixture(scope="module")
def edit(editor) -> Edit:
    return editor.edit(SENTENCE)


class _Page(HTMLParser):
    """Tags, texts and attributes of a page; that every tag is closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def rows(self) -> list[tuple[str, str]]:
        texts = self.texts[sum(tag == "figcaption" for tag, _ in self.tags) :]
        return list(zip(texts[::2], texts[1::2], strict=True))

    def pictures(self) -> dict[str | None, Image.Image]:
        images = {}
        for tag, attributes in self.tags:
            if tag == "img":
                head, _, data = (attributes["src"] or "").partition(",")
                assert head == "data:image/png;base64"
                images[attributes["alt"]] = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
        return images


def test_an_edit_shows_pictures_and_facts(edit):
    page = _Page(edit._repr_html_())
    rows = dict(page.rows())
    assert rows["sentence"] == SENTENCE
    assert rows["model"].split() == [edit.record["model"], edit.record["model_version"]]
    assert rows["size"] == "96 x 96"
    assert rows["confidence"] == f"{edit.confidence:.2f}"
    shares = re.findall(r"\d: (\d+)%", rows["steps"])
    assert sum(map(int, shares)) == pytest.approx(100, abs=2) and "at most 3" in rows["steps"]
    assert [text for name, text in page.rows() if name == "warning"] == list(edit.warnings)
    before, after = page.pictures().values()
    np.testing.assert_array_equal(np.asarray(before), edit.source.rgb)
    np.testing.assert_array_equal(np.asarray(after), edit.rgb)


def test_a_line_without_pixels(edit):
    assert repr(edit).startswith(f"Edit('{SENTENCE}', model ") and len(repr(edit)) < 200


@pytest.mark.parametrize(("height", "width"), [(2000, 3000), (1, 20000), (20000, 1), (1, 1)])
def test_pictures_are_small(edit, height, width):
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    large = replace(edit, rgb=noise, source=SourceImage(noise, alpha=noise[..., 0]))
    for picture in _Page(edit_html(large)).pictures().values():
        assert min(picture.size) >= 1 and max(picture.size) == min(SIDE, max(height, width))
        assert picture.mode == "RGBA", "transparency is shown"
    assert len(edit_html(large)) < 1_200_000


def test_what_was_matched(edit):
    there, none = np.zeros((2, 96, 96), np.uint8)
    there[20:60, 20:60] = 255
    matched = replace(edit, matches=(Match("the bud", there, 0.93), Match("the bee", none, 0.04)))
    page = _Page(edit_html(matched))
    assert list(page.pictures()) == ["before", "matched", "after"]
    assert dict(page.rows())["matches"] == "the bud 93%, the bee: no match (4%)"


def test_nothing_matched_has_no_result(edit):
    page = _Page(edit_html(replace(edit, matches=(Match("the bee", np.zeros((96, 96), np.uint8), 0.04),))))
    assert list(page.pictures()) == ["before", "matched"]
    assert "nothing was changed" in dict(page.rows())["confidence"]


def test_all_is_escaped(editor, edit):
    spoken = replace(edit, record=edit.record | {"sentence": NASTY, "model": NASTY}, warnings=(NASTY,))
    card = ModelCard(NASTY, NASTY, NASTY, NASTY, NASTY, NASTY)
    for html in (editor.edit(NASTY)._repr_html_(), edit_html(spoken), editor_html(card, "cpu", None)):
        page = _Page(html)
        assert {tag for tag, _ in page.tags} <= {"div", "figure", "figcaption", "img", "table", "tr", "th", "td"}
        assert any(NASTY in text for _, text in page.rows())


def test_an_editor_before_and_after_an_image(tiny_model):
    editor = Editor.from_pretrained(tiny_model, "cpu")
    page = _Page(editor._repr_html_())
    assert dict(page.rows())["device"] == "cpu" and "set_image" in dict(page.rows())["image"]
    assert not page.pictures()
    editor.set_image(flower("red", 2)[..., 0])
    page = _Page(editor._repr_html_())
    assert dict(page.rows())["image"] == "96 x 96, gray"
    assert len(page.pictures()) == 1

"""The figure of an edit, and that it shows what `lbie edit --explain` draws."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from drawn import flower
from lbie import Editor, InputError
from lbie.explain import explain, explanation


@pytest.fixture(scope="module")
def editor(tiny_model) -> Editor:
    return Editor.from_pretrained(tiny_model, "cpu").set_image(flower("blue", 1))


def test_the_same_pictures_and_labels_as_the_sheet(editor):
    edit = editor.edit("this flower is blue in color")
    figure, told, sheet = edit.explain(), explanation(edit), np.asarray(explain(edit))
    panels = [panel for row in told.rows for panel in row]
    assert len(figure.axes) == len(panels) == len(told.rows) * 7
    for axes, panel in zip(figure.axes, panels, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), panel.picture)
        assert axes.get_title().replace("\n", " ") == panel.label
        assert _is_in(sheet, panel.picture), panel.label
    assert "this flower is blue in color" in figure.get_suptitle()
    assert told.rows[0][0].label == "step 1: 100% of regions run"


def _is_in(sheet: np.ndarray, picture: np.ndarray) -> bool:
    height, width = picture.shape[:2]
    corners = np.argwhere((sheet == picture[0, 0]).all(-1))
    return any(np.array_equal(sheet[y : y + height, x : x + width], picture) for y, x in corners)


@pytest.mark.parametrize("sentence", ["a $blue$ $\\frac{1$ flower", "blue " * 60, "blue 花 \u202e \U0001f33c"])
def test_any_sentence_can_be_drawn(editor, sentence):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")
        png = editor.edit(sentence).explain()._repr_png_()
    assert Image.open(io.BytesIO(png)).size[0] >= 400


@pytest.mark.parametrize("shape", [(40, 400), (400, 40)])
def test_any_shape_can_be_drawn(tiny_model, shape):
    photo = np.resize(flower("blue", 1), (*shape, 3))
    edit = Editor.from_pretrained(tiny_model, "cpu").set_image(photo).edit("a blue flower")
    assert Image.open(io.BytesIO(edit.explain()._repr_png_())).size[0] >= 400


def test_nothing_to_explain(editor):
    edit = replace(editor.edit("a blue flower"), tokens=())
    with pytest.raises(InputError, match="no steps to explain"):
        edit.explain()


def test_without_matplotlib(editor, monkeypatch):
    edit = editor.edit("a blue flower")
    monkeypatch.delitem(sys.modules, "lbie.explain_figure", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"matplotlib.*lbie\[notebook\]"):
        edit.explain()


def test_the_picture_of_the_command_line_needs_no_matplotlib():
    code = "import sys, lbie.explain, lbie.edit, lbie.display; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

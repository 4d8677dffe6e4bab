from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from lbie.editor import Editor
from lbie.errors import InputError, SentenceError
from lbie.evaluation.sketch import evaluate
from lbie.explain import explain
from lbie.language.colour_numbers import sketch_vocabulary
from lbie.model.config import ModelConfig
from lbie.model.editing_model import EditingModel
from sketchers import SKETCHER


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives every piece a colour that is mentioned."""
    torch.manual_seed(0)
    model = EditingModel(ModelConfig(**SKETCHER), sketch_vocabulary(["the circle is on the left . make all shapes"]))
    assert model.pointer is not None
    with torch.no_grad():
        model.pointer.none.bias.fill_(-50.0)
    out = tmp_path_factory.mktemp("sketch")
    model.save_pretrained(out)
    return out


@pytest.fixture
def editor(folder: Path) -> Editor:
    return Editor.from_pretrained(folder, "cpu")


def drawing() -> np.ndarray:
    """An outlined circle, a filled rectangle."""
    picture = np.full((120, 200, 3), 255, np.uint8)
    cv2.circle(picture, (50, 60), 35, (0, 0, 0), 3, cv2.LINE_AA)
    picture[30:90, 120:180] = 40
    return picture


def test_areas_are_filled_up_to_the_stroke_and_nothing_else_changes(editor: Editor) -> None:
    source = drawing()
    made = editor.set_image(source).edit("Make all shapes #2090f0")
    colour = np.array((0x20, 0x90, 0xF0))
    assert (made.rgb[50:70, 40:60] == colour).all() and (made.rgb[35:85, 125:175] == colour).all()
    changed = (made.rgb != source).any(-1)
    far = np.hypot(*(np.indices(source.shape[:2]) - np.array([60, 50])[:, None, None])) > 36
    far[28:92, 118:182] = False
    assert not (changed & far).any(), "paper stays"
    ring = np.abs(np.hypot(*(np.indices(source.shape[:2]) - np.array([60, 50])[:, None, None])) - 35) < 0.5
    assert (made.rgb[ring].max(-1) < 128).mean() > 0.9, "the outline stays"
    assert made.mask.shape == source.shape[:2] and (made.mask[~changed] < 0.1).all() and made.mask[60, 50] == 1
    assert made.confidence > 0.9 and made.steps.shape == (1, 2)
    assert explain(made).mode == "RGB"


def test_a_second_sentence_edits_the_result_of_the_first(editor: Editor) -> None:
    editor.set_image(drawing())
    both = editor.edit("The circle is red", then=["now make all shapes teal."])
    assert both.record["sentence"] == "The circle is red. now make all shapes teal."
    assert np.array_equal(both.rgb, editor.edit("The circle is red. now make all shapes teal.").rgb)
    with pytest.raises(InputError, match="only drawings"):
        Editor.from_pretrained("flowers", "cpu").set_image(drawing()).edit("The flower is red", then=["it is blue"])


def test_transparency_is_kept(editor: Editor) -> None:
    picture = Image.fromarray(drawing()).convert("RGBA")
    alpha = np.full((120, 200), 255, np.uint8)
    alpha[:, :8] = 0
    picture.putalpha(Image.fromarray(alpha))
    made = editor.set_image(picture).edit("everything is teal")
    assert np.array_equal(np.array(made.image)[..., 3], alpha)


def test_what_cannot_be_is_said(editor: Editor) -> None:
    with pytest.raises(InputError, match="no area that could be coloured"):
        editor.set_image(np.full((64, 64, 3), 255, np.uint8))
    editor.set_image(drawing())
    with pytest.raises(SentenceError, match="no colour is named"):
        editor.edit("make the circle nice")
    with pytest.raises(InputError, match="takes no"):
        editor.edit("the circle is red", strength=0.5)
    warnings = editor.edit("The floob is red. The circle is red.").warnings
    assert any("'floob'" in line for line in warnings)


def test_nothing_meant_is_an_error(folder: Path, editor: Editor) -> None:
    editor.runtime._model.pointer.none.bias.data.fill_(50.0)  # type: ignore[attr-defined]
    editor.set_image(drawing())
    with pytest.raises(SentenceError, match=r"nothing that is said applies.*the circle is red"):
        editor.edit("the circle is red")


def test_evaluation_counts_what_is_right(folder: Path, tmp_path: Path) -> None:
    found = evaluate(str(folder), "cosal", tmp_path / "figures.json", tmp_path / "out", limit=3, split="val")
    assert (tmp_path / "figures.json").exists() and (tmp_path / "out" / "worst-free.png").exists()
    assert set(found["free"]) == {"free", "overlap", "again", "hand", "palette", "palette-paper"}
    for own in found["free"].values():
        assert 0 <= own["average"]["value"] < 1
    assert found["free"]["palette"]["delta_e"]["all"]["value"] >= 0
    assert found["cosal"]["paper"]["reference"]["value"] > 0.9 > found["cosal"]["paper"]["by_colour"]["value"]

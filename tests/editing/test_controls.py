"""Strength, background, mask, hints and seeds, with a model that is not trained but has all parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drawn import flower
from lbie import Editor, InputError
from lbie.colour.lab import luma, rgb_to_lab
from lbie.editing.controls import Hint
from lbie.image_io import read_edit_record
from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel

SENTENCE = "the flower is red"
WORDS = (PADDING, UNKNOWN, *SENTENCE.split(), "pink", "hot", "pale", "petals")
HINT = "50%,50%,#2040ff"


@pytest.fixture(scope="module")
def full_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    config = ModelConfig(
        image_encoder=ImageEncoderConfig(channels=(8, 16)), width=16, embedding=8, decoder_channels=(8,),
        working_size=32, matte=True, hints=True,
    )  # fmt: skip
    model = EditingModel(config, Vocabulary(WORDS)).eval()
    torch.nn.init.normal_(model.hint_encoder.message[2].weight, std=3)
    torch.nn.init.normal_(model.hint_encoder.colour.weight, std=3)
    for decoder in (model.decoder, model.backdrop.decoder):
        torch.nn.init.normal_(decoder.out.weight, std=0.3)
    folder = tmp_path_factory.mktemp("full") / "full"
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def editor(full_model: Path) -> Editor:
    return Editor.from_pretrained(full_model, "cpu")


GRAY = np.repeat(luma(flower("blue", 1))[..., None], 3, 2)
COLOURED = flower("blue", 1)
BOTH = pytest.mark.parametrize("source", [GRAY, COLOURED], ids=["gray", "coloured"])


def chroma(rgb: np.ndarray) -> np.ndarray:
    return rgb_to_lab(rgb)[..., 1:]


@BOTH
def test_strength_scales_the_change(editor: Editor, source: np.ndarray) -> None:
    editor.set_image(source)
    full = chroma(editor.edit(SENTENCE).rgb) - chroma(source)
    half = chroma(editor.edit(SENTENCE, strength=0.5).rgb) - chroma(source)
    tiny = editor.edit(SENTENCE, strength=0.001)
    assert np.abs(full).mean() > 3
    assert np.abs(half).mean() == pytest.approx(np.abs(full).mean() / 2, rel=0.15)
    assert np.abs(tiny.rgb.astype(int) - source).mean() < 0.5
    assert editor.edit(SENTENCE, strength=0.5).record["strength"] == 0.5
    assert "strength" not in editor.edit(SENTENCE).record


@pytest.mark.parametrize("strength", [0, -1, 2.01, float("nan"), float("inf")])
def test_strengths_out_of_range_are_refused(editor: Editor, strength: float) -> None:
    with pytest.raises(InputError, match="strength"):
        editor.set_image(GRAY).edit(SENTENCE, strength=strength)


@BOTH
def test_outside_the_mask_nothing_changes(editor: Editor, source: np.ndarray, tmp_path: Path) -> None:
    mask = np.zeros(source.shape[:2], np.uint8)
    mask[20:60, 30:90] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    editor.set_image(source)
    whole = editor.edit(SENTENCE).rgb
    for given_mask in (mask, mask > 0, mask / np.float32(255), Image.fromarray(mask), tmp_path / "mask.png"):
        edit = editor.edit(SENTENCE, mask=given_mask)
        np.testing.assert_array_equal(edit.rgb[mask == 0], source[mask == 0])
        inner = np.s_[30:50, 40:80]
        assert np.abs(edit.rgb[inner].astype(int) - whole[inner]).mean() < 3
        assert edit.record["mask"] is True


def test_masks_that_do_not_fit_are_refused(editor: Editor) -> None:
    editor.set_image(GRAY)
    with pytest.raises(InputError, match="40 x 30 pixels, the image 96 x 96"):
        editor.edit(SENTENCE, mask=np.ones((30, 40), np.float32))
    with pytest.raises(InputError, match="black all over"):
        editor.edit(SENTENCE, mask=np.zeros((96, 96), np.uint8))
    with pytest.raises(InputError, match="from 0 to 1"):
        editor.edit(SENTENCE, mask=np.full((96, 96), 255.0))
    with pytest.raises(InputError):
        editor.edit(SENTENCE, mask="missing.png")


@BOTH
def test_the_background_is_kept_where_the_matte_is_closed(full_model: Path, source: np.ndarray) -> None:
    editor = Editor.from_pretrained(full_model, "cpu").set_image(source)
    kept = editor.edit(SENTENCE, keep_background=True)
    assert not np.array_equal(kept.rgb, editor.edit(SENTENCE).rgb) and kept.record["keep_background"] is True
    backdrop = editor.runtime._model.backdrop  # type: ignore[attr-defined]
    with torch.no_grad():
        backdrop.decoder.out.bias[-1] = -60
    closed = editor.set_image(source).edit(SENTENCE, keep_background=True)
    np.testing.assert_array_equal(closed.rgb, source)
    assert np.abs(editor.edit(SENTENCE).rgb.astype(int) - source).max() > 10


def test_hints_change_the_colours_and_are_on_record(editor: Editor, tmp_path: Path) -> None:
    editor.set_image(GRAY)
    plain, told = editor.edit(SENTENCE), editor.edit(SENTENCE, hints=[HINT])
    assert np.abs(plain.rgb.astype(int) - told.rgb).max() > 5
    np.testing.assert_array_equal(editor.edit(SENTENCE, hints=["48,48,#2040ff"]).rgb, told.rgb)
    np.testing.assert_array_equal(editor.edit(SENTENCE).rgb, plain.rgb)
    told.save(tmp_path / "a.png")
    assert read_edit_record(tmp_path / "a.png")["hints"] == [HINT]


def test_a_hint_stands_in_for_a_colour_word(editor: Editor) -> None:
    editor.set_image(GRAY)
    assert any("names no colour" in line for line in editor.edit("the flower").warnings)
    assert not any("names no colour" in line for line in editor.edit("the flower", hints=[HINT]).warnings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *(("", "X,Y,COLOUR"), ("1,2", "X,Y,COLOUR"), ("a,b,red", "X,Y,COLOUR"), ("-1,2,red", "X,Y,COLOUR")),
        *(("1.2.3,4,red", "no number"), ("96,0,red", "outside the image"), ("0,101%,red", "outside the image")),
        *(("1,1,rod", "'rod'"), ("1,1,#12", "'#12'")),
    ],
)
def test_broken_hints_are_refused(editor: Editor, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        editor.set_image(GRAY).edit(SENTENCE, hints=[text])


@given(st.text("0123456789.,%#abcdef redX\n", max_size=16))
def test_any_text_is_a_hint_or_an_input_error(text: str) -> None:
    try:
        hint = Hint.parse(text, (40, 60))
    except InputError:
        return
    assert 0 <= hint.x <= 1 and 0 <= hint.y <= 1 and all(0 <= c <= 255 for c in hint.colour)
    again = Hint.parse(str(hint), (7, 9))
    assert again.x == pytest.approx(hint.x, abs=1e-3) and again.colour == hint.colour


def test_seeds_are_shades(editor: Editor) -> None:
    editor.set_image(GRAY)
    best, other = editor.edit("the flower is pink"), editor.edit("the flower is pink", seed=2)
    assert other.record["read_as"] == "the flower is hot pink" and "read_as" not in best.record
    np.testing.assert_array_equal(other.rgb, editor.edit("the flower is hot pink").rgb)
    assert any("hot pink" in line for line in other.warnings)
    assert any("seed 2 changes nothing" in line for line in editor.edit("the petals", seed=2).warnings)


def test_models_without_the_parts_say_so(tiny_model: Path) -> None:
    plain = Editor.from_pretrained(tiny_model, "cpu").set_image(GRAY)
    text = "this flower is red in color"
    with pytest.raises(InputError, match="no colour hints"):
        plain.edit(text, hints=[HINT])
    with pytest.raises(InputError, match="background"):
        plain.edit(text, keep_background=True)
    drawing = Editor.from_pretrained("cosal", "cpu").set_image("sample:shapes")
    with pytest.raises(InputError, match="takes no strength, hints"):
        drawing.edit("The circle is red.", strength=0.5, hints=[HINT])


def test_the_command_takes_them_all(cli, full_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(GRAY).save("photo.png")
    Image.fromarray(np.full((96, 96), 255, np.uint8)).save("mask.png")
    options = ("--strength", "1.5", "--keep-background", "--mask", "mask.png", "--hint", HINT, "--hint", "3,4,red")
    code, _, err = cli("edit", "photo.png", SENTENCE, "-o", "out.png", "--model", full_model, *options)
    assert code == 0, err
    record = read_edit_record(Path("out.png"))
    assert record["strength"] == 1.5 and record["keep_background"] and record["mask"] and len(record["hints"]) == 2
    code, _, err = cli("edit", "photo.png", SENTENCE, "-o", "mask.png", "--model", full_model, "--mask", "mask.png")
    assert code == 2 and "mask.png" in err and np.array(Image.open("mask.png")).min() == 255

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from drawn import flower
from lbie import Editor, InputError, LbieError, SentenceError
from lbie.colour.lab import luma, rgb_to_lab
from lbie.image_io import read_edit_record, read_image

SENTENCE = "this flower is blue in color"


@pytest.fixture(scope="module")
def editor(tiny_model) -> Editor:
    return Editor.from_pretrained(tiny_model, "cpu")


def gray(height: int = 96, width: int = 96, seed: int = 1) -> np.ndarray:
    picture = luma(flower("blue", seed))
    return np.array(Image.fromarray(picture).resize((width, height)))


@pytest.fixture(scope="module")
def blue(tiny_model):
    return Editor.from_pretrained(tiny_model, "cpu").set_image(gray()).edit("this flower is blue. the petals are red")


def test_every_kind_of_input_gives_the_same(editor, tmp_path):
    g = gray()
    three = np.repeat(g[..., None], 3, 2)
    four = np.dstack([three, np.full_like(g, 90)])
    Image.fromarray(g).save(tmp_path / "a.png")
    expected = editor.set_image(g).edit(SENTENCE).rgb
    assert np.ptp(expected.astype(int), axis=2).max() > 10, "something was coloured"
    tensor = torch.from_numpy(three).permute(2, 0, 1)
    for image in (
        *(three, four, np.asfortranarray(three), np.repeat(three, 2, 1)[:, ::2]),
        *(tmp_path / "a.png", str(tmp_path / "a.png"), read_image(tmp_path / "a.png")),
        *(
            Image.fromarray(g),
            Image.fromarray(three),
            Image.fromarray(four),
            Image.fromarray(g.astype(np.uint16) * 257),
        ),
        *(torch.from_numpy(g), tensor, tensor[:1], tensor / 255, tensor.double() / 255, tensor.half() / 255),
        *(torch.from_numpy(four).permute(2, 0, 1), (tensor / 255).requires_grad_()),
    ):
        edit = editor.set_image(image).edit(SENTENCE)
        np.testing.assert_array_equal(edit.rgb, expected)
        has_alpha = getattr(image, "mode", "") == "RGBA" or (hasattr(image, "shape") and 4 in image.shape)
        assert edit.image.mode == ("RGBA" if has_alpha else "RGB")
        assert not has_alpha or (np.array(edit.image)[..., 3] == 90).all()


@pytest.mark.parametrize(
    "image",
    [
        None,
        3,
        [[1, 2], [3, 4]],
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((0, 0, 3), np.uint8),
        torch.zeros(2, 5, 5),
        torch.zeros(3, 4, 4, dtype=torch.int64),
        Image.new("RGB", (0, 3)),
        "missing.png",
        "sample:missing",
    ],
    ids=lambda x: f"{type(x).__name__} {getattr(x, 'shape', getattr(x, 'size', x))}",
)
def test_a_refused_image_leaves_the_one_before(editor, image):
    before = editor.set_image(gray()).edit(SENTENCE)
    with pytest.raises(InputError):
        editor.set_image(image)
    np.testing.assert_array_equal(editor.edit(SENTENCE).rgb, before.rgb)


def test_max_pixels_is_of_the_call(editor, tmp_path):
    Image.fromarray(gray()).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="limit"):
        editor.set_image(tmp_path / "a.png", max_pixels=96 * 96 - 1)
    editor.set_image(tmp_path / "a.png", max_pixels=96 * 96)


def test_without_an_image(tiny_model):
    with pytest.raises(LbieError, match="set_image"):
        Editor.from_pretrained(tiny_model, "cpu").edit(SENTENCE)


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 300), (300, 1), (2, 2), (37, 61), (300, 200), (32, 32), (1100, 40), (3, 40_000)]
)
@pytest.mark.parametrize("coloured", [False, True])
def test_size_is_kept(editor, size, coloured):
    image = gray(*size)
    if coloured:
        image = np.dstack([image, image // 2, 255 - image])
    edit = editor.set_image(image).edit(SENTENCE)
    assert edit.rgb.shape == (*size, 3) and edit.rgb.dtype == np.uint8
    assert edit.image.size == size[::-1]
    assert edit.mask.shape == size and edit.mask.dtype == np.float32
    assert edit.mask.min() >= 0 and edit.mask.max() <= 1


def test_edits_do_not_depend_on_those_before(editor, tiny_model):
    pictures, sentences = [gray(seed=1), gray(60, 80, 2)], ["a red flower", "a blue flower", "a red flower. yellow"]
    for picture in pictures:
        editor.set_image(picture)
        for sentence in (*sentences, *reversed(sentences)):
            got = editor.edit(sentence)
            fresh = Editor.from_pretrained(tiny_model, "cpu").set_image(picture).edit(sentence)
            np.testing.assert_array_equal(got.rgb, fresh.rgb)
            np.testing.assert_array_equal(got.steps, fresh.steps)
            np.testing.assert_array_equal(got.attention, fresh.attention)


def test_the_sentence_decides_the_colour(editor):
    """On a photo that the model was trained on, petals take the hue that the sentence names."""
    editor.set_image(gray())
    red, blue = (editor.edit(f"this flower is {c} in color") for c in ("red", "blue"))
    petals = red.mask * blue.mask > 0.25
    assert petals.mean() > 0.05
    red_ab, blue_ab = (rgb_to_lab(e.rgb)[petals][:, 1:].mean(0) for e in (red, blue))
    assert red_ab[1] > 5 and blue_ab[1] < -5


def test_attention_and_steps(blue):
    limit, words = blue.attention.shape[:2]
    assert blue.attention.shape[2:] == blue.steps.shape
    assert limit == 3
    assert blue.tokens == ("this", "flower", "is", "blue", ".", "the", "petals", "are", "red")
    assert blue.token_sentence == (0,) * 5 + (1,) * 4
    assert words == len(blue.tokens)
    assert blue.steps.min() >= 1 and blue.steps.max() <= limit
    assert blue.attention.min() >= 0
    running = np.arange(1, limit + 1)[:, None, None] <= blue.steps
    np.testing.assert_allclose(blue.attention.sum(1), running, atol=1e-5)
    assert not blue.attention.transpose(0, 2, 3, 1)[~running].any()


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_limit_of_steps_is_of_the_call(editor, most):
    edit = editor.set_image(gray()).edit(SENTENCE, max_steps=most)
    assert edit.attention.shape[0] == most
    assert edit.steps.max() <= most


@pytest.mark.parametrize("size", [(96, 96), (300, 200), (37, 61)])
@pytest.mark.parametrize("sentence", ["a red flower", "a blue flower", "a yellow flower", "a white flower"])
def test_lightness_stays_outside_the_mask_and_its_detail_inside(editor, size, sentence):
    for seed in (1, 2, 9):
        picture = gray(*size, seed)
        edit = editor.set_image(picture).edit(sentence)
        before, after = (rgb_to_lab(x)[..., 0] for x in (np.repeat(picture[..., None], 3, 2), edit.rgb))
        outside = edit.mask < 0.25
        assert np.abs(after - before)[outside].mean() <= 0.8 if outside.any() else True
        detail = [(x - cv2.GaussianBlur(x, (0, 0), 3))[~outside] for x in (before, after)]
        assert np.corrcoef(*detail)[0, 1] >= 0.98


def test_mask_is_where_the_colour_changed(blue):
    """Of a gray photo: chroma of 10 is the boundary."""
    chroma = np.hypot(*np.moveaxis(rgb_to_lab(blue.rgb)[..., 1:], -1, 0))
    assert (chroma[blue.mask > 0.6] > 9).all()
    assert (chroma[blue.mask < 0.4] < 11).all()
    assert (blue.mask > 0.6).any() and (blue.mask < 0.4).any()


def test_mask_of_a_colour_photo_is_the_difference(editor):
    """The model's own answer, given back to it, is no change, though it is colourful."""
    first = editor.set_image(gray()).edit(SENTENCE)
    again = editor.set_image(first.rgb).edit(SENTENCE)
    change = rgb_to_lab(again.rgb)[..., 1:] - rgb_to_lab(first.rgb)[..., 1:]
    assert (first.mask > 0.5).mean() > 0.05
    assert np.hypot(*np.moveaxis(change, -1, 0))[again.mask < 0.3].max(initial=0) < 12
    assert again.mask.mean() < first.mask.mean()


@pytest.mark.parametrize(
    ("sentence", "error"),
    [
        ("", InputError),
        (" \t\n", InputError),
        ("...!?", InputError),
        ("red " * 5000, InputError),
        ("qqq", SentenceError),
    ],
)
def test_sentences_that_cannot_be_read(editor, sentence, error):
    editor.set_image(gray())
    with pytest.raises(error):
        editor.edit(sentence)
    assert editor.edit(SENTENCE).rgb.shape == (96, 96, 3)


def test_unknown_words_are_told(editor):
    edit = editor.set_image(gray()).edit("a bleu zzzzz flower")
    assert edit.unknown_words == ("a", "bleu", "zzzzz")  # the drawn captions have no "a"
    assert [w for w in edit.warnings if "'bleu' (did you mean 'blue'?)" in w and "'zzzzz'" in w]


def test_words_that_say_nothing_are_refused():
    editor = Editor.from_pretrained("flowers").set_image(gray())
    for sentence in ("<b>x</b> & 'q' \"z\"", "the xyzzy", "it is a"):
        with pytest.raises(SentenceError, match="says nothing of a colour or a thing"):
            editor.edit(sentence)
    assert editor.edit("pretty").rgb.shape == editor.edit("it", hints=["50%,50%,red"]).rgb.shape


def test_a_sentence_of_too_many_words_is_refused(editor):
    editor.set_image(gray())
    assert len(editor.edit("red " * 64).tokens) == 64
    with pytest.raises(InputError, match="the sentence has 100 words; at most 64 are read"):
        editor.edit("red " * 100)


def test_save(blue, tmp_path, tiny_model):
    for name in ("a.png", "b.jpg", "c.webp", "d.tif"):
        assert blue.save(tmp_path / name) == []
        record = read_edit_record(tmp_path / name)
        assert record["sentence"] == "this flower is blue. the petals are red"
        assert set(record) == {"sentence", "model", "model_version", "version", "seed"}
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").rgb, blue.rgb)
    for bad in ("a.xyz", "no/a.png", "."):
        with pytest.raises(InputError):
            blue.save(tmp_path / bad)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "b.jpg", "c.webp", "d.tif"]


@pytest.mark.parametrize("code", ["import lbie", "import lbie.cli", "HELP", "HELP edit"])
def test_nothing_heavy_is_imported_early(code):
    if code.startswith("HELP"):
        words = code.split()[1:]
        code = f"import sys; from lbie import cli; sys.argv = ['lbie', *{words}, '--help']"
        code += "\ntry: cli.main()\nexcept SystemExit as stop: assert not stop.code"
    check = "import sys; print('\\n' + ' '.join({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{check}"], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "lbie" in loaded
    assert not loaded & {"torch", "cv2", "lightning", "numpy", "huggingface_hub"}

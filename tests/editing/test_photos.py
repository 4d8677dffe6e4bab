"""Editing photos where a phrase points, with a stand-in that finds colours, and with a model of random weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from found_by_colour import CONFIG, WORDS, FindsColours, boxes, finder, where
from lbie import Editor, InputError, SentenceError
from lbie.explain import explain
from lbie.image_io import read_edit_record, read_image
from lbie.language.vocabulary import Vocabulary
from lbie.model.editing_model import EditingModel
from lbie.registry import ModelCard
from lbie.runtime.torch_runtime import TorchRuntime

RGB = boxes()
RED, GREEN = where(RGB, "red"), where(RGB, "green")


@pytest.fixture
def editor() -> Editor:
    return finder().set_image(RGB)


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    return ((mask > 0.5) & truth).sum() / ((mask > 0.5) | truth).sum()


@pytest.mark.parametrize(
    ("sentence", "truth"),
    [
        ("make the red cup blue", RED),
        ("make the red cup and the green cup white", RED | GREEN),
        ("brighten the green cup a lot", GREEN),
        ("darken everything except the red cup", ~RED),
        ("blur everything but the red cup and the green cup", ~RED & ~GREEN),
        ("blur the background", ~RED & ~GREEN),
        ("gray out the red cup", RED),
        ("make the whole photo darker", RED | True),
        ("cut out the green cup", GREEN),
        ("make the green cup transparent", ~GREEN),
    ],
)
def test_only_what_is_named_changes(editor: Editor, sentence: str, truth: np.ndarray) -> None:
    edit = editor.edit(sentence)
    assert edit.found and edit.mask.dtype == np.float32
    assert overlap(edit.mask, truth) > (0.75 if "background" in sentence else 0.9)
    np.testing.assert_array_equal(edit.rgb[edit.mask == 0], RGB[edit.mask == 0])
    if edit.alpha is None:
        changed = (edit.rgb != RGB).any(2)
        assert changed[edit.mask > 0.9].mean() > 0.75 and edit.image.mode == "RGB"
    else:
        np.testing.assert_array_equal(edit.rgb, RGB)
        np.testing.assert_allclose(edit.alpha / 255, edit.mask, atol=0.005)
        np.testing.assert_array_equal(np.asarray(edit.image)[..., 3], edit.alpha)
    assert edit.attention.shape[1] == len(edit.tokens) == len(edit.token_sentence)
    assert edit.attention.shape[2:] == edit.steps.shape == (10, 15)
    assert edit.record["sentence"] == sentence and ": " in edit.record["understood"]
    if edit.tokens:
        assert explain(edit).size[0] > 100
    else:
        with pytest.raises(InputError, match="no steps to explain"):
            explain(edit)


def test_through_a_file_the_rest_is_as_it_was(editor: Editor, tmp_path) -> None:
    Image.fromarray(RGB).save(tmp_path / "in.png")
    edit = editor.set_image(tmp_path / "in.png").edit("make the red cup blue")
    edit.save(tmp_path / "out.png")
    out = read_image(tmp_path / "out.png").rgb
    assert (edit.mask == 0).mean() > 0.7
    np.testing.assert_array_equal(out[edit.mask == 0], RGB[edit.mask == 0])
    assert out[RED].mean(0).argmax() == 2
    assert read_edit_record(tmp_path / "out.png")["understood"] == "the red cup: colour blue"


@pytest.mark.parametrize(
    "sentence", ["make the blue cup red", "blur everything except the blue cup", "cut out the cat"]
)
def test_nothing_matches(editor: Editor, sentence: str) -> None:
    edit = editor.edit(sentence)
    assert not edit.found and not edit.mask.any() and edit.confidence < 0.1 and edit.alpha is None
    np.testing.assert_array_equal(edit.rgb, RGB)
    assert edit.warnings[0].startswith("nothing in the photo matches 'the ")


def test_one_of_two_matches(editor: Editor) -> None:
    edit = editor.edit("make the red cup and the blue cup white")
    assert [m.found for m in edit.matches] == [True, False] and edit.confidence == 0.93
    assert overlap(edit.mask, RED) > 0.95
    line = "nothing in the photo matches 'the blue cup' (confidence 0.08, below the threshold of 0.5)"
    assert edit.warnings == (line,)


def test_the_background_of_what_shows_nothing_and_without_kinds() -> None:
    plain = np.full((40, 60, 3), 128, np.uint8)
    edit = finder().set_image(plain).edit("blur the background")
    assert not edit.found and "tells from the background" in edit.warnings[0]
    with pytest.raises(SentenceError, match="everything except the dog"):
        finder(kinds=False).set_image(RGB).edit("blur the background")


def test_segment_is_a_union(editor: Editor) -> None:
    one, two = editor.segment("the red cup"), editor.segment("the green cup")
    for asked in (["the red cup", "the green cup"], "the red cup and the green cup"):
        both = editor.segment(asked)
        np.testing.assert_array_equal(both.mask, np.maximum(one.mask, two.mask))
        assert [m.phrase for m in both.matches] == ["the red cup", "the green cup"]
        assert (
            both.tokens == ("the", "red", "cup", "the", "green", "cup") and both.token_sentence == (0,) * 3 + (1,) * 3
        )
    assert editor.runtime.encoded == [(1, 3, 80, 120)] and editor.runtime.fused == [1, 1, 2, 2]
    left = editor.segment(["everything except the red cup"])
    np.testing.assert_allclose(left.mask, 1 - one.mask, atol=1e-6)
    assert editor.segment("The Background!").matches[0].phrase == "the background"
    np.testing.assert_array_equal(np.asarray(one.image)[..., :3], RGB)
    np.testing.assert_allclose(np.asarray(one.image)[..., 3] / 255, one.mask, atol=0.005)


def test_the_threshold(editor: Editor) -> None:
    assert not editor.segment("the unsure red cup").found
    low = editor.segment("the unsure red cup", threshold=0.3)
    assert low.found and low.confidence == 0.3 and low.record["threshold"] == 0.3
    assert not editor.segment("the red cup", threshold=0.95).found
    eager = Editor(FindsColours(), ModelCard("photos", threshold=0.2)).set_image(RGB)
    assert eager.segment("the unsure red cup").found and eager.edit("blur the unsure red cup").found


def test_no_pixel_is_no_match_whatever_the_threshold(editor: Editor) -> None:
    edit = editor.segment("the blue cup", threshold=0)
    assert not edit.found and "no pixel" in edit.warnings[0] and edit.confidence < 0.1


def test_a_gray_photo(editor: Editor) -> None:
    gray = RGB[..., 0]
    red = np.where(RED[..., None], RGB, 128).astype(np.uint8)
    assert not editor.set_image(gray).segment("the red cup").found
    assert editor.set_image(red).edit("make the red cup darker").found
    whole = editor.set_image(gray).edit("gray out the whole photo")
    assert any("as it was" in line for line in whole.warnings) and whole.found


def test_a_source_keeps_its_alpha(editor: Editor, tmp_path) -> None:
    alpha = np.tile(np.linspace(0, 255, RGB.shape[1]).astype(np.uint8), (len(RGB), 1))
    editor.set_image(np.dstack([RGB, alpha]))
    edit = editor.edit("make the red cup blue")
    np.testing.assert_array_equal(np.asarray(edit.image)[..., 3], alpha)
    cut = editor.edit("cut out the red cup")
    np.testing.assert_allclose(np.asarray(cut.image)[..., 3], alpha * cut.mask, atol=1)
    cut.save(tmp_path / "cut.webp")
    np.testing.assert_array_equal(read_image(tmp_path / "cut.webp").alpha, cut.alpha)
    for suffix in ("jpg", "bmp"):
        with pytest.raises(InputError, match=r"transparency.*\.png or \.webp"):
            cut.save(tmp_path / f"cut.{suffix}")
        assert not (tmp_path / f"cut.{suffix}").exists()


def test_controls(editor: Editor) -> None:
    half = np.zeros(RGB.shape[:2], np.float32)
    half[:48] = 1
    edit = editor.edit("make the red cup blue", mask=half)
    np.testing.assert_array_equal(edit.rgb[48:], RGB[48:])
    assert (edit.rgb[:48] != RGB[:48]).any() and edit.record["mask"] is True
    weak, strong = (editor.edit("darken the red cup", strength=s).rgb[RED].mean() for s in (0.5, 1.5))
    assert strong < weak < RGB[RED].mean()
    for options, why in (
        ({"hints": ["50%,50%,red"]}, "hints"),
        ({"keep_background": True}, "only what is named"),
        ({"seed": 2}, "one result"),
        ({"strength": 3}, "at most 2"),
        ({"strength": 1.5}, "reached in full"),
        ({"mask": np.zeros((4, 4), np.float32)}, "the mask is 4 x 4"),
        ({"mask": half * 0 + GREEN}, "black where the red cup is"),
        ({"max_steps": 0}, "between 1 and 64"),
    ):
        with pytest.raises(InputError, match=why):
            editor.edit("make the red cup blue", **options)
    with pytest.raises(InputError, match="no strength"):
        editor.edit("cut out the red cup", strength=0.5)


@pytest.mark.parametrize(
    ("phrases", "why"),
    [
        *(([], "no phrase"), ("", "empty"), (["the red cup", "?!"], "empty"), ("x" * 501, "501")),
        ([f"the cup {'x' * n}" for n in range(60)], "at most 50"),
    ],
)
def test_phrases_that_are_refused(editor: Editor, phrases, why: str) -> None:
    with pytest.raises(InputError, match=why):
        editor.segment(phrases)


def test_unknown_words(editor: Editor) -> None:
    with pytest.raises(SentenceError, match="no word of 'zebra' is known"):
        editor.segment(["the red cup", "zebra"])
    with pytest.raises(SentenceError, match="no word of 'the zebra' is known to this model: 'zebra'"):
        editor.segment("the zebra.")  # an article says nothing of what is meant
    edit = editor.segment("the red zebra")
    assert edit.found and edit.unknown_words == ("zebra",) and "zebra" in edit.warnings[0]


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), "high"])
def test_thresholds_out_of_range(editor: Editor, threshold) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        editor.segment("the red cup", threshold=threshold)
    with pytest.raises(InputError, match="from 0 to 1"):
        Editor(FindsColours(), ModelCard("photos", threshold=threshold))


def test_models_of_other_shapes_and_tasks(tiny_model) -> None:
    other = FindsColours()
    other.config = replace(CONFIG, in_channels=1)
    with pytest.raises(InputError, match="3 channels to 1"):
        Editor(other, ModelCard("x"))
    with pytest.raises(InputError, match="does not find things"):
        Editor.from_pretrained(tiny_model, "cpu").set_image(RGB).segment("the red cup")


@pytest.fixture(scope="module", params=[{}, {"presence": False, "categories": 0, "lookup": True}], ids=str)
def random(request, tmp_path_factory) -> Editor:
    torch.manual_seed(1)
    model = EditingModel(replace(CONFIG, **request.param), Vocabulary(WORDS))
    with torch.no_grad():
        model.language_encoder.embedding.weight.mul_(5)
    folder = tmp_path_factory.mktemp("random")
    model.save_pretrained(folder)
    return Editor(TorchRuntime(folder, "cpu"), ModelCard("random", threshold=0))


@pytest.mark.parametrize("size", [(96, 144), (1, 1), (3, 700), (411, 97)])
def test_a_network_of_random_weights(random: Editor, size: tuple[int, int]) -> None:
    """Whatever a network says, the answer is whole; many phrases at once are as each alone."""
    random.set_image(np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8))
    phrases = ["the red cup on the left", "dog", "the large green cat"]
    both = random.segment(phrases)
    alone = [random.segment(phrase) for phrase in phrases]
    assert both.mask.shape == size and both.mask.min() >= 0 and both.mask.max() <= 1
    for one, match in zip(alone, both.matches, strict=True):
        np.testing.assert_allclose(one.mask, match.mask, atol=5e-3)
        assert one.confidence == pytest.approx(match.confidence, abs=1e-4) and 0 <= one.confidence <= 1
    np.testing.assert_allclose(both.mask, np.max([one.mask for one in alone], 0), atol=2e-3)
    assert both.attention.shape == (3, 11, *both.steps.shape) and both.tokens[5:7] == ("left", "dog")
    running = np.arange(1, 4)[:, None, None] <= alone[0].steps
    np.testing.assert_allclose(alone[0].attention.sum(1), running, atol=1e-4)
    assert random.segment("dog", max_steps=1).attention.shape[0] == 1
    if random.runtime.config.categories:
        kinds = random.runtime.kinds(random._prepared[False].encoded)
        assert kinds.shape[0] == 2 and np.allclose(kinds.sum(0), 1, atol=1e-5)
        assert random.edit("blur the background").mask.shape == size

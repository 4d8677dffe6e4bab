"""Panoramas, made of photos that come with installed packages: where left and right side touch, there is no seam."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from found_by_colour import boxes, finder
from lbie import Editor, InputError
from lbie.colour.bands import blurred, enlargement, resized
from lbie.colour.lab import rgb_to_lab
from lbie.edit import Edit
from lbie.editing.change import Change
from lbie.editing.changes import apply_change
from lbie.samples import sample_path


def panorama(name: str, gray: bool) -> np.ndarray:
    """A photo and its mirror image, turned so that the sides cut through the middle of the photo."""
    small = Image.open(sample_path(name)).convert("RGB").resize((400, 400), Image.Resampling.LANCZOS)
    rgb = np.asarray(small.convert("L").convert("RGB") if gray else small)
    return np.roll(np.concatenate([rgb, rgb[:, ::-1]], 1), 200, 1)


def steps(rgb: np.ndarray) -> np.ndarray:
    """(W,) mean difference of chroma of each column to the next, of the last to the first."""
    ab = rgb_to_lab(rgb)[..., 1:]
    return np.hypot(*np.moveaxis(np.roll(ab, -1, 1) - ab, -1, 0)).mean(0)


@pytest.fixture(scope="module")
def flowers() -> Editor:
    return Editor.from_pretrained("flowers", "cpu")


@pytest.fixture(scope="module")
def photos() -> Editor:
    return Editor.from_pretrained("photos", "cpu")


def edit(editor: Editor, rgb: np.ndarray, sentence: str, **controls: bool) -> Edit:
    return editor.set_image(rgb).edit(sentence, **controls)


@pytest.mark.parametrize("name", ["flower", "china"])
@pytest.mark.parametrize("keep", [False, True])
def test_colours_have_no_seam_and_turn_with_the_photo(flowers: Editor, name: str, keep: bool) -> None:
    rgb, said = panorama(name, gray=True), "The flower is red in color."
    flat = edit(flowers, rgb, said, keep_background=keep)
    made = edit(flowers, rgb, said, keep_background=keep, panorama=True)
    seam = steps(made.rgb)
    assert seam[-1] <= seam[:-1].max() < steps(flat.rgb)[-1], "without it there is one"
    turned = edit(flowers, np.roll(rgb, 400, 1), said, keep_background=keep, panorama=True).rgb
    apart = np.abs(np.roll(turned, 400, 1).astype(int) - made.rgb)
    assert apart.mean() < 1 and np.percentile(apart, 99) <= 6
    assert made.record["panorama"] is True and "panorama" not in flat.record
    np.testing.assert_array_equal(edit(flowers, rgb, said, keep_background=keep).rgb, flat.rgb)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("coffee", "make the cup blue"), ("chelsea", "make the cat green"), ("astronaut", "gray out the person")],
)
def test_what_is_named_has_no_seam(photos: Editor, name: str, sentence: str) -> None:
    rgb = panorama(name, gray=False)
    made = edit(photos, rgb, sentence, panorama=True)
    assert made.found and ((made.mask[:, 0] > 0.5) | (made.mask[:, -1] > 0.5)).any(), "it lies across the sides"
    seam = steps(made.rgb)
    assert seam[-1] <= seam[:-1].max()
    between = np.abs(np.diff(made.mask, axis=1, append=made.mask[:, :1])).mean(0)
    assert between[-1] <= between[:-1].max()


def test_left_stays_left() -> None:
    """A stand-in that finds colours: what lies across the sides is one thing, and all of it is found."""
    rgb = boxes()
    editor = finder().set_image(np.roll(rgb, rgb.shape[1] // 2, 1))
    there = editor.edit("make the red cup blue", panorama=True).mask > 0.5
    flat = finder().set_image(rgb).edit("make the red cup blue").mask > 0.5
    turned = np.roll(there, rgb.shape[1] // 2, 1)
    assert (turned & flat).sum() / (turned | flat).sum() > 0.9


@pytest.mark.parametrize("told", [True, False])
def test_an_image_is_encoded_once_for_each_way(told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = finder()
    ways: list[bool] = []
    real = editor._editing.prepare
    monkeypatch.setattr(
        editor._editing, "prepare", lambda source, panorama=False: ways.append(panorama) or real(source, panorama)
    )
    editor.set_image(boxes(), panorama=told)
    for _ in range(2):
        editor.edit("make the red cup blue", panorama=True)
    assert ways == ([True] if told else [False, True])
    editor.segment("the red cup")
    assert sorted(ways) == [False, True]


def test_left_and_right_are_those_of_the_picture(photos: Editor) -> None:
    rgb = np.asarray(Image.open(sample_path("coffee")).convert("RGB").resize((400, 300)))
    two = photos.set_image(np.concatenate([rgb, rgb[:, ::-1]], 1))
    for said, low, high in (("the cup on the left", 0, 400), ("the cup on the right", 400, 800)):
        mask = two.edit(f"make {said} blue", panorama=True).mask > 0.5
        assert mask[:, low:high].sum() > 0.9 * mask.sum() > 0


def test_tools_turn_with_what_they_are_given() -> None:
    rng = np.random.default_rng(0)
    maps = rng.normal(0, 1, (6, 8, 2)).astype(np.float32)
    turned = np.roll(maps, 4, 1)
    for tool in (
        lambda x: resized(x, (30, 40), cv2.INTER_LINEAR, wraps=True),
        lambda x: enlargement(x, (30, 40), wraps=True)(slice(3, 17), slice(None)),
        lambda x: blurred(x, 2.0, wraps=True),
    ):
        before = tool(maps)
        np.testing.assert_allclose(np.roll(before, before.shape[1] // 2, 1), tool(turned), atol=1e-5)
    rgb = rng.integers(0, 255, (300, 400, 3), np.uint8)
    mask = np.full((300, 400), 255, np.uint8)
    mask[:, 150:250] = 0
    before = apply_change(rgb, mask, Change("blur"), wraps=True).rgb
    after = apply_change(np.roll(rgb, 200, 1), np.roll(mask, 200, 1), Change("blur"), wraps=True).rgb
    assert np.abs(np.roll(before, 200, 1).astype(int) - after).max() <= 1


@pytest.mark.parametrize(("model", "image"), [("sketch", "sketch"), ("cosal", "shapes")])
def test_a_drawing_is_no_panorama(model: str, image: str) -> None:
    editor = Editor.from_pretrained(model, "cpu").set_image(sample_path(image))
    with pytest.raises(InputError, match="no panorama"):
        editor.edit("The circle is red.", panorama=True)


def test_hints_are_refused(flowers: Editor) -> None:
    with pytest.raises(InputError, match="do not reach over the sides"):
        flowers.set_image(panorama("flower", gray=True)).edit("red", hints=["50%,50%,red"], panorama=True)


def test_the_command_line_and_batch(cli, tmp_path) -> None:
    rgb = panorama("flower", gray=True)[::4, ::4]
    (tmp_path / "in").mkdir()
    Image.fromarray(rgb).save(tmp_path / "in" / "a.png")
    out, many = tmp_path / "a.png", tmp_path / "out"
    words = ("--model", "flowers", "--device", "cpu", "--panorama")
    assert cli("edit", tmp_path / "in" / "a.png", "a red flower", "-o", out, *words)[0] == 0
    assert cli("batch", tmp_path / "in", "a red flower", "-o", many, *words)[0] == 0
    np.testing.assert_array_equal(np.asarray(Image.open(out)), np.asarray(Image.open(many / "a.png")))
    code, _, err = cli("edit", "sample:sketch", "the circle is red", "-o", tmp_path / "b.png", "--panorama")
    assert code == 2 and "no panorama" in err
    code, _, err = cli("batch", tmp_path / "in", "--segment", "a cat", "-o", tmp_path / "c", "--panorama")
    assert code == 2 and "--panorama" in err

"""Changes of regions of photos that come with installed packages, and of drawn ones, with masks by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from lbie.colour.lab import rgb_to_lab
from lbie.editing.change import Change
from lbie.editing.changes import apply_change
from lbie.editing.request import parse_request
from lbie.errors import InputError
from lbie.samples import sample_path

ELLIPSES = {
    "chelsea": ((225, 150), (150, 130)),
    "coffee": ((262, 240), (80, 50)),
    "astronaut": ((160, 400), (100, 90)),
    "rocket": ((322, 210), (7, 90)),
    "china": ((140, 200), (70, 110)),
}
CHANGES = (
    *("make it all red", "make it all white", "make it all black", "make it all #123456", "gray out it all"),
    *("brighten it all a lot", "darken it all", "blur it all", "cut out the thing"),
)


def ellipse(shape: tuple[int, ...], centre: tuple[int, int], axes: tuple[int, int]) -> np.ndarray:
    """A soft ellipse, 0 beyond its edge."""
    hard = np.zeros(shape[:2], np.float32)
    cv2.ellipse(hard, centre, axes, 0, 0, 360, 1, -1)
    return (cv2.GaussianBlur(hard, (0, 0), 1.5) * (cv2.dilate(hard, np.ones((5, 5))) > 0)).clip(0, 1)


def photo(name: str) -> tuple[np.ndarray, np.ndarray]:
    rgb = np.asarray(Image.open(sample_path(name)).convert("RGB"))
    return rgb, ellipse(rgb.shape, *ELLIPSES[name])


def told(sentence: str) -> Change:
    return parse_request(sentence).change


def detail(rgb: np.ndarray) -> np.ndarray:
    tone = rgb_to_lab(rgb)[..., 0]
    return tone - cv2.GaussianBlur(tone, (0, 0), 3)


@pytest.mark.parametrize("sentence", CHANGES)
@pytest.mark.parametrize("name", ELLIPSES)
def test_outside_the_region_nothing_changes(name: str, sentence: str) -> None:
    rgb, mask = photo(name)
    before = rgb.copy()
    changed = apply_change(rgb, mask, told(sentence))
    np.testing.assert_array_equal(rgb, before)
    np.testing.assert_array_equal(changed.rgb[mask == 0], rgb[mask == 0])
    if changed.alpha is not None:
        assert ((changed.alpha == 0) == (mask < 0.5 / 255)).all() and changed.alpha.max() == 255
    else:
        assert np.abs(changed.rgb[mask > 0.9].astype(int) - rgb[mask > 0.9]).mean() > 1
    assert np.array_equal(apply_change(rgb, 0 * mask, told(sentence)).rgb, rgb)


def cloth(level: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Folds, lit from the left, on a gray ground; and where the cloth is."""
    y, x = np.mgrid[:120, :160].astype(np.float32)
    light = 1 + 0.25 * np.sin(x / 5) + 0.15 * np.sin(y / 2.5) - 0.002 * x
    rgb = np.clip(np.array(level) * light[..., None], 0, 255)
    mask = ellipse((120, 160), (80, 60), (60, 45))
    rgb = np.where(mask[..., None] > 0.5, rgb, 128)
    return rgb.astype(np.uint8), mask


@pytest.mark.parametrize("level", [(25, 25, 27), (200, 30, 30), (230, 230, 225), (30, 60, 170), (150, 140, 60)])
@pytest.mark.parametrize(
    ("colour", "lightness", "hue"),
    [("red", (35, 60), 40), ("white", (85, 100), None), ("black", (0, 20), None), ("blue", (20, 45), 292)],
)
def test_everything_becomes_every_colour(
    level: tuple[int, int, int], colour: str, lightness: tuple[int, int], hue: float | None
) -> None:
    rgb, mask = cloth(level)
    out = apply_change(rgb, mask, told(f"make the cloth {colour}")).rgb
    inside = mask > 0.99
    tone, a, b = rgb_to_lab(out)[inside].mean(0)
    assert lightness[0] <= tone <= lightness[1]
    if hue is None:
        assert np.hypot(a, b) < 6
    else:
        assert np.hypot(a, b) > 35 and abs((np.degrees(np.arctan2(b, a)) - hue + 180) % 360 - 180) < 20
    inner = cv2.erode(mask, np.ones((23, 23))) > 0.99  # away from the edge, which has another contrast now
    old, new = detail(rgb)[inner], detail(out)[inner]
    assert np.corrcoef(old, new)[0, 1] > (0.85 if colour == "white" else 0.9)
    assert new.std() > min(0.4 * old.std(), 1.0)


def test_white_letters_stay_white_and_tyres_black() -> None:
    rgb, mask = cloth((190, 40, 40))
    cv2.putText(rgb, "TAXI", (50, 65), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (250, 250, 250), 3)
    cv2.circle(rgb, (80, 85), 8, (8, 8, 8), -1)
    out = apply_change(rgb, mask, told("make the car blue")).rgb
    letters, tyre = (rgb.min(2) > 245) & (mask > 0.99), np.s_[82:88, 77:83]
    assert rgb_to_lab(out)[letters].mean(0)[0] > 90 and out[tyre].max() < 60
    lab = rgb_to_lab(out)[20:40, 70:90].reshape(-1, 3).mean(0)
    assert lab[2] < -30


def test_half_of_a_colour_lies_between() -> None:
    rgb, mask = cloth((60, 60, 60))
    tones = [rgb_to_lab(apply_change(rgb, mask, told(f"make the cloth {c}")).rgb)[60, 80] for c in ("a bit red", "red")]
    assert 10 < tones[0][1] < tones[1][1] - 10


@pytest.mark.parametrize("name", ELLIPSES)
def test_gray_keeps_the_lightness(name: str) -> None:
    rgb, mask = photo(name)
    out = rgb_to_lab(apply_change(rgb, mask, told("gray out the thing")).rgb)[mask == 1]
    assert np.abs(out[:, 1:]).max() < 1 and np.abs(out[:, 0] - rgb_to_lab(rgb)[mask == 1][:, 0]).max() < 0.7


def test_light_and_dark_leave_no_plateaus() -> None:
    ramp = np.repeat(np.tile(np.arange(256, dtype=np.uint8), (4, 1))[..., None], 3, 2)
    for word, sign in (("brighten", 1), ("darken", -1)):
        for much in ("", " a little", " a lot"):
            out = apply_change(ramp, np.ones((4, 256)), told(f"{word} the ramp{much}")).rgb[0, :, 0].astype(int)
            assert (sign * (out - np.arange(256)) >= 0).all() and sign * (out[128] - 128) > 8
            assert np.diff(out).min() >= 0 and len(np.unique(out)) > 140 and (out[0], out[255]) == (0, 255)


@pytest.mark.parametrize("whole", [1.0, np.uint8(255)])
def test_a_blur_mixes_only_what_is_in_the_region(whole: float | np.uint8) -> None:
    rgb = np.full((100, 140, 3), (0, 0, 255), np.uint8)
    rgb[:, 70:] = (255, 0, 0)
    mask = np.zeros((100, 140), type(whole))
    mask[:, 70:] = whole
    np.testing.assert_array_equal(apply_change(rgb, mask, told("blur the thing a lot")).rgb, rgb)
    noise = np.random.default_rng(0).integers(0, 256, (100, 140, 3), np.uint8)
    out = apply_change(noise, mask, told("blur the thing")).rgb
    assert out[:, 70:].std() < 0.4 * noise[:, 70:].std()
    assert abs(out[:, 70:].mean() - noise[:, 70:].mean()) < 2


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2)])
@pytest.mark.parametrize("sentence", CHANGES)
def test_tiny_photos_and_faint_masks(size: tuple[int, int], sentence: str) -> None:
    rgb = np.full((*size, 3), 77, np.uint8)
    for value in (1.0, 1e-6):
        out = apply_change(rgb, np.full(size, value), told(sentence)).rgb
        assert out.shape == rgb.shape and (value == 1 or (out == rgb).all())


def test_masks_that_do_not_fit_are_refused() -> None:
    rgb = np.zeros((20, 30, 3), np.uint8)
    for mask, why in (
        (np.ones((30, 20)), "20 x 30"),
        (np.full((20, 30), 2.0), "0 to 1"),
        (rgb[..., 0] + np.nan, "nan"),
    ):
        with pytest.raises(InputError, match=why):
            apply_change(rgb, mask, told("blur the thing"))

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lbie.editing.overlay import Match, draw_overlay
from lbie.errors import InputError
from lbie.samples import sample_path


def test_an_overlay_shows_each_match() -> None:
    rgb = np.asarray(Image.open(sample_path("chelsea")).convert("RGB"))
    mask = np.zeros(rgb.shape[:2], np.uint8)
    mask[60:250, 80:380] = 255
    plain = draw_overlay(rgb, [])
    np.testing.assert_array_equal(np.asarray(plain), rgb)
    matches = [Match("the cat", mask, 0.93), Match("a dog " * 60, 0 * mask, 0.02)]
    assert matches[0].label == "the cat 93%" and matches[1].label.endswith("no match (2%)")
    picture = np.asarray(draw_overlay(rgb, matches))
    top = picture.shape[0] - rgb.shape[0]
    assert top > 20 and picture.shape[1] == rgb.shape[1]
    np.testing.assert_array_equal(picture[top:][0, 0], rgb[0, 0])
    assert picture[top:][150, 225, 0] > rgb[150, 225, 0]
    with pytest.raises(InputError, match="the mask of 'x'"):
        draw_overlay(rgb, [Match("x", mask[1:], 0.5)])

from __future__ import annotations

import numpy as np
import pytest

from lbie import Editor
from lbie.colour.lab import rgb_to_lab
from lbie.editing.controls import Hint
from lbie.editing.followed import not_followed


@pytest.mark.parametrize("colour", ["#00aa44", "orchid", "blue", "white", "#808080"])
def test_a_hint_that_came_out_is_not_spoken_of(colour: str) -> None:
    hint = Hint.parse(f"100%,100%,{colour}", (4, 6))
    ab = np.zeros((4, 6, 2), np.float32)
    ab[3, 5] = rgb_to_lab(np.array(hint.colour, np.uint8))[1:]
    for lightness in (0.0, 20.0, 60.0, 100.0):
        assert not_followed([hint], np.full((4, 6), lightness, np.float32), ab) == []


def test_one_that_did_not_is() -> None:
    hints = [Hint.parse(text, (4, 6)) for text in ("0,0,#00aa44", "5,3,gray")]
    (line,) = not_followed(hints, np.full((4, 6), 50, np.float32), np.zeros((4, 6, 2), np.float32))
    assert line.startswith("the hint 0%,0%,#00aa44 is not followed") and "#777777" in line


def test_by_the_model_of_flowers() -> None:
    editor = Editor.from_pretrained("flowers").set_image("sample:flower")
    for text, followed in (("orchid", True), ("blue", True), ("#00aa44", False)):
        told = editor.edit("a pretty flower", hints=[f"50%,45%,{text}", "5%,95%,darkolivegreen"]).warnings
        assert [line for line in told if "50%,45%,#00aa44 is not followed" in line] or followed
        assert sum("not followed" in line for line in told) == (not followed)

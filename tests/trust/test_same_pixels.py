"""Same input, seed and version: same pixels, whatever runs beside, before or how many at once."""

from __future__ import annotations

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch

from lbie import Editor
from lbie.image_io import read_image

ASKED = {
    "flowers": ("sample:flower", "The flower is blue in color."),
    "cosal": ("sample:shapes", "The circle is red."),
    "photos": ("sample:chelsea", "make the cat blue"),
}
MOST_LEVELS = 1
"""By how many of 255 levels a pixel may differ between numbers of threads: sums are taken in another order."""
MOST_OF_THEM = 1e-3
"""Share of the values that may differ by so much; one in 100,000 was measured."""
PROCESS = """
import sys
from lbie import Editor
for number in range(1, len(sys.argv), 4):
    model, image, sentence, output = sys.argv[number : number + 4]
    Editor.from_pretrained(model, "cpu").set_image(image).edit(sentence).save(output)
"""


@pytest.fixture(scope="module", params=ASKED)
def asked(request) -> tuple[Editor, str, str]:
    """An editor with its image, the sentence, and the model's name."""
    image, sentence = ASKED[request.param]
    return Editor.from_pretrained(request.param, "cpu").set_image(image), sentence, request.param


def threads(count: int) -> None:
    """Set how many threads work; conftest.py puts back what there was."""
    torch.set_num_threads(count)
    cv2.setNumThreads(count)


def test_again_and_anew(asked):
    editor, sentence, model = asked
    first = editor.edit(sentence)
    np.testing.assert_array_equal(editor.edit(sentence).rgb, first.rgb)
    other = Editor.from_pretrained(model, "cpu").set_image(ASKED[model][0]).edit(sentence)
    np.testing.assert_array_equal(other.rgb, first.rgb)
    assert other.encode(".png") == first.encode(".png"), "the file, too"


def test_any_number_of_threads(asked):
    editor, sentence, model = asked
    found = []
    for count in (1, 2):
        threads(count)
        found.append(editor.set_image(ASKED[model][0]).edit(sentence).rgb)
    _assert_near(*found)


@pytest.mark.parametrize("count", [1, 2])
def test_another_process(tmp_path, count):
    threads(1)
    words = [word for model, asked in ASKED.items() for word in (model, *asked, f"{model}.png")]
    environment = {**os.environ, "OMP_NUM_THREADS": str(count), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", PROCESS, *words], check=True, cwd=tmp_path, env=environment)
    for model, (image, sentence) in ASKED.items():
        here = Editor.from_pretrained(model, "cpu").set_image(image).edit(sentence)
        there = tmp_path / f"{model}.png"
        if count == 1:
            assert there.read_bytes() == here.encode(".png")[0], model
        else:
            _assert_near(read_image(there).rgb, here.rgb)


def _assert_near(a, b):
    apart = np.abs(a.astype(int) - b)
    assert apart.max() <= MOST_LEVELS and (apart > 0).mean() <= MOST_OF_THEM


def test_any_number_of_phrases_at_once():
    editor = Editor.from_pretrained("photos", "cpu").set_image("sample:chelsea")
    phrases = ["the cat", "the dog on the left", "the bench", "a person", "the ear of the cat", "the cup"]
    together = editor.segment(phrases).matches
    for phrase, match in zip(phrases, together, strict=True):
        (alone,) = editor.segment(phrase).matches
        assert alone.phrase == match.phrase
        assert alone.found == match.found
        assert alone.confidence == pytest.approx(match.confidence, abs=1e-4)
        assert np.abs(np.asarray(alone.mask) - np.asarray(match.mask)).max() <= MOST_LEVELS / 255


def test_any_size_of_batch():
    threads(1)
    model = Editor.from_pretrained("flowers", "cpu", "torch").runtime._model.eval()
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(5, 1, 64, 64, generator=generator) * 2 - 1
    words = torch.randint(2, 200, (5, 7), generator=generator)
    with torch.inference_mode():
        together = model(images, words).output
        for row in range(5):
            alone = model(images[row : row + 1], words[row : row + 1]).output
            torch.testing.assert_close(alone[0], together[row], atol=2e-4, rtol=1e-4)

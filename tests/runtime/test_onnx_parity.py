"""The bundled models by ONNX Runtime and by torch: the same to within a level."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lbie import Editor
from lbie.explain import explain
from lbie.registry import bundled_models

LEVEL = 1
CHAIN = (
    "The shape above the circle has the same color as the circle. The circle has the same color as the diamond. "
    "The diamond is green. The largest shape is red."
)
ASKED = [
    ("flowers", "sample:flower", "The flower is blue in color.", {}),
    ("flowers", "sample:flower", "this flower has white petals and a yellow center. the tips are pink", {"seed": 2}),
    ("flowers", "sample:flower", "a red flower", {"hints": ["50%,50%,crimson", "5%,5%,green"], "strength": 1.5}),
    ("flowers", "sample:flower", "a purple flower", {"keep_background": True, "max_steps": 2}),
    ("cosal", "sample:shapes", "The circle is red.", {}),
    ("cosal", "sample:shapes", "The circle is red. The shape above the circle is blue.", {"max_steps": 8}),
    ("sketch", "sample:shapes", "The circle is red. The shape above the circle is #1188cc.", {}),
    ("sketch", "sample:shapes", CHAIN, {"max_steps": 8}),
    ("sketch", "sample:shapes", "The circle is red.", {"then": ["now make the circle green"]}),
    ("photos", "sample:chelsea", "make the cat blue", {}),
    ("flowers", "sample:flower", "a purple flower", {"panorama": True}),
    ("photos", "sample:chelsea", "make the cat blue", {"panorama": True}),
    ("photos", "sample:coffee", "make the cup red", {"strength": 0.5}),
    ("photos", "sample:chelsea", "blur the background", {}),
]


@cache
def editor(model: str, runtime: str) -> Editor:
    return Editor.from_pretrained(model, "cpu", runtime)


def test_all_are_asked():
    assert {model for model, *_ in ASKED} == set(bundled_models())


@pytest.mark.parametrize(("model", "image", "sentence", "options"), ASKED)
def test_an_edit(model, image, sentence, options):
    by_torch, by_onnx = (
        editor(model, runtime).set_image(image).edit(sentence, **options) for runtime in ("torch", "onnx")
    )
    assert by_onnx.rgb.shape == by_torch.rgb.shape
    assert np.abs(by_onnx.rgb.astype(int) - by_torch.rgb).max() <= LEVEL
    assert np.rint(255 * np.abs(by_onnx.mask - by_torch.mask)).max() <= LEVEL
    assert by_onnx.confidence == pytest.approx(by_torch.confidence, abs=1e-3)
    assert (by_onnx.steps == by_torch.steps).mean() > 0.99
    same = by_onnx.steps == by_torch.steps
    assert by_onnx.attention.shape == by_torch.attention.shape
    np.testing.assert_allclose(by_onnx.attention[..., same], by_torch.attention[..., same], atol=1e-3)
    for about in ("tokens", "token_sentence", "unknown_words", "warnings", "found"):
        assert getattr(by_onnx, about) == getattr(by_torch, about)
    if by_torch.tokens:
        drawn = [np.asarray(explain(edit)).astype(int) for edit in (by_torch, by_onnx)]
        assert np.abs(drawn[0] - drawn[1]).mean() < 1


def test_what_phrases_match():
    asked = ["the cat", "the dog on the left", "the ear of the cat", "everything except the cat"]
    by_torch, by_onnx = (
        editor("photos", runtime).set_image("sample:chelsea").segment(asked) for runtime in ("torch", "onnx")
    )
    for one, other in zip(by_onnx.matches, by_torch.matches, strict=True):
        assert (one.phrase, one.found) == (other.phrase, other.found)
        assert one.confidence == pytest.approx(other.confidence, abs=1e-3)
        assert np.abs(one.shade.astype(int) - other.shade).max() <= LEVEL


def test_regions_that_stopped_cost_nothing():
    """As many region updates are computed as torch computes, which are fewer than all."""
    fused = []
    for runtime in ("torch", "onnx"):
        own = editor("photos", runtime)
        image = own.set_image("sample:chelsea")._prepared[False]
        ids = own.runtime.vocabulary.encode("the cat on the left", 32).ids
        fused += own.runtime.fuse_phrases(image.encoded, [ids])
    by_torch, by_onnx = fused
    assert by_onnx.executed == by_onnx.steps.sum()
    assert by_onnx.executed == pytest.approx(by_torch.executed, rel=0.01)
    assert by_onnx.executed < by_onnx.steps.size * own.runtime.config.max_steps

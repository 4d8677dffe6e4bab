"""Several descriptions of one image at once, with a network of random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from by_rule import sample_world, vocabulary
from lbie import Editor, SentenceError
from lbie.editing.sentences import read_sentences
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.runtime.torch_runtime import TorchRuntime

TEXTS = [
    "The circle is red. The color of the shape above the circle is light-green. The diamond is gray.",
    "The circle is red. The diamond is gray.",
    "The diamond is gray.",
    "The color of the shape above the circle is light-green. The diamond is gray.",
]


@pytest.fixture(
    scope="module", params=[{"by_sentence": True}, {"by_sentence": False}, {"ignore_sentence": True}], ids=str
)
def runtime(request, tmp_path_factory) -> TorchRuntime:
    torch.manual_seed(0)
    config = ModelConfig(
        task="shapes",
        out_channels=8,
        image_encoder=ImageEncoderConfig(channels=(8, 8, 8), skips=False),
        decoder_channels=(8, 8, 8),
        working_size=48,
        width=16,
        embedding=8,
        normalise=True,
        context=3,
        lookup=True,
        max_steps=4,
        mirror=False,
        **({"by_sentence": True} | request.param),
    )
    folder = tmp_path_factory.mktemp("model")
    model = EditingModel(config, vocabulary())
    with torch.no_grad():
        model.language_encoder.embedding.weight.mul_(5)
        model.fusion.value.weight.mul_(20)
    model.save_pretrained(folder)
    return TorchRuntime(folder, "cpu")


def descriptions(texts):
    return [[s.ids for s in read_sentences(text, vocabulary(), 20)] for text in texts]


@pytest.fixture(scope="module")
def image(runtime):
    gray = sample_world().source[..., 0].astype(np.float32) / 255
    return runtime.encode_image(gray[None, None] * 2 - 1)[0]


def test_batched_equals_single(runtime, image):
    fused, outputs = runtime.fuse_descriptions(image, descriptions(TEXTS))
    assert outputs.shape == (4, 8, 48, 48)
    np.testing.assert_array_equal(outputs[0], fused.output)
    for text, output in zip(TEXTS, outputs, strict=True):
        alone, own = runtime.fuse_descriptions(image, descriptions([text]))
        np.testing.assert_allclose(output, alone.output, atol=1e-5)
        assert len(own) == 1
    assert runtime.config.ignore_sentence or np.abs(outputs[0] - outputs[2]).max() > 2e-4


def test_more_than_one_batch(runtime, image, monkeypatch):
    whole = runtime.fuse_descriptions(image, descriptions(TEXTS))[1]
    monkeypatch.setattr("lbie.runtime.interface._BATCH", 2)
    np.testing.assert_allclose(runtime.fuse_descriptions(image, descriptions(TEXTS))[1], whole, atol=1e-4)


def test_attention_is_over_the_words_of_the_first(runtime, image):
    fused, _ = runtime.fuse_descriptions(image, descriptions(TEXTS))
    steps, words = fused.attention.shape[:2]
    assert steps == 4
    assert words == sum(len(s) for s in descriptions(TEXTS)[0]) or runtime.config.ignore_sentence
    running = np.arange(1, steps + 1)[:, None, None] <= fused.steps
    np.testing.assert_allclose(fused.attention.sum(1), running, atol=1e-4)


@pytest.mark.parametrize("most", [1, 7])
def test_the_limit_of_steps(runtime, image, most):
    assert runtime.fuse_descriptions(image, descriptions(TEXTS), most)[0].attention.shape[0] == most


def test_an_editor_of_such_a_network(runtime):
    """Whatever a network says, an edit is whole or refused."""
    from lbie.registry import ModelCard

    editor = Editor(runtime, ModelCard("random")).set_image(sample_world().source)
    try:
        edit = editor.edit(TEXTS[0])
    except SentenceError:
        return
    assert edit.attention.shape[1] == len(edit.tokens) == len(edit.token_sentence)
    np.testing.assert_array_equal(edit.rgb[sample_world().shapes == 9], 255)

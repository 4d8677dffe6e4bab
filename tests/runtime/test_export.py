"""Graphs of networks of random weights: by ONNX Runtime as by torch, whatever the network is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lbie import InputError
from lbie.export.write import export_folder
from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.registry import resolve_model
from lbie.runtime.graphs import LIST
from lbie.runtime.onnx_runtime import OnnxRuntime
from lbie.runtime.torch_runtime import TorchRuntime

SMALL = {
    "image_encoder": ImageEncoderConfig(channels=(8, 8)),
    "decoder_channels": (8, 8),
    "width": 16,
    "embedding": 8,
    "working_size": 32,
    "stop_probability": 0.5,
}
KINDS = {
    "hints and palette": {"hints": True, "matte": True, "palette": True, "lookup": True, "mirror": True},
    "context and sentences": {"task": "shapes", "by_sentence": True, "nothing": True, "context": 3, "questions": 2}
    | {"lookup": True, "mirror": False},
    "no attention": {"task": "shapes", "attention": False, "normalise": True},
    "surroundings": {"task": "segment", "in_channels": 3, "out_channels": 1, "categories": 4, "instances": True}
    | {"coordinates": True, "relations": 1, "presence": True, "output_bias": 0.7},
    "no language": {"ignore_sentence": True},
}
WORDS = ["red", "blue", "the", "flower", "is"]
DESCRIPTIONS = [[(2, 3, 4)], [(5,), (6, 2, 3, 4, 5)], [(6, 5), (4,), (3, 2)]]


def saved(folder: Path, **values: object) -> Path:
    torch.manual_seed(0)
    model = EditingModel(ModelConfig(**(SMALL | values)), Vocabulary([PADDING, UNKNOWN, *WORDS]))
    with torch.no_grad():
        model.language_encoder.embedding.weight.mul_(5)
        model.fusion.value.weight.mul_(20)
        model.fusion.gate.bias.zero_()
    model.save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_as_torch(tmp_path, name):
    source = saved(tmp_path / "model", **KINDS[name])
    export_folder(source, tmp_path / "exported")
    by_torch, by_onnx = TorchRuntime(source, "cpu"), OnnxRuntime(tmp_path / "exported")
    for height, width in ((32, 32), (16, 48)):
        image = np.random.default_rng(0).uniform(-1, 1, (1, by_torch.config.in_channels, height, width))
        images = [runtime.encode_image(image.astype(np.float32)) for runtime in (by_torch, by_onnx)]
        assert images[0][1] == pytest.approx(images[1][1], abs=1e-5)
        compare(by_torch, by_onnx, images[0][0], images[1][0])
        kinds = [runtime.kinds(image) for runtime, (image, _) in zip((by_torch, by_onnx), images, strict=True)]
        assert (kinds[0] is None) == (kinds[1] is None)
        if kinds[0] is not None and kinds[1] is not None:
            np.testing.assert_allclose(kinds[0], kinds[1], atol=1e-4)
        hints = np.zeros((by_torch.config.out_channels + 1, height // 4, width // 4), np.float32)
        hints[0, 1, 2] = hints[-1, 1, 2] = 1
        if by_torch.config.hints:
            compare(by_torch, by_onnx, by_torch.add_hints(images[0][0], hints), by_onnx.add_hints(images[1][0], hints))
            continue
        with pytest.raises(InputError, match="takes no colour hints"):
            by_onnx.add_hints(images[1][0], hints)


def compare(by_torch: TorchRuntime, by_onnx: OnnxRuntime, image: object, same: object) -> None:
    """Several descriptions, as long as they like, and phrases."""
    for steps in (None, 1, 7):
        (one, outputs), (other, others) = (
            runtime.fuse_descriptions(own, DESCRIPTIONS, steps) for runtime, own in ((by_torch, image), (by_onnx, same))
        )
        np.testing.assert_allclose(outputs, others, atol=2e-4)
        np.testing.assert_array_equal(one.steps, other.steps)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-4)
        assert one.executed == other.executed
        assert (one.matte is None) == (other.matte is None)
    phrases = [sentences[0] for sentences in DESCRIPTIONS]
    for one, other in zip(by_torch.fuse_phrases(image, phrases), by_onnx.fuse_phrases(same, phrases), strict=True):
        np.testing.assert_allclose(one.output, other.output, atol=2e-4)
        assert one.presence == pytest.approx(other.presence, abs=1e-4)


def test_a_model_that_graphs_cannot_stand_for(tmp_path):
    source = saved(tmp_path / "model", by_sentence=True)
    with pytest.raises(InputError, match="--runtime torch"):
        export_folder(source, tmp_path / "exported")
    assert not (tmp_path / "exported" / LIST).exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flowers", "cosal", "photos", "sketch"])
def test_the_bundled_graphs_are_those_of_the_command(tmp_path, cli, name):
    """Same bytes, with the releases of torch and onnxscript that they were made by."""
    code, _, err = cli("export", name, "-o", str(tmp_path / "out"))
    assert code == 0 and err.count("\n") == 1
    folder = resolve_model(name)
    assert (tmp_path / "out" / LIST).read_text() == (folder / LIST).read_text()
    for path in folder.glob("*.onnx"):
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes()

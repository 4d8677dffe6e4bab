"""Which runtime a model gets, and what is said where it cannot have one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lbie import Editor, InputError
from lbie.registry import WEIGHTS_ROOT
from lbie.runtime import choose
from lbie.runtime.graphs import LIST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a bundled model, to damage."""
    return Path(shutil.copytree(WEIGHTS_ROOT / "cosal", tmp_path / "model"))


@pytest.fixture
def absent(monkeypatch):
    """Take packages away."""

    def take(*names: str) -> None:
        monkeypatch.setattr(choose, "find_spec", lambda name: None if name in names else object())

    return take


def line(folder: Path, runtime: str = "auto", device: str = "auto") -> str:
    with pytest.raises(InputError) as caught:
        Editor.from_pretrained(folder, device, runtime).set_image("sample:shapes").edit("The circle is red.")
    return str(caught.value)


@pytest.mark.parametrize(
    ("runtime", "device", "gone", "expected"),
    [
        ("auto", "auto", (), "onnx"),
        ("auto", "cpu", (), "onnx"),
        ("auto", "cuda", (), "torch"),
        ("torch", "auto", (), "torch"),
        ("auto", "auto", ("onnxruntime",), "torch"),
        ("onnx", "cpu", ("torch",), "onnx"),
    ],
)
def test_choice(folder, absent, runtime, device, gone, expected):
    absent(*gone)
    assert choose.choose_runtime(folder, device, runtime) == expected


def test_without_graphs_it_is_torch(folder):
    (folder / LIST).unlink()
    assert choose.choose_runtime(folder, "auto", "auto") == "torch"
    assert "lbie export" in line(folder, "onnx") and "--runtime torch" in line(folder, "onnx")


@pytest.mark.parametrize(
    ("runtime", "device", "gone", "words"),
    [
        ("abacus", "auto", (), "unknown runtime 'abacus': use auto, torch, onnx"),
        ("auto", "abacus", (), "unknown device 'abacus'"),
        ("onnx", "cuda", (), "--runtime torch"),
        ("onnx", "auto", ("onnxruntime",), "pip install onnxruntime"),
        ("torch", "auto", ("torch",), "pip install 'lbie[train]'"),
        ("auto", "cuda", ("torch",), "pip install 'lbie[train]'"),
    ],
)
def test_refused(folder, absent, runtime, device, gone, words):
    absent(*gone)
    assert words in line(folder, runtime, device)


def test_without_graphs_and_torch(folder, absent):
    absent("torch")
    (folder / LIST).unlink()
    assert "no graphs" in line(folder) and "lbie export" in line(folder)


def test_graphs_of_another_configuration(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"normalise": False}))
    assert "not of its configuration" in line(folder) and "lbie export" in line(folder)


@pytest.mark.parametrize("values", [{"max_steps": 3}, {"stop_probability": 0.9}], ids=str)
def test_what_is_read_at_each_run_may_change(folder, values):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))
    Editor.from_pretrained(folder, "cpu", "onnx").set_image("sample:shapes").edit("The circle is red.")


@pytest.mark.parametrize("name", ["image", "step", "decoder"])
def test_a_graph_that_is_not_the_models(folder, name):
    path = folder / f"{name}.onnx"
    path.write_bytes(path.read_bytes() + b"\0")
    assert "not the graph that was written with this model" in line(folder, "onnx")
    path.unlink()
    assert "no such file" in line(folder, "onnx")


def test_weights_of_another_model(folder):
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {"fusion.gate.bias": np.zeros(2, np.float16)}, folder / "model.safetensors")
    assert "dimensions do not match" in line(folder, "onnx") and "lbie export" in line(folder, "onnx")
    shutil.copyfile(WEIGHTS_ROOT / "sketch" / "model.safetensors", folder / "model.safetensors")
    assert "has no tensor" in line(folder, "onnx")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"config": 1, "graphs": {"image": 3}}', "[" * 100_000])
def test_a_broken_list(folder, text):
    (folder / LIST).write_text(text)
    assert "is no list of graphs" in line(folder, "onnx")

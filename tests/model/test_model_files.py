from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from lbie.errors import InputError
from lbie.model.config import ModelConfig
from lbie.model.editing_model import CONFIG, VOCABULARY, WEIGHTS, EditingModel
from lbie.registry import resolve_model


@pytest.fixture
def folder(build: Any, tmp_path: Path) -> Path:
    """A saved small model."""
    build(context=3).save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def test_round_trip_without_network(
    build: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, images: torch.Tensor, ids: torch.Tensor
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    saved, loaded = build(context=3), EditingModel.from_pretrained(folder)
    assert loaded.config == saved.config and loaded.vocabulary.words == saved.vocabulary.words
    assert not loaded.training
    for (name, a), b in zip(saved.state_dict().items(), loaded.state_dict().values(), strict=True):
        assert a.dtype == b.dtype, name
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-3, msg=name)
    with torch.no_grad():
        torch.testing.assert_close(
            saved(images, ids, force_steps=4).output, loaded(images, ids, force_steps=4).output, atol=5e-3, rtol=0
        )
    assert load_file(folder / WEIGHTS)["fusion.gate.weight"].dtype == torch.float16


def replace_tensor(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS)


def replace_config(folder: Path, **values: Any) -> None:
    own = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(own | values))


def encoder(**values: Any) -> dict[str, Any]:
    return {"image_encoder": {"kind": "plain", "channels": [8, 16]} | values}


BREAK: dict[str, tuple[Callable[[Path], object], str]] = {
    "pickle": (lambda f: torch.save({"a": torch.zeros(1)}, f / WEIGHTS), "damaged or not a safetensors"),
    "truncated": (lambda f: (f / WEIGHTS).write_bytes((f / WEIGHTS).read_bytes()[:-100]), "damaged"),
    "empty": (lambda f: (f / WEIGHTS).write_bytes(b""), "damaged"),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), "never from pickles"),
    "missing tensor": (lambda f: replace_tensor(f, lambda t: t.pop("fusion.gate.bias")), "fusion.gate.bias"),
    "extra tensor": (lambda f: replace_tensor(f, lambda t: t.update(zzz=torch.zeros(1))), "zzz"),
    "wrong shape": (
        lambda f: replace_tensor(f, lambda t: t.update({"fusion.gate.bias": torch.zeros(2)})),
        "fusion.gate.bias",
    ),
    "nan": (lambda f: replace_tensor(f, lambda t: t["fusion.gate.bias"].fill_(torch.nan)), "fusion.gate.bias"),
    "infinity": (lambda f: replace_tensor(f, lambda t: t["fusion.key.weight"][0].fill_(torch.inf)), "fusion.key"),
    "no config": (lambda f: (f / CONFIG).unlink(), CONFIG),
    "config no JSON": (lambda f: (f / CONFIG).write_text("{"), CONFIG),
    "config of another kind": (lambda f: (f / CONFIG).write_text("[]"), CONFIG),
    "unknown field": (lambda f: replace_config(f, depth=3), "depth"),
    "wrong type": (lambda f: replace_config(f, width="wide"), "width"),
    "absurd width": (lambda f: replace_config(f, width=10**9), "width"),
    "odd width": (lambda f: replace_config(f, width=15), "width"),
    "even context": (lambda f: replace_config(f, context=2), "context"),
    "absurd context": (lambda f: replace_config(f, context=10**6 + 1), "context"),
    "negative context": (lambda f: replace_config(f, context=-1), "context"),
    "absurd steps": (lambda f: replace_config(f, max_steps=10**6), "max_steps"),
    "no channels": (lambda f: replace_config(f, **encoder(channels=[])), "image_encoder.channels"),
    "too deep": (lambda f: replace_config(f, **encoder(channels=[8] * 40)), "image_encoder.channels"),
    "decoder too deep": (lambda f: replace_config(f, decoder_channels=[8] * 40), "decoder_channels"),
    "unknown encoder": (lambda f: replace_config(f, **encoder(kind="vit")), "image_encoder"),
    "other width": (lambda f: replace_config(f, width=32), "does not fit"),
    "no vocabulary": (lambda f: (f / VOCABULARY).unlink(), VOCABULARY),
    "broken vocabulary": (lambda f: (f / VOCABULARY).write_text("["), VOCABULARY),
    "short vocabulary": (lambda f: (f / VOCABULARY).write_text('["<pad>", "<unk>"]'), "embedding"),
}


@pytest.mark.parametrize("how", BREAK)
def test_broken_folders_are_refused_by_name(folder: Path, how: str) -> None:
    damage, named = BREAK[how]
    damage(folder)
    with pytest.raises(InputError, match=named) as error:
        EditingModel.load_folder(folder)
    assert "\n" not in str(error.value)


def test_a_pickle_is_never_run(folder: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "exploded",)

    torch.save(Bomb(), folder / WEIGHTS)
    with pytest.raises(InputError):
        EditingModel.from_pretrained(folder)
    assert not (tmp_path / "exploded").exists()


def test_config_defaults_are_valid() -> None:
    assert ModelConfig().width == 128


def test_resolve_model(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_model(folder) == folder
    (tmp_path / "hollow").mkdir()
    with pytest.raises(InputError, match=r"no config\.json"):
        resolve_model(tmp_path / "hollow")
    with pytest.raises(InputError, match="no such model"):
        resolve_model("nosuchmodel")
    monkeypatch.setattr("lbie.registry.WEIGHTS_ROOT", tmp_path / "weights")
    (tmp_path / "weights").mkdir()
    folder.rename(tmp_path / "weights" / "mine")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / CONFIG).write_text("{}")
    assert resolve_model("mine") == tmp_path / "weights" / "mine"  # a folder of the same name changes nothing

"""Model folders that want more than to be a model: refused in one line, before memory is taken and nothing run."""

from __future__ import annotations

import io
import json
import os
import pickle
import resource
import shutil
import struct
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from lbie import Editor, registry
from lbie.checksums import SUMS
from lbie.errors import InputError
from lbie.language.vocabulary import PADDING, UNKNOWN, Vocabulary
from lbie.model import weights_file
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import CONFIG, VOCABULARY, WEIGHTS, EditingModel
from lbie.registry import WEIGHTS_ROOT, read_card, resolve_model

BIAS = "fusion.gate.bias"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    encoder = ImageEncoderConfig(kind="plain", channels=(8, 16))
    config = ModelConfig(image_encoder=encoder, width=16, embedding=8, decoder_channels=(8,), working_size=32)
    EditingModel(config, Vocabulary([PADDING, UNKNOWN, "red", "blue"])).save_pretrained(folder)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model folder to damage."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def refused(folder: Path) -> str:
    """The line with which it is refused: at once, and with little memory."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError) as caught:
        EditingModel.load_folder(folder)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 600
    assert time.process_time() - began < 5
    if sys.platform == "linux":
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
    return str(caught.value)


def change_tensors(folder: Path, **tensors: torch.Tensor) -> None:
    own = load_file(folder / WEIGHTS)
    save_file(own | {name.replace("__", "."): tensor for name, tensor in tensors.items()}, folder / WEIGHTS)


def change_config(folder: Path, **values: Any) -> None:
    own = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(own | values))


def header_of(text: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text)) + text + body


def one_tensor(**values: Any) -> bytes:
    tensor = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | values
    return header_of(json.dumps({BIAS: tensor}).encode(), bytes(4))


class Bomb:
    """A pickle that leaves a mark when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def zipped(path: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path, data)
    return buffer.getvalue()


# Files that are no safetensors


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_runs_nothing(folder, tmp_path, protocol):
    (folder / WEIGHTS).write_bytes(pickle.dumps(Bomb(tmp_path / "mark"), protocol))
    assert "damaged or not a safetensors file" in refused(folder)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("old", [False, True])
def test_what_torch_saves_runs_nothing(folder, tmp_path, old):
    torch.save({BIAS: Bomb(tmp_path / "mark")}, folder / WEIGHTS, _use_new_zipfile_serialization=not old)
    assert "it looks like" in refused(folder)
    assert not (tmp_path / "mark").exists()


def test_pickles_beside_are_never_looked_at(folder, tmp_path):
    for name in ("pytorch_model.bin", "model.pt", "model.ckpt", "training_args.bin"):
        (folder / name).write_bytes(pickle.dumps(Bomb(tmp_path / "mark")))
    EditingModel.load_folder(folder)
    (folder / WEIGHTS).unlink()
    assert "never from pickles" in refused(folder)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(zipped("a", bytes(50_000_000)), "a zip archive", id="zip bomb"),
        pytest.param(zipped("../../../../tmp/out", b"x"), "a zip archive", id="zip with a path outside"),
        pytest.param(b"\x1f\x8b\x08" + bytes(100), "gzip", id="gzip"),
        pytest.param(b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5", id="HDF5"),
        pytest.param(b"", "damaged", id="empty"),
        pytest.param(bytes(7), "damaged", id="7 bytes"),
        pytest.param(bytes(8), "damaged", id="no header"),
        pytest.param(header_of(b"{}"), "does not fit", id="no tensors"),
        pytest.param(header_of(b"[]"), "damaged", id="a list"),
        pytest.param(header_of(b'{"a":' * 5_000), "damaged", id="deep"),
        pytest.param(header_of(b"\xff\xfe{}"), "damaged", id="not UTF-8"),
        pytest.param(struct.pack("<Q", 2**63 - 1) + b"{}", "at most 1,048,576", id="header of 2**63 bytes"),
        pytest.param(struct.pack("<Q", 2**64 - 1) + b"{}", "at most 1,048,576", id="header of -1 bytes"),
        pytest.param(header_of(b" " * 2**20 + b"{}"), "at most 1,048,576", id="header over its limit"),
        pytest.param(one_tensor(dtype="F128"), "damaged", id="unknown numbers"),
        pytest.param(one_tensor(shape=[2**62, 2**62]), "damaged", id="more values than can be counted"),
        pytest.param(one_tensor(shape=[10**12]), "damaged", id="more values than bytes"),
        pytest.param(one_tensor(shape=[-1]), "damaged", id="a negative side"),
        pytest.param(one_tensor(data_offsets=[0, 2**40]), "damaged", id="beyond its end"),
        pytest.param(one_tensor(data_offsets=[4, 0]), "damaged", id="backwards"),
    ],
)
def test_what_is_no_safetensors_file(folder, data, says):
    (folder / WEIGHTS).write_bytes(data)
    assert says in refused(folder)


def test_an_archive_is_no_model(tmp_path):
    (tmp_path / "model.zip").write_bytes(zipped("../config.json", b"{}"))
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("../../outside")
        archive.addfile(member, io.BytesIO())
    for name in ("model.zip", "model.tar.gz"):
        with pytest.raises(InputError, match="no such model or folder"):
            resolve_model(tmp_path / name)
    assert {p.name for p in tmp_path.iterdir()} == {"model.zip", "model.tar.gz"}


@pytest.mark.parametrize("name", [WEIGHTS, CONFIG, VOCABULARY])
def test_pipes_devices_and_endless_files(folder, name):
    place = folder / name
    place.unlink()
    os.mkfifo(place)
    assert name in refused(folder)
    for target in ("/dev/zero", "/dev/full", "/proc/kmsg", "missing", name):
        place.unlink()
        place.symlink_to(target)
        assert name in refused(folder)
    place.unlink()
    with place.open("wb") as file:
        file.truncate(200 * 2**30)  # no room is taken
    assert "bytes; at most" in refused(folder)


# Tensors that are none of the model's


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.int8, torch.int64, torch.bool, torch.complex64, torch.float8_e4m3fn]
)
def test_other_numbers(folder, dtype):
    change_tensors(folder, fusion__gate__bias=torch.zeros(1, dtype=dtype))
    assert f"holds other numbers than float16, bfloat16, float32 in tensor '{BIAS}'" in refused(folder)


@pytest.mark.parametrize("dtype", weights_file.DTYPES)
def test_these_numbers_are_read(folder, dtype):
    change_tensors(folder, fusion__gate__bias=torch.ones(1, dtype=dtype))
    bias = EditingModel.load_folder(folder).state_dict()[BIAS]
    assert bias.dtype == torch.float32 and bias.item() == 1


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("dtype", weights_file.DTYPES)
def test_no_numbers(folder, value, dtype):
    change_tensors(folder, fusion__gate__bias=torch.full((1,), value, dtype=dtype))
    assert f"NaN or infinite values in the tensor '{BIAS}'" in refused(folder)


def test_names_that_are_paths_or_terminal_codes(folder):
    change_tensors(folder, **{"../../../etc/passwd": torch.zeros(1), "\x1b[2J\n": torch.zeros(1)})
    assert "lacks or has too much the tensor '\\x1b[2J\\n' and 1 more" in refused(folder)


# Configurations


ABSURD: dict[str, dict[str, Any]] = {
    "the widest there may be": {"width": 2048, "context": 15, "lookup": True},
    "the deepest there may be": {"decoder_channels": [2048] * 8},
    "all at once": {"width": 2048, "embedding": 2048, "context": 15, "relations": 8, "decoder_channels": [2048] * 8},
    "an encoder of 2,048 channels": {"image_encoder": {"kind": "plain", "channels": [2048] * 8}},
    "1,024 kinds of things": {"width": 2048, "categories": 1024, "instances": True, "coordinates": True},
}


@pytest.mark.parametrize("how", ABSURD)
def test_sizes_that_are_allowed_but_not_there_take_no_memory(folder, how):
    change_config(folder, **ABSURD[how])
    assert "asks for far more weights than there are" in refused(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            (name, value)
            for name in ("width", "max_words", "working_size", "out_channels")
            for value in (0, -2, 2**31, 1e300)
        ),
        *((name, value) for name in ("relations", "categories", "colours") for value in (-1, 2**31)),
        *((name, v) for name in ("matte_gain", "output_bias", "vividness") for v in (float("nan"), float("inf"), 1e30)),
        ("word_dropout", 1.5),
        ("word_dropout", -0.5),
        ("gumbel_temperature", 0.0),
        ("stop_probability", float("nan")),
        ("task", {"a": 1}),
        ("decoder_channels", [0]),
        ("decoder_channels", "8" * 1_000),
        ("image_encoder", None),
        ("__class__", "os.system"),
    ],
)
def test_values_that_no_model_has(folder, field, value):
    change_config(folder, **{field: value})
    assert f"'{folder / CONFIG}' is not a model configuration: " in refused(folder)


def test_a_configuration_that_never_ends(folder):
    (folder / CONFIG).write_bytes(b'{"width": ' + b"[" * 1_000_000)
    assert "is not a model configuration" in refused(folder)
    (folder / CONFIG).write_bytes(b" " * (2**20 + 1))
    assert "at most 1,048,576" in refused(folder)


@pytest.mark.parametrize("words", [b"[" * 1_000_000, b'["<pad>", "<unk>", 3]', b'{"a": 1}', b"\xff\xff", b"[]"])
def test_words_that_are_none(folder, words):
    (folder / VOCABULARY).write_bytes(words)
    refused(folder)


def test_far_more_words_than_weights(folder):
    (folder / VOCABULARY).write_text(json.dumps([PADDING, UNKNOWN, *map(str, range(200_000))]))
    assert "far more weights" in refused(folder)


CARDS: tuple[Any, ...] = (
    *([], None, 3, "x", {"name": 3}, {"name": ["a"], "version": {}}, {"threshold": "high"}, {"threshold": 9}),
    *({"threshold": float("nan")}, {"figures": [1]}, {"licence": None}, {"task": 0, "unknown": 1}),
)


@pytest.mark.parametrize("card", CARDS, ids=str)
def test_a_broken_card_is_left_out(folder, card):
    (folder / "card.json").write_text(json.dumps(card))
    read = read_card(folder)
    assert read.name == "model" and read.threshold == 0.5 and read.figures == {}
    (folder / "card.json").write_text("[" * 100_000)
    assert read_card(folder).name == "model"


# Those that come with lbie


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Path:
    """A copy of the folder of a bundled model, in the place of that."""
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", tmp_path / "weights")
    return Path(shutil.copytree(WEIGHTS_ROOT / "cosal", tmp_path / "weights" / "cosal"))


def flip_a_bit(place: Path) -> None:
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)


TAMPER: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of the weights": (lambda f: flip_a_bit(f / WEIGHTS), "model.safetensors has changed"),
    "a word": (lambda f: flip_a_bit(f / VOCABULARY), "vocabulary.json has changed"),
    "the configuration": (lambda f: change_config(f, stop_probability=0.9), "config.json has changed"),
    "the card": (lambda f: (f / "card.json").write_text("{}"), "card.json has changed"),
    "the list": (lambda f: (f / SUMS).unlink(), "SHA256SUMS is missing"),
    "a pickle beside": (lambda f: (f / "model.pkl").write_bytes(b"."), "model.pkl is not listed"),
}


@pytest.mark.parametrize("how", TAMPER)
def test_shipped_weights_are_as_published(shipped, how):
    damage, says = TAMPER[how]
    assert Editor.from_pretrained("cosal", "cpu").card.name == "cosal"
    damage(shipped)
    for name in ("cosal", shipped):
        with pytest.raises(InputError, match=f"'cosal' is not as published .*{says}.*install lbie again"):
            Editor.from_pretrained(name, "cpu")


def test_copies_of_them_may_be_changed(shipped, tmp_path):
    own = Path(shutil.copytree(shipped, tmp_path / "own"))
    change_config(own, stop_probability=0.9)
    assert Editor.from_pretrained(own, "cpu").runtime.config.stop_probability == 0.9


def test_only_files_of_a_model_are_fetched(monkeypatch, tmp_path, folder):
    asked: dict[str, Any] = {}
    monkeypatch.setattr(
        "huggingface_hub.snapshot_download", lambda name, **o: asked.update(o, name=name) or str(folder)
    )
    assert resolve_model("someone/model") == folder
    assert asked["name"] == "someone/model" and not any(
        "*" in p or p.endswith((".bin", ".py")) for p in asked["allow_patterns"]
    )
    assert {CONFIG, VOCABULARY, WEIGHTS} <= set(asked["allow_patterns"])

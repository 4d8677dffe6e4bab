"""The files of a model folder, as far as they need no torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError

from lbie.errors import InputError
from lbie.model.config import ModelConfig
from lbie.regular_file import read_file

Tensors = TypeVar("Tensors")
WEIGHTS, CONFIG, VOCABULARY = "model.safetensors", "config.json", "vocabulary.json"
"""The files of a model folder."""
MAX_CONFIG = 2**20
"""Limit on the bytes of a configuration."""
MAX_BYTES = 512 * 2**20
"""Limit on the size of a file of weights; those that come with lbie have 8 MB."""
MAX_HEADER = 2**20
"""Limit on the bytes of its header, which names the tensors; those have 43 kB."""
_OTHERS = (
    (b"PK\x03\x04", "a zip archive, as pickles of torch are"),
    (b"\x80", "a pickle"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"\x89HDF", "an HDF5 file"),
)


def read_config(folder: Path) -> ModelConfig:
    """The configuration of a model folder.

    Raises:
        InputError: the file is missing or is no configuration.
    """
    try:
        data = read_file(folder / CONFIG, f"the model's '{folder / CONFIG}'", MAX_CONFIG, "a model folder")
        return TypeAdapter(ModelConfig).validate_json(data)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))[:80]
        raise InputError(f"'{folder / CONFIG}' is not a model configuration: {where} {fault['msg']}") from error


def read_tensors(path: Path, load: Callable[[bytes], Tensors]) -> Tensors:
    """The tensors of a file of weights, as `load`, one of the functions of safetensors, makes them of its bytes.

    Raises:
        InputError: it is missing, no regular file, over a limit, a pickle, damaged, or no safetensors file.
    """
    name = f"'{path}'"
    if not path.is_file():
        raise InputError(
            f"no '{path.name}' in '{path.parent}': weights are read from safetensors only, never from pickles"
        )
    data = read_file(path, name, MAX_BYTES, "safetensors: weights are never read from pickles")
    header = int.from_bytes(data[:8], "little")
    if header > MAX_HEADER:
        fault = f"its header would have {header:,} bytes; at most {MAX_HEADER:,} are read"
    else:
        try:
            return load(data)
        except (SafetensorError, ValueError, LookupError, RuntimeError, TypeError) as error:
            fault = str(error)
    seems = next((f"it looks like {kind}" for head, kind in _OTHERS if data.startswith(head)), fault)
    raise InputError(f"{name} is damaged or not a safetensors file ({seems})")

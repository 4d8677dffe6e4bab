"""Weights from a safetensors file, of which nothing is believed before it was looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lbie.errors import InputError
from lbie.model.folder import read_tensors

Model = TypeVar("Model", bound=nn.Module)
DTYPES = (torch.float16, torch.bfloat16, torch.float32)
"""Kinds of numbers that weights may be stored as; whole numbers only as the model has them."""
_SLACK = 2**20  # values that a model may make and throw away as it is built


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a file, as they are stored.

    Raises:
        InputError: it is missing, no regular file, over a limit, a pickle, damaged, or no safetensors file.
    """
    return read_tensors(path, safetensors.torch.load)


def build(make: Callable[[], Model], tensors: Mapping[str, Tensor]) -> Model:
    """Make a model that has as many values as its weights, or fail before memory is taken for more.

    Raises:
        InputError: it would have more.
    """
    with _Budget(sum(tensor.numel() for tensor in tensors.values()) + _SLACK):
        return make()


def take_weights(model: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Put weights into a model that has been made for them.

    Raises:
        InputError: a tensor is missing, is one too many, has another shape or kind of numbers, or holds NaN or infinite
            values; the message names it.
    """
    own = model.state_dict()
    _refuse(own.keys() ^ tensors.keys(), name, "does not fit its configuration: it lacks or has too much the")
    _refuse((k for k in own if own[k].shape != tensors[k].shape), name, "does not fit its configuration: of the shape")
    _refuse((k for k in own if not _fits(own[k], tensors[k])), name, f"holds other numbers than {_names(DTYPES)} in")
    _refuse((k for k in own if not torch.isfinite(tensors[k]).all()), name, "holds NaN or infinite values in the")
    model.load_state_dict(tensors)


def _refuse(keys: Iterable[str], name: str, fault: str) -> None:
    first, *more = sorted(keys) or [""]
    if first:
        raise InputError(f"{name} {fault} tensor '{first[:80]}' and {len(more)} more")


def _fits(own: Tensor, stored: Tensor) -> bool:
    return stored.dtype in DTYPES if own.is_floating_point() else stored.dtype == own.dtype


def _names(dtypes: Iterable[torch.dtype]) -> str:
    return ", ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)


class _Budget(TorchFunctionMode):
    """Inside it no more values are made than there may be."""

    _MAKERS = frozenset((torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn))

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if function in self._MAKERS:
            size = kwargs.get("size", args)
            size = size[0] if len(size) == 1 and not isinstance(size[0], int) else size
            self._left -= math.prod(size)
            if self._left < 0:
                raise InputError("the model's configuration asks for far more weights than there are: none were made")
        return function(*args, **kwargs)

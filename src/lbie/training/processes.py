"""The processes of a run that `torchrun` starts: each works on its share of every batch, and all have one gradient.

The outputs of all are gathered and each process works out the loss of the whole batch, of which its own share alone
leads back to its weights. The sum of the gradients is then that of one process, whatever the loss is normalised by.
They are summed here and not by `DistributedDataParallel`: its mean over processes is another value where a loss is
weighted, and it needs every weight to have a part in every step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any, cast

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.overrides import TorchFunctionMode

from lbie.errors import InputError, LbieError

_PATIENCE = timedelta(hours=3)
"""How long the others wait while the first validates or saves."""


class Processes:
    """The group that this process is of; alone, all of it does nothing."""

    def __init__(self, device: str) -> None:
        """Join the group, where `torchrun` has started this process.

        Args:
            device: `cpu`, or `cuda` with a processor of its own for each process.
        """
        self.count = int(os.environ.get("WORLD_SIZE", "1")) if "TORCHELASTIC_RUN_ID" in os.environ else 1
        self.rank = int(os.environ["RANK"]) if self.count > 1 else 0
        self.local_rank = int(os.environ["LOCAL_RANK"]) if self.count > 1 else 0
        if self.count > 1 and not dist.is_initialized():
            dist.init_process_group("nccl" if device == "cuda" else "gloo", timeout=_PATIENCE)

    @property
    def first(self) -> bool:
        """Whether this one writes: checkpoints, logs, the bar."""
        return self.rank == 0

    def from_first(self, make: Callable[[], Any]) -> Any:
        """What the first process makes, for all of them.

        Raises:
            LbieError: what `make` raises, in all of them.
        """
        if self.count == 1:
            return make()
        box: list[Any] = [None, None]
        if self.first:
            try:
                box[0] = make()
            except LbieError as error:
                box[1] = error
        dist.broadcast_object_list(box)
        if box[1] is not None:
            raise box[1]
        return box[0]

    def share(self, values: Any) -> Any:
        """This process's rows of a tensor, of a dataclass of tensors, or None.

        Raises:
            InputError: the rows cannot be divided evenly.
        """
        if self.count == 1 or values is None:
            return values
        if is_dataclass(values):
            parts = {f.name: self.share(getattr(values, f.name)) for f in fields(values)}
            return replace(cast(Any, values), **parts)
        rows, rest = divmod(len(values), self.count)
        if rest or not rows:
            raise InputError(f"a batch of {len(values)} cannot be shared by {self.count} processes: change batch_size")
        return values[self.rank * rows : (self.rank + 1) * rows]

    def whole(self, values: Any) -> Any:
        """What all processes have put out, in order; gradients go to this one's own share alone."""
        if self.count == 1 or values is None:
            return values
        if is_dataclass(values):
            parts = {f.name: self.whole(getattr(values, f.name)) for f in fields(values)}
            return replace(cast(Any, values), **parts)
        if not isinstance(values, Tensor):
            return values
        slots = [torch.empty_like(values, memory_format=torch.contiguous_format) for _ in range(self.count)]
        dist.all_gather(slots, values.detach().contiguous())
        slots[self.rank] = values
        return torch.cat(slots)

    def sum_gradients(self, parameters: Iterable[nn.Parameter], stop: bool) -> bool:
        """Sum the gradients over all processes; returns whether one of them is asked to stop."""
        if self.count == 1:
            return stop
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.reshape(-1) for g in gradients] + [gradients[0].new_tensor([float(stop)])])
        dist.all_reduce(flat)
        for gradient, total in zip(gradients, flat[:-1].split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(total.view(gradient.shape))
        return bool(flat[-1] > 0)

    def draws(self) -> AbstractContextManager[Any]:
        """Inside, what is drawn at random for a share is that of the whole batch, of which its rows are taken.

        All processes must have the same seed. Word dropout of a model that reads by sentence is drawn for each distinct
        sentence and not for each row: there the draws are others than those of one process, as with another seed.
        """
        return nullcontext() if self.count == 1 else _WholeDraws(self.rank, self.count)

    def share_norms(self, model: nn.Module) -> None:
        """Let a model's batch norms take their statistics over the whole batch."""
        for module in model.modules():
            if self.count > 1 and type(module) is nn.BatchNorm2d:
                module.__class__ = _SharedBatchNorm

    def close(self) -> None:
        """Leave the group."""
        if self.count > 1 and dist.is_initialized():
            dist.destroy_process_group()


class _WholeDraws(TorchFunctionMode):
    """The draws that models make in training: uniform ones and Gumbel's. The batch is their first axis."""

    def __init__(self, rank: int, count: int) -> None:
        super().__init__()
        self.rank, self.count = rank, count

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        if func is torch.rand:
            size = torch.Size(args[0] if len(args) == 1 and not isinstance(args[0], int) else args)
            return self._own(torch.rand(size[0] * self.count, *size[1:], **options), size[0])
        if func is F.gumbel_softmax:
            own, *rest = args
            nothing = torch.zeros_like(own)
            whole = torch.cat([own if rank == self.rank else nothing for rank in range(self.count)])
            return self._own(F.gumbel_softmax(whole, *rest, **options), len(own))
        return func(*args, **options)

    def _own(self, whole: Tensor, rows: int) -> Tensor:
        return whole[self.rank * rows : (self.rank + 1) * rows]


class _Sum(torch.autograd.Function):
    """Sum over all processes; so is its gradient."""

    @staticmethod
    def forward(_context: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    @once_differentiable
    def backward(_context: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total


class _SharedBatchNorm(nn.BatchNorm2d):
    """Batch norm over the batches of all processes, on any device; torch's own needs a GPU."""

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        if not self.training:
            return super().forward(input)
        count = input.numel() // input.shape[1] * dist.get_world_size()
        mean = _Sum.apply(input.sum((0, 2, 3))) / count
        centred = input - mean[:, None, None]
        variance = _Sum.apply(centred.square().sum((0, 2, 3))) / count
        with torch.no_grad():
            assert self.running_mean is not None and self.running_var is not None
            assert self.num_batches_tracked is not None and self.momentum is not None
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / max(1, count - 1)), self.momentum)
        out = centred * (variance + self.eps).rsqrt()[:, None, None]
        return out * self.weight[:, None, None] + self.bias[:, None, None]

"""What tests of training share: a stop after so many steps, and equality bit for bit."""

from __future__ import annotations

import os
from typing import Any

import pytest
import torch

from lbie.training.trainer import Trainer


def after(monkeypatch: pytest.MonkeyPatch, steps: int, number: int) -> None:
    """Send this process a signal once so many steps of this session are done."""
    step, done = Trainer._step, []

    def counted(self: Trainer, *arguments: Any) -> dict[str, float]:
        values = step(self, *arguments)
        done.append(1)
        if len(done) == steps:
            os.kill(os.getpid(), number)
        return values

    monkeypatch.setattr(Trainer, "_step", counted)


def assert_equal(a: Any, b: Any, where: str = "") -> None:
    """Bit for bit."""
    if isinstance(a, torch.Tensor):
        assert a.dtype == b.dtype and torch.equal(a, b), where
    elif isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            assert_equal(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_equal(x, y, f"{where}/{i}")
    else:
        assert a == b, where

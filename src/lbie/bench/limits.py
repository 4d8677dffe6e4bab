"""What the machine can do at most, and what a forward of a network needs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from lbie.bench.rounds import Work

SIDE = 1024
"""Of the matrices that are multiplied."""
COPIED = 2**26
"""Bytes that are copied: as many are read as written, and more than a cache holds."""
MATMUL_FLOPS = 2 * SIDE**3


def matmul() -> Work:
    """One product of two square matrices in single precision."""
    left, right, product = (torch.ones(SIDE, SIDE) for _ in range(3))
    return lambda: torch.mm(left, right, out=product)


def copy() -> Work:
    """One copy in memory."""
    source, target = np.ones(COPIED, np.uint8), np.zeros(COPIED, np.uint8)
    return lambda: np.copyto(target, source)


def flops(work: Callable[[], object]) -> int:
    """Operations (a product and a sum are two) of convolutions and matrix products that torch does in a work."""
    with FlopCounterMode(display=False) as counter:
        work()
    return int(counter.get_total_flops())

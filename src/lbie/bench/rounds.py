"""Works timed in turn, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Work = Callable[[], object]


def _processor() -> float:
    """Seconds of the processor that this process and those that it waited for have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "processor": _processor}
"""Ways to take time; `processor` holds on a machine that does other things, and adds up threads."""


def in_turn(work: Mapping[str, Work], rounds: int, warm_up: int = 1, clock: str = "wall") -> dict[str, np.ndarray]:
    """Seconds (rounds,) of each work: each once a round, every other round in the opposite order.

    Args:
        work: what is timed.
        rounds: that count.
        warm_up: rounds before them that do not.
        clock: one of `CLOCKS`.
    """
    now, taken = CLOCKS[clock], {name: np.zeros(rounds) for name in work}
    for number in range(-warm_up, rounds):
        for name in list(work)[:: 1 if number % 2 else -1]:
            began = now()
            work[name]()
            if number >= 0:
                taken[name][number] = now() - began
    return taken


def ratio(above: np.ndarray, below: np.ndarray) -> dict[str, float]:
    """Median and quartiles of the ratio of two times of the same rounds."""
    return _quartiles(above / below, "ratio")


def milliseconds(seconds: np.ndarray) -> dict[str, float]:
    """Median and quartiles."""
    return _quartiles(seconds * 1e3, "ms")


def spread(own: Mapping[str, float], places: int = 2) -> str:
    """What `ratio` or `milliseconds` gave: a median with its quartiles."""
    middle = own.get("ratio", own.get("ms"))
    return f"{middle:.{places}f} [{own['low_quartile']:.{places}f}, {own['high_quartile']:.{places}f}]"


def _quartiles(values: np.ndarray, name: str) -> dict[str, Any]:
    low, middle, high = (round(float(v), 4) for v in np.percentile(values, (25, 50, 75)))
    return {name: middle, "low_quartile": low, "high_quartile": high}

"""Works in turn, and their ratios."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lbie.bench.rounds import in_turn, milliseconds, ratio


def test_each_work_runs_once_a_round_in_an_order_that_turns() -> None:
    ran: list[str] = []
    taken = in_turn({"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}, rounds=2, warm_up=1)
    assert {name: len(seconds) for name, seconds in taken.items()} == {"a": 2, "b": 2}
    assert [set(ran[i : i + 2]) for i in range(0, 6, 2)] == [{"a", "b"}] * 3
    assert ran[2:4] == ran[4:6][::-1]


def test_wall_counts_sleep_and_processor_does_not() -> None:
    work = {"sleep": lambda: time.sleep(0.3)}  # longer than threads of other tests may still work
    assert in_turn(work, 1)["sleep"][0] >= 0.3
    assert in_turn(work, 1, clock="processor")["sleep"][0] < 0.3


def test_ratio_is_of_the_same_rounds() -> None:
    found = ratio(np.array([2.0, 20.0, 200.0]), np.array([1.0, 10.0, 100.0]))
    assert found == {"ratio": 2.0, "low_quartile": 2.0, "high_quartile": 2.0}
    assert milliseconds(np.array([0.001, 0.002, 0.003]))["ms"] == pytest.approx(2)

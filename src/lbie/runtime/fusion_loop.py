"""The loop of the fusion in numpy: regions step until their gates say that they have understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Values = dict[str, np.ndarray]
Graph = Callable[[str, Values], Values]
"""Runs a graph, by its name, with the values that it takes."""


@dataclass(frozen=True)
class LoopTrace:
    """What the loop did; see `FusionTrace`."""

    state: np.ndarray
    """(B, R, D): the state of each region at the step at which it stopped."""
    stop_step: np.ndarray
    """(B, R) int64, from 1."""
    attention: np.ndarray | None
    """(B, T, N, R); None unless asked for."""
    executed: int
    """Region updates that were computed."""


def run_fusion(
    run: Graph, start: Values, read: Values, steps: int, stop_probability: float, with_attention: bool
) -> LoopTrace:
    """Fuse B descriptions into the regions of one image, as `RecurrentAttentiveFusion` does in evaluation mode.

    Args:
        run: graphs `ask` and `step`.
        start: of the image: `state`, `query` and `hidden` (1, R, ...), and `address`, `around` and `facts`
            where the model has them.
        read: of the descriptions: `key`, `value` (B, N, ...) and `mask` (B, N), and those of sentences.
        steps: most steps.
        stop_probability: a region stops when the probability of having stopped reaches this.
        with_attention: keep the attention of every step.
    """
    batch, count = len(read["mask"]), start["state"].shape[1]
    state, query, hidden = (_rows(start[name], batch) for name in ("state", "query", "hidden"))
    fixed: Values = {name: start[name] for name in start if name in ("address", "around")}
    fits = None
    if "facts" in start:
        fits, fixed["lookup_facts"] = (
            start["facts"] @ read[name].swapaxes(1, 2) for name in ("sentence_fact", "lookup_fact")
        )  # (B, R, S)
    running, survival = np.ones((batch, count), bool), np.ones((batch, count), np.float32)
    stop_step = np.full((batch, count), steps)
    attention = np.zeros((batch, steps, read["mask"].shape[1], count), np.float32) if with_attention else None
    executed = 0
    for step in range(steps):
        most = int(running.sum(1).max())
        if most == 0:
            break
        # The running regions of each image first, padded with stopped ones to the longest list of the batch.
        chosen = np.argsort(~running, axis=1, kind="stable")[:, :most]
        first: Values = {"own": state, "query": query, "hidden": hidden}
        asked = run("ask", fixed | {"state": state, "chosen": chosen}) if step else first
        asked["states"] = state
        if fits is not None:
            asked["sentence_facts"] = np.take_along_axis(fits, chosen[..., None], 1)
        asked["running"] = running
        made = run("step", fixed | read | asked)
        row, place = np.nonzero(np.take_along_axis(running, chosen, 1))  # of all that ran and are no padding
        region = chosen[row, place]
        if step == 0:
            state = made["state"]
        else:
            state[row, region] = made["state"][row, place]
        if attention is not None:
            attention[row, step, :, region] = made["attention"][row, place]
        left = survival[row, region] * made["going"][row, place]
        survival[row, region] = left
        stops = 1 - left >= np.float32(stop_probability)
        if "waits" in made:
            stops &= ~made["waits"][row, place]
        stop_step[row[stops], region[stops]] = step + 1
        running[row[stops], region[stops]] = False
        executed += len(region)
    return LoopTrace(state, stop_step, attention, executed)


def _rows(values: np.ndarray, batch: int) -> np.ndarray:
    """(1, ...) as (B, ...)."""
    return values if batch == 1 else np.repeat(values, batch, 0)

"""Passes over examples that are small enough to be learnt from before a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

Attempt = Callable[[np.ndarray, np.random.Generator], tuple[Tensor, float]]
"""Some examples, by their numbers, to their loss and a figure to be shown."""


def learn(
    parameters: Sequence[nn.Parameter],
    count: int,
    attempt: Attempt,
    *,
    batch: int,
    epochs: int,
    rate: float,
    seed: int,
    title: str,
    figure: str,
) -> float:
    """Train parameters in place with AdamW and one cycle of the rate.

    Args:
        parameters: what learns.
        count: of the examples.
        attempt: see `Attempt`.
        batch: examples a step.
        epochs: passes over all.
        rate: the highest learning rate.
        seed: of the order of the examples.
        title: of the progress bar.
        figure: name of the attempts' figure.

    Returns:
        The mean figure of the last pass; 0 without one.
    """
    batches = max(1, count // batch)
    optimizer = torch.optim.AdamW(parameters, rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * batches)
    rng, figures = np.random.default_rng((seed, 4)), [0.0]
    with tqdm(total=epochs * batches, desc=title) as bar:
        for _ in range(epochs):
            figures = []
            for rows in np.array_split(rng.permutation(count), batches):
                loss, value = attempt(rows, rng)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(parameters, 1.0)
                optimizer.step()
                schedule.step()
                figures.append(value)
                bar.update()
            bar.set_postfix({figure: f"{np.mean(figures):.3g}"})
    return float(np.mean(figures))

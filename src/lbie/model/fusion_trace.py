"""What goes into the fusion, what a step of it reads and brings, and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class FusionTrace:
    """What the fusion did."""

    state: Tensor
    """(B, D, H, W): each region's state at the step at which it stopped (in training: a differentiable draw of it)."""
    stop_step: Tensor
    """(B, H, W) int64, 1 to T: the step at which each region stopped."""
    attention: Tensor | None = None
    """(B, T, N, H, W), sums to 1 over N, or to less where a model may attend to nothing; zero at steps that a region
    did not run. None unless asked for."""
    log_stop: Tensor | None = None
    """(B, T, H, W): log-probability of stopping at each step; training only."""
    states: Tensor | None = None
    """(B, T, H * W, D): the states after each step; training only."""
    sentences: Tensor | None = None
    """(B, T, H * W, S): attention over the sentences; training only, where they are read one by one."""
    found: Tensor | None = None
    """(B, T, H * W, H * W): which regions each one looked up; training only, with a lookup."""
    executed: int = 0
    """Region updates that were computed, of B * H * W * T."""

    def expected_steps(self) -> Tensor:
        """Mean number of steps under the gates' probabilities, a scalar; training only."""
        assert self.log_stop is not None
        steps = torch.arange(1, self.log_stop.shape[1] + 1, device=self.log_stop.device)
        return (self.log_stop.exp() * steps.view(1, -1, 1, 1)).sum(1).mean()


@dataclass
class FusionStart:
    """The part of the fusion's first step that does not depend on the sentence: done once an image."""

    state: Tensor
    """(B, H * W, D): the regions."""
    query: Tensor
    """(B, H * W, Q D), or with a lookup (B, H * W, (Q + 1) D): their first queries."""
    hidden: Tensor
    """(B, H * W, 3 D): what their states bring to the GRU's gates."""
    size: tuple[int, int]
    """(H, W)."""
    address: Tensor | None
    """(B, H * W * Q, D): by what a region is found when regions look each other up; None where they do not."""
    around: Tensor | None
    """(H * W, size ** 2) int64: the regions in each one's window, H * W for what lies outside; None without context."""
    there: Tensor | None = None
    """(B, H * W) bool: the regions that are any; None: all."""
    facts: Tensor | None = None
    """(B, H * W, F): what is known of each region, apart from its state; None where nothing is."""

    def repeat(self, count: int) -> FusionStart:
        """One image as a batch of `count`."""
        return self.rows(lambda x: x.expand(count, *(-1,) * (x.ndim - 1)))

    def rows(self, change: Callable[[Tensor], Tensor]) -> FusionStart:
        """The same with other images: every tensor (B, ...) replaced by what `change` makes of it."""
        state, query, hidden = (change(x) for x in (self.state, self.query, self.hidden))
        address, *rest = (None if x is None else change(x) for x in (self.address, self.there, self.facts))
        return FusionStart(state, query, hidden, self.size, address, self.around, *rest)


@dataclass
class FusionSaid:
    """What a description says, whatever the image."""

    key: Tensor
    """(B, N, D)."""
    value: Tensor
    """As `FusionRead` has it."""
    sentence_key: Tensor | None = None
    """(B, S, D)."""
    sentence_fact: Tensor | None = None
    """(B, S, F): how much each fact of a region counts for a sentence; None without facts."""
    lookup_fact: Tensor | None = None
    """(B, S, F): the same for what it looks up."""


@dataclass
class FusionRead:
    """What the regions read: language, and each other's states."""

    key: Tensor
    """(B, N, D)."""
    value: Tensor
    """What words bring, (B, N, D), or what that is for the GRU's gates, (B, N, 3 D)."""
    early: bool
    """Whether `value` is the latter."""
    blocked: Tensor
    """(B, 1, N): 0 where there is a word, else so low that it gets no attention."""
    sentence_key: Tensor | None = None
    """(B, S, D)."""
    sentence_blocked: Tensor | None = None
    """(B, 1, S): the same for sentences, and the bonus of the later one."""
    sentence_facts: Tensor | None = None
    """(B, R, S): how well the facts of each region fit each sentence; None without facts."""
    lookup_facts: Tensor | None = None
    """(B, R, S): how well they fit what each sentence looks up."""
    address: Tensor | None = None
    """(B, R * Q, D)."""
    address_blocked: Tensor | None = None
    """(B, 1, R * Q): 0 where there is a region, else so low that nothing looks it up; None: there are all."""
    states: Tensor | None = None
    """(B, R, D): the present state of each region, for those that look it up; None where they do not."""
    refers: Tensor | None = None
    """(B, S): 1 where a sentence names no colour, so that it can tell one by reference only; else 0. None where the
    model does not point at colours."""


@dataclass
class FusionStep:
    """What one step brings to K regions."""

    state: Tensor
    """(B, K, D)."""
    gate: Tensor
    """(B, K): logit of stopping."""
    weights: Tensor
    """(B, K, N): attention over the words."""
    sentences: Tensor | None
    """(B, K, S): attention over the sentences."""
    found: Tensor | None
    """(B, K, R): the regions looked up."""

    def waits(self, running: Tensor, refers: Tensor) -> Tensor:
        """Which of the K regions may not stop yet: whom they take their colour from has not stopped before this step.

        The gates learn from chains as long as the training's; with this, longer ones are followed to their end.

        Args:
            running: (B, R) bool: regions that had not stopped before the step.
            refers: as in `FusionRead`.

        Returns:
            (B, K) bool.
        """
        assert self.sentences is not None and self.found is not None
        by_reference = (self.sentences * refers[:, None]).sum(-1)  # (B, K)
        return by_reference * (self.found * running[:, None]).sum(-1) > 0.5

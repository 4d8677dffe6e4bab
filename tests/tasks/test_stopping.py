from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from lbie.tasks.stopping import GATE_WEIGHT, stopping_loss

ONE = torch.ones(1, 1, 1)


def column(*values: float) -> Tensor:
    """A value for each step of a single region, (1, T, 1, 1)."""
    return torch.tensor(values).view(1, -1, 1, 1)


def test_the_marginal_likelihood_is_the_sum_over_steps() -> None:
    error, stop = column(0.3, 2.0, 0.1), column(0.5, 0.2, 0.3)
    expected = -math.log(0.5 * math.exp(-0.3) + 0.2 * math.exp(-2.0) + 0.3 * math.exp(-0.1))
    assert float(stopping_loss(error, ONE, stop.log(), None)) == pytest.approx(expected)


def test_regions_count_by_their_weight() -> None:
    error = torch.tensor([[[[1.0, 3.0]]]])
    weight = torch.tensor([[[3.0, 1.0]]])
    assert float(stopping_loss(error, weight, torch.zeros(1, 1, 1, 2), None)) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("errors", "price", "best"),
    [
        ((2.0, 0.5, 0.5, 0.5), 0.02, 1),  # of equally good steps the first
        ((0.5, 0.499, 0.498, 0.497), 0.02, 0),  # a step that brings less than its price is not worth it
        ((0.5, 0.49, 0.48, 0.47), 0.005, 3),
        ((2.0, 1.9, 1.9, 0.1), 0.02, 3),  # it may take several steps to pay
        ((2.0, 1.9, 1.9, 0.1), 1.0, 0),
    ],
)
def test_gates_learn_the_step_that_is_worth_its_price(errors: tuple[float, ...], price: float, best: int) -> None:
    """From gates that are sure to go on: the marginal likelihood alone would hardly move them."""
    gates = torch.full((4,), -12.0, requires_grad=True)
    optimiser = torch.optim.Adam([gates], lr=0.5)
    for _ in range(400):
        going = torch.cat([torch.zeros(1), torch.nn.functional.logsigmoid(-gates[:-1]).cumsum(0)])
        stop = torch.cat([torch.nn.functional.logsigmoid(gates[:-1]), torch.zeros(1)])
        log_stop = going + stop
        optimiser.zero_grad()
        stopping_loss(column(*errors), ONE, log_stop.view(1, 4, 1, 1), price).backward()
        optimiser.step()
    assert int(log_stop.argmax()) == best
    assert log_stop[best] > math.log(0.5)


def test_with_a_price_every_step_learns_whatever_the_gates_say() -> None:
    error = column(1.0, 1.0, 1.0).requires_grad_()
    stopping_loss(error, ONE, column(1.0, 1e-30, 1e-30).log(), 0.1).backward()
    assert error.grad is not None
    torch.testing.assert_close(error.grad.flatten(), torch.full((3,), 1 / 3))


def test_the_gates_part_is_the_cross_entropy_with_the_posterior() -> None:
    error, stop = column(1.0, 0.8), column(0.25, 0.75)
    best = torch.tensor([-1.0 / 0.1, -0.8 / 0.1 - 1]).softmax(0)
    gates = -float((best * stop.flatten().log()).sum())
    states = -math.log((math.exp(-1.0) + math.exp(-0.8)) / 2)
    assert float(stopping_loss(error, ONE, stop.log(), 0.1)) == pytest.approx(states + GATE_WEIGHT * gates)

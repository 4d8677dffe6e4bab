from __future__ import annotations

import torch

from lbie.tasks.adversarial import discriminator_loss, generator_loss


def test_hinges_by_hand() -> None:
    true, fake, other = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 0.0]), torch.tensor([-1.0, 1.0])
    assert float(discriminator_loss(true, fake, other)) == (0 + 0.5) / 2 + ((0 + 1) / 2 + (0 + 2) / 2) / 2
    assert float(generator_loss(fake)) == 1.5


def test_no_loss_and_no_gradient_beyond_the_margins() -> None:
    logits = [torch.full((3,), v, requires_grad=True) for v in (1.5, -1.5, -1.5)]
    loss = discriminator_loss(*logits)
    loss.backward()
    assert loss == 0 and all(x.grad is not None and not x.grad.any() for x in logits)

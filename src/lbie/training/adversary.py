"""The discriminator of a run and how it learns beside the model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lbie.model.discriminator import Discriminator
from lbie.model.editing_model import EditOutput
from lbie.tasks.adversarial import discriminator_loss, generator_loss
from lbie.tasks.colorize import ColorizeBatch
from lbie.training.options import AdversaryOptions


class Adversary:
    """A discriminator with its own optimiser, at its own learning rate."""

    def __init__(self, options: AdversaryOptions, words: int) -> None:
        self.options = options
        self.discriminator = Discriminator(options.width, options.width, words)
        self.optimizer = torch.optim.Adam(self.discriminator.parameters(), options.learning_rate, betas=(0.0, 0.99))

    def persuade(self, out: EditOutput, batch: ColorizeBatch) -> Tensor:
        """What the model's loss gets: a scalar, weighted."""
        image, _, ids = _on(batch, out)
        return self.options.weight * generator_loss(self.discriminator.train()(image, out.output, ids))

    def learn(self, out: EditOutput, batch: ColorizeBatch) -> float:
        """A step of the discriminator on what the model has just coloured; returns its loss."""
        judge, (image, ab, ids) = self.discriminator.train(), _on(batch, out)
        loss = discriminator_loss(
            judge(image, ab, ids), judge(image, out.output.detach(), ids), judge(image, ab, ids.roll(1, 0))
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def to(self, device: Any) -> Adversary:
        """Move to a device."""
        self.discriminator.to(device)
        self.optimizer.load_state_dict(self.optimizer.state_dict())  # which moves it to where the weights are
        return self

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {"discriminator": self.discriminator.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self.discriminator.load_state_dict(state["discriminator"])
        self.optimizer.load_state_dict(state["optimizer"])


def _on(batch: ColorizeBatch, out: EditOutput) -> tuple[Tensor, Tensor, Tensor]:
    """The batch's image, ab and ids on the device of the output."""
    device = out.output.device
    return batch.image.to(device), batch.ab.to(device), batch.ids.to(device)

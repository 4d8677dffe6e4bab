"""One of the processes of test_processes.py: gradients of one batch, by all of them and by this one alone."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import torch
from torch import nn

from lbie.training.recipe import load_recipe
from lbie.training.trainer import Trainer


def main() -> None:
    torch.set_num_threads(1)
    recipe, folder = Path(sys.argv[1]), Path(sys.argv[2])
    trainer = Trainer(load_recipe(str(recipe)), None, folder)
    processes, batch = trainer.processes, trainer.batches.batch(0)
    model = trainer._trained.double().train()
    alone = copy.deepcopy(model)
    for module in alone.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.__class__ = nn.BatchNorm2d
    image = batch.image.double()
    torch.manual_seed(1)
    one = trainer.training_set.loss(alone(image, batch.ids), batch)
    one.backward()
    torch.manual_seed(1)
    with processes.draws():
        own = model(processes.share(image), processes.share(batch.ids))
    several = trainer.training_set.loss(processes.whole(own), batch)
    several.backward()
    stop = processes.sum_gradients(model.parameters(), stop=processes.rank == 1)
    pairs = [(a.grad, b.grad) for a, b in zip(alone.parameters(), model.parameters(), strict=True)]
    figures = {
        "loss": abs(one.item() - several.item()),
        "largest": max(float(a.abs().max()) for a, _ in pairs if a is not None),
        "gradients": max(float((a - b).abs().max()) for a, b in pairs if a is not None and b is not None),
        "missing": sum((a is None) != (b is None) for a, b in pairs),
        "buffers": max(float((a - b).abs().max()) for a, b in zip(alone.buffers(), model.buffers(), strict=True)),
        "stop": stop,
    }
    (folder / f"rank{processes.rank}.json").write_text(json.dumps(figures))
    processes.close()


if __name__ == "__main__":
    main()

"""How the weights of a run follow its gradients: which do, optimiser, learning rate, moving average."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from lbie.model.editing_model import EditingModel
from lbie.training.recipe import Recipe
from lbie.training.sentence_lessons import TAUGHT


def moving_average(decay: float) -> Callable[[Any, Any, Any], None]:
    """Moving average for `AveragedModel`; its decay grows to `decay`, so that the start is soon forgotten."""

    def update(averaged: Any, current: Any, count: Any) -> None:
        weight = 1 - min(decay, (1 + int(count)) / (10 + int(count)))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, weight)
        else:
            for old, new in zip(averaged, current, strict=True):
                old.copy_(new)

    return update


def freeze_stages(model: EditingModel, stages: int) -> None:
    """Keep the first stages of the backbone as they are: no gradients, no batch statistics."""
    if stages:
        backbone = model.image_encoder.backbone
        for part in (backbone.stem, *backbone.stages[:stages]):
            part.eval().requires_grad_(False)


def make_optimizer(model: EditingModel, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW for all weights that are trained; a backbone and what was taught have learning rates of their own."""
    backbone: list[torch.nn.Parameter] = []
    taught: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    slow = TAUGHT if recipe.taught_learning_rate is not None else ()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and not name.startswith("domain"):
            (backbone if "backbone" in name else taught if name.startswith(slow) else rest).append(parameter)
    scale = recipe.rate_scale
    groups = [{"params": rest, "lr": recipe.learning_rate * scale}]
    if backbone:
        groups.append({"params": backbone, "lr": recipe.backbone_learning_rate * scale})
    if taught and recipe.taught_learning_rate is not None:
        groups.append({"params": taught, "lr": recipe.taught_learning_rate * scale})
    return torch.optim.AdamW(groups, weight_decay=recipe.weight_decay, betas=(0.9, 0.98), fused=True)


def rate(step: int, total: int) -> float:
    """Share of the peak learning rate at a step of a run of `total` steps: a short warm-up, then a cosine descent."""
    warm = max(1, min(200, total // 10))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, total - warm)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))

"""The domain score: is this the kind of picture the model was made for? A linear probe, fitted after training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from lbie.colour.lab import luma
from lbie.evaluation.domain import close_ups, drawn_pictures, gray_squares, pooled_features, resize
from lbie.model.editing_model import EditingModel


def fit_domain(model: EditingModel, positives: np.ndarray, negatives: Path, seed: int = 0) -> None:
    """Fit `model.domain` in place.

    Args:
        model: a trained model, in evaluation mode.
        positives: (N, S, S, 3) uint8 photos of the kind that the model was trained on.
        negatives: folder of JPEG photos of other things; drawings made by code are added.
        seed: of the drawings.
    """
    size = model.config.working_size
    edge = (positives.shape[1] - size) // 2
    yes = luma(np.asarray(positives[:, edge : edge + size, edge : edge + size]))
    others = gray_squares(negatives, 256)
    near = [close_ups(others, size, seed + i) for i in range(2)]  # else anything that fills the picture is a flower
    no = np.concatenate([np.stack([resize(g, size) for g in others]), *near, drawn_pictures(200, size, seed)])
    features = torch.cat([*pooled_features(model, yes), *pooled_features(model, no)])
    labels = torch.cat([torch.ones(len(yes)), torch.zeros(len(no))])
    mean, deviation = features.mean(0), features.std(0) + 1e-4
    scaled = (features - mean) / deviation
    weight = torch.zeros(features.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    share = torch.where(labels > 0, 0.5 / len(yes), 0.5 / len(no))
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = F.binary_cross_entropy_with_logits(scaled @ weight + bias, labels, reduction="none")
        loss = (losses * share).sum() + 1e-3 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        model.domain.weight.copy_((weight / deviation)[None])
        model.domain.bias.copy_(bias - (weight * mean / deviation).sum())

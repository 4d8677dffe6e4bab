"""Colouring the pieces of a drawing: which of the description's colours each gets, if any."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from lbie.model.editing_model import EditOutput
from lbie.model.piece_batch import PieceBatch
from lbie.tasks.stopping import stopping_loss

KINDS_WEIGHT = 0.5
"""Weight of the kinds of pieces in the loss."""


@dataclass(frozen=True)
class SketchBatch:
    """Training examples: B drawings of up to K pieces."""

    image: PieceBatch
    """The pieces."""
    ids: Tensor
    """(B, S, L) int64 word ids of the sentences, 0 where there is no word."""
    colour: Tensor
    """(B, 1, K) int64: number of the colour that a piece gets, the number of colours where it gets none; -1 where there
    is no piece."""
    kind: Tensor
    """(B, 1, K) int64: 1 + the kind of the shape that a piece is of, 0 of none; -1 where there is no piece."""
    told_by: Tensor
    """(B, 1, K) int64: the sentence, of S, that tells a piece's colour; S where none does, -1 for no piece."""
    source: Tensor
    """(B, 1, K) int64: the piece whose colour a piece takes by reference; -1 elsewhere."""

    @property
    def hints(self) -> None:
        """Drawings take no colour hints."""

    @property
    def image_of(self) -> None:
        """Each drawing has one description."""


def sketch_loss(out: EditOutput, batch: SketchBatch, price: float | None) -> Tensor:
    """Cross-entropy of the pieces' colours and kinds, and the stopping of pieces.

    Args:
        out: the model's output in training mode: logits (B, C, 1, K), the last of no colour, and the readout.
        batch: the examples, on the same device.
        price: of a step, with the posterior estimator; else None.

    Returns:
        A scalar.
    """
    there = (batch.colour >= 0).to(out.output.dtype)  # (B, 1, K)
    loss = F.cross_entropy(out.output, batch.colour, ignore_index=-1)
    if out.categories is not None:
        loss = loss + KINDS_WEIGHT * F.cross_entropy(out.categories, batch.kind, ignore_index=-1)
    if out.readout is None or out.trace.log_stop is None:
        return loss
    target = batch.colour.clamp(min=0)[:, None, None].expand(-1, out.readout.shape[1], -1, -1, -1)
    error = -out.readout.log_softmax(2).gather(2, target).squeeze(2)  # (B, T, 1, K)
    return loss + stopping_loss(error * there[:, None], there, out.trace.log_stop, price)

from __future__ import annotations

import math

import pytest
import torch

from lbie.data.cosal.shapes import BACKGROUND, CLASSES
from lbie.model.editing_model import EditOutput
from lbie.model.fusion_trace import FusionTrace
from lbie.tasks.padding import pad_sentences
from lbie.tasks.shapes import SHAPE_WEIGHT, ShapesBatch, guidance_loss, shapes_loss


def output(steps: int | None) -> tuple[EditOutput, torch.Tensor]:
    """A 4 x 4 picture of 2 x 2 regions: three background, one half shape of class 2."""
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(1, CLASSES, 4, 4, generator=generator)
    classes = torch.full((1, 4, 4), BACKGROUND)
    classes[0, 0, :2] = 2
    trace = FusionTrace(torch.zeros(1, 4, 2, 2), torch.ones(1, 2, 2, dtype=torch.int64))
    if steps is None:
        return EditOutput(logits, trace), classes
    trace.log_stop = torch.randn(1, steps, 2, 2, generator=generator).log_softmax(1)
    return EditOutput(logits, trace, torch.randn(1, steps, CLASSES, 2, 2, generator=generator)), classes


def test_pixels_of_shapes_weigh_ten() -> None:
    out, classes = output(None)
    log_p = out.output.log_softmax(1)[0]
    total, weights = 0.0, 0.0
    for y in range(4):
        for x in range(4):
            weight = SHAPE_WEIGHT if classes[0, y, x] == 2 else 1.0
            total, weights = total - weight * float(log_p[classes[0, y, x], y, x]), weights + weight
    assert float(shapes_loss(out, classes)) == pytest.approx(total / weights, rel=1e-5)


def test_the_marginal_likelihood_sums_over_the_stopping_step() -> None:
    out, classes = output(3)
    assert out.readout is not None and out.trace.log_stop is not None
    log_p, total, weights = out.readout.log_softmax(2)[0], 0.0, 0.0
    for y in range(2):
        for x in range(2):
            shape = 2 if (y, x) == (0, 0) else 0
            weight = shape * SHAPE_WEIGHT + (4 - shape)
            likelihood = 0.0
            for t in range(3):
                error = -(shape * SHAPE_WEIGHT * log_p[t, 2, y, x] + (4 - shape) * log_p[t, BACKGROUND, y, x]) / weight
                likelihood += math.exp(float(out.trace.log_stop[0, t, y, x] - error))
            total, weights = total - weight * math.log(likelihood), weights + weight
    pixels = shapes_loss(EditOutput(out.output, out.trace), classes)
    assert float(shapes_loss(out, classes)) == pytest.approx(float(pixels) + total / weights, rel=1e-5)


def test_guessing_another_colour_at_each_step_is_not_rewarded() -> None:
    """Steps that each bet on one of two colours are together no better than steps that leave it open."""
    out, classes = output(2)
    assert out.readout is not None and out.trace.log_stop is not None
    out.trace.log_stop[:] = -math.log(2)
    bet, open_ = torch.full_like(out.readout, -20.0), torch.full_like(out.readout, -20.0)
    bet[:, 0, 2], bet[:, 1, 3] = 0.0, 0.0
    open_[:, :, 2:4] = 0.0
    classes[:] = 2
    bets = shapes_loss(EditOutput(out.output, out.trace, bet), classes)
    assert float(bets) == pytest.approx(float(shapes_loss(EditOutput(out.output, out.trace, open_), classes)), abs=1e-3)


def test_guidance_asks_for_the_right_sentence_and_the_right_source_at_each_step() -> None:
    out, classes = output(2)
    none = torch.full((1, 4, 4), -1)
    told_by, source = none.clone(), none.clone()
    told_by[0, 0, :2] = 1  # region 0 is told by sentence 1 and takes its colour from region 3
    source[0, 0, :2] = 3
    batch = ShapesBatch(torch.zeros(1, 1, 4, 4), torch.ones(1, 3, 2, dtype=torch.int64), classes, told_by, source)
    assert guidance_loss(out, batch.told_by, batch.source) == 0, "neither is in the trace"
    told = -(math.log(0.2) + math.log(0.6)) / 2
    out.trace.sentences = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3]])[None, :, None].expand(1, 2, 4, 3)
    assert float(guidance_loss(out, batch.told_by, batch.source)) == pytest.approx(told)
    out.trace.found = torch.tensor([[0.1, 0.2, 0.2, 0.5], [0.4, 0.2, 0.2, 0.2]])[None, :, None].expand(1, 2, 4, 4)
    assert float(guidance_loss(out, batch.told_by, batch.source)) == pytest.approx(
        told - (math.log(0.5) + math.log(0.2)) / 2
    )
    told_by[0, 0, :2] = 3  # no sentence tells it: to have half the attention on nothing
    out.trace.sentences, out.trace.found = torch.full((1, 2, 4, 3), 1 / 6), None
    assert float(guidance_loss(out, batch.told_by, batch.source)) == pytest.approx(math.log(2))
    batch = ShapesBatch(batch.image, batch.ids, classes, none, none)
    assert guidance_loss(out, batch.told_by, batch.source) == 0


def test_sentences_are_padded() -> None:
    ids = pad_sentences([[(2, 3), (4,)], [(5, 6, 7)]])
    assert ids.tolist() == [[[2, 3, 0], [4, 0, 0]], [[5, 6, 7], [0, 0, 0]]]

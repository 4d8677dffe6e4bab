from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lbie.model.editing_model import EditOutput
from lbie.model.fusion_trace import FusionTrace
from lbie.tasks.photo_view import image_input, probability_map, view_size
from lbie.tasks.segment import LossWeights, SegmentBatch, boxes_loss, kinds_loss, overlap_loss, segment_loss

WEIGHTS = LossWeights(overlap=1.0, absent=0.25, category=1.0, boxes=1.0, presence=0.2, stopping=1.0, price=0.01)
NOTHING = LossWeights(0.0, 0.25, 0.0, 0.0, 0.0, 0.0, None)


def batch(masks: Tensor, present: Tensor) -> SegmentBatch:
    kinds = torch.zeros(1, 3, 2, 2)
    kinds[:, 0] = 1
    count = len(masks)
    return SegmentBatch(
        torch.zeros(1, 3, 8, 8),
        torch.ones(count, 2, dtype=torch.int64),
        torch.zeros(count, dtype=torch.int64),
        masks,
        present,
        kinds,
        torch.zeros(1, 3, dtype=torch.bool),
        torch.tensor([0.0, 0.0, 0.5, 1.0, -1.0, 1.0]).view(1, 6, 1, 1).expand(-1, -1, 2, 2),
    )


def output(logits: Tensor) -> EditOutput:
    size = (len(logits), 2, 2)
    trace = FusionTrace(
        logits, torch.ones(size, dtype=torch.int64), log_stop=torch.full((len(logits), 3, 2, 2), 1 / 3).log()
    )
    return EditOutput(logits, trace)


def test_a_right_answer_costs_nothing() -> None:
    masks = torch.zeros(2, 1, 4, 4)
    masks[0, :, :2, :2] = 1
    out = output((masks - 0.5) * 80)
    out.presence = torch.tensor([40.0, -40.0])
    out.categories = torch.full((1, 3, 2, 2), -40.0)
    out.categories[:, 0] = 40
    out.boxes = batch(masks, torch.tensor([True, False])).boxes[:, :5]
    out.readout = torch.nn.functional.avg_pool2d(out.output, 2)[:, None].repeat(1, 3, 1, 1, 1)
    made = batch(masks, torch.tensor([True, False]))
    free = replace(WEIGHTS, price=None)  # gates that are even cost something with a price
    assert float(segment_loss(out, made, free)) == pytest.approx(0, abs=1e-5)
    wrong = batch(1 - masks, torch.tensor([False, True]))
    spoilt = {
        "category": replace(made, kinds=made.kinds.roll(1, 1)),
        "boxes": replace(made, boxes=made.boxes + torch.tensor([0.5, 0.0, 0.5, 0.0, 0.0, 0.0]).view(1, 6, 1, 1)),
    }
    for part in ("overlap", "category", "boxes", "presence", "stopping"):
        without = replace(free, **{part: 0.0})
        worse = spoilt.get(part, wrong)
        assert float(segment_loss(out, worse, free)) > float(segment_loss(out, worse, without)) + 0.1, part


def test_phrases_that_name_nothing_count_less() -> None:
    logits = torch.zeros(2, 1, 4, 4)
    logits[1] = 3.0
    loss = segment_loss(output(logits), batch(torch.zeros(2, 1, 4, 4), torch.tensor([True, False])), NOTHING)
    expected = (math.log(2) + 0.25 * math.log(1 + math.exp(3))) / 1.25
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_overlap_is_one_minus_dice() -> None:
    mask = torch.zeros(2, 1, 10, 10)
    mask[0, :, :5], mask[1, :, 5:] = 1, 1
    guess = torch.full((2, 1, 10, 10), -50.0)
    guess[:, :, :5] = 50.0
    found = overlap_loss(guess, mask)
    assert float(found[0]) == pytest.approx(0, abs=1e-5)
    assert float(found[1]) == pytest.approx(1 - 1 / 101, abs=1e-5)


def test_what_is_not_listed_may_be_where_nothing_is_listed() -> None:
    logits = torch.zeros(1, 3, 1, 1)
    logits[0, 2] = 20.0  # surely the third kind
    shares = torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1)
    listed = kinds_loss(logits, shares, torch.tensor([[False, False, False]]))
    unlisted = kinds_loss(logits, shares, torch.tensor([[False, False, True]]))
    assert float(listed) == pytest.approx(20, abs=1e-3) and float(unlisted) == pytest.approx(0, abs=1e-3)


def test_soft_shares_are_learnt_as_they_are() -> None:
    shares = torch.tensor([0.5, 0.3, 0.2]).view(1, 3, 1, 1)
    logits = torch.zeros(1, 3, 1, 1, requires_grad=True)
    optimiser = torch.optim.Adam([logits], 0.1)
    for _ in range(300):
        optimiser.zero_grad()
        kinds_loss(logits, shares, torch.zeros(1, 3, dtype=torch.bool)).backward()
        optimiser.step()
    torch.testing.assert_close(logits.softmax(1).detach(), shares, atol=1e-3, rtol=0)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_view_fits_the_network_and_keeps_the_shape(height: int, width: int) -> None:
    high, wide = view_size(height, width, 320, 32)
    assert high % 32 == 0 and wide % 32 == 0 and 32 <= high <= 1280 and 32 <= wide <= 1280
    if 0.5 <= height / width <= 2:
        assert 0.8 < (high / wide) / (height / width) < 1.25
        assert 0.8 < high * wide / 320**2 < 1.25


def test_the_boundary_of_a_mask_is_one_half() -> None:
    logits = np.array([[-3.0, 3.0]], np.float32)
    found = probability_map(logits, 4, 8)
    assert found.shape == (4, 8) and found.dtype == np.float32
    assert (found[:, :4] < 0.5).all() and (found[:, 4:] > 0.5).all()
    assert np.isfinite(probability_map(np.array([[-1e9, 1e9]]), 2, 2)).all()


def test_photos_are_read_from_black_to_white() -> None:
    made = image_input(np.array([[[0, 255, 127]]], np.uint8))
    assert made.shape == (3, 1, 1) and made.dtype == np.float32
    np.testing.assert_allclose(made.ravel(), [-1, 1, 0], atol=0.005)


def test_boxes_are_compared_where_there_is_a_thing() -> None:
    wanted = torch.tensor([0.2, 0.2, 0.6, 0.6, -2.0, 1.0]).view(1, 6, 1, 1).repeat(1, 1, 1, 2)
    wanted[..., 1] = 0  # nothing there: anything is right
    boxes = wanted[:, :5].clone()
    boxes[..., 1] = torch.tensor([0.0, 0.0, 1.0, 1.0, -1.0])[None, :, None]
    assert float(boxes_loss(boxes, wanted)) == pytest.approx(0, abs=1e-6)
    half = boxes.clone()
    half[:, 2, :, 0] = 0.4  # IoU .5, and the hull is the union
    assert float(boxes_loss(half, wanted)) == pytest.approx(0.5, abs=1e-6)
    apart = boxes.clone()
    apart[:, [0, 2], :, 0] += 0.8  # IoU 0: further away is worse
    far = apart.clone()
    far[:, [0, 2], :, 0] += 0.8
    assert 1 < float(boxes_loss(apart, wanted)) < float(boxes_loss(far, wanted)) < 2
    smaller = boxes.clone()
    smaller[:, 4, :, 0] -= 1
    assert float(boxes_loss(smaller, wanted)) == pytest.approx(0.1, abs=1e-6)
    assert float(boxes_loss(boxes, torch.zeros_like(wanted))) == 0

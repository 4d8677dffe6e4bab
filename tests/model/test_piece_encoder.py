from __future__ import annotations

from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from lbie.language.colour_numbers import MOST_COLOURS, sketch_vocabulary
from lbie.language.vocabulary import FIRST_COLOUR
from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.model.piece_batch import AREA, BOTTOM, LEFT, PLACES, RIGHT, THERE, TOP, PieceBatch, X, Y
from lbie.model.piece_facts import beside as lies_beside
from lbie.tasks.shapes import guidance_loss
from lbie.tasks.sketch import SketchBatch, sketch_loss
from sketchers import SKETCHER


def build(**values: Any) -> EditingModel:
    torch.manual_seed(1)
    model = EditingModel(ModelConfig(**SKETCHER | values), sketch_vocabulary(["the circle is on the left ."]))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
    for weights in (model.fusion.sentence_fact, model.fusion.lookup_fact):
        nn.init.normal_(weights[-1].weight, std=0.1)
    return model.eval()


def drawings(counts: tuple[int, ...] = (3, 5)) -> PieceBatch:
    chance = torch.Generator().manual_seed(2)
    crops = torch.rand(len(counts), max(counts), 2, 24, 24, generator=chance)
    places = torch.zeros(len(counts), max(counts), PLACES)
    for i, count in enumerate(counts):
        low = torch.rand(count, 2, generator=chance) * 0.8
        high = low + 0.05 + 0.1 * torch.rand(count, 2, generator=chance)
        places[i, :count, [LEFT, TOP]], places[i, :count, [RIGHT, BOTTOM]] = low, high
        places[i, :count, [X, Y]] = (low + high) / 2
        places[i, :count, AREA] = (high - low).log().sum(1)
        places[i, :count, THERE] = 1
    return PieceBatch(crops, places)


IDS = torch.tensor(
    [
        [[18, 19, FIRST_COLOUR, 0], [18, 20, FIRST_COLOUR + 3, 21]],
        [[19, FIRST_COLOUR + 5, 0, 0], [0, 0, 0, 0]],
    ]
)


def one(batch: PieceBatch, row: int) -> PieceBatch:
    count = int(batch.there[row].sum())
    return PieceBatch(batch.crops[row : row + 1, :count], batch.places[row : row + 1, :count])


@torch.no_grad()
def test_drawings_together_are_as_one_by_one() -> None:
    model, batch = build(), drawings()
    together = model(batch, IDS)
    assert together.output.shape == (2, MOST_COLOURS + 1, 1, 5)
    for row, sentences in enumerate((2, 1)):
        alone = model(one(batch, row), IDS[row : row + 1, :sentences])
        count = alone.output.shape[-1]
        torch.testing.assert_close(together.output[row, ..., :count], alone.output[0], atol=1e-5, rtol=0)
        assert torch.equal(together.trace.stop_step[row, :, :count], alone.trace.stop_step[0])


@torch.no_grad()
def test_the_order_of_pieces_does_not_matter() -> None:
    model, batch = build(), one(drawings(), 1)
    order = torch.tensor([3, 0, 4, 1, 2])
    moved = PieceBatch(batch.crops[:, order], batch.places[:, order])
    plain, other = model(batch, IDS[:1]).output, model(moved, IDS[:1]).output
    torch.testing.assert_close(plain[..., order], other, atol=1e-5, rtol=0)


@torch.no_grad()
def test_only_colours_that_are_mentioned_are_given() -> None:
    out = build()(drawings(), IDS).output
    floor = out.amin((1, 2, 3))
    for row, mentioned in enumerate(({0, 3}, {5})):
        for colour in range(MOST_COLOURS):
            assert bool((out[row, colour] > floor[row]).any()) == (colour in mentioned)


@torch.no_grad()
def test_a_second_mention_adds_to_the_first() -> None:
    """A colour's probability is the sum of those of its mentions, so numbers can change places."""
    model, batch = build(), drawings()
    swapped = IDS.clone()
    swapped[IDS == FIRST_COLOUR + 3], swapped[IDS == FIRST_COLOUR] = FIRST_COLOUR, FIRST_COLOUR + 3
    model.language_encoder.embedding.weight[FIRST_COLOUR : FIRST_COLOUR + MOST_COLOURS] = 0.5
    plain, other = model(batch, IDS).output, model(batch, swapped).output
    torch.testing.assert_close(plain[:, [0, 3]], other[:, [3, 0]], atol=1e-5, rtol=0)


@torch.no_grad()
def test_a_fact_that_counts_tells_whom_a_sentence_means() -> None:
    """The first from the left, of anything: a count of 0 to the left, after kinds, in the last of three groups."""
    model, batch = build(), one(drawings(), 1)
    kinds, ranks = SKETCHER["categories"], 28
    last = model.fusion.sentence_fact[-1]
    last.weight.zero_()
    last.bias.zero_()
    last.bias[kinds + 2 * ranks + 4] = 50
    attention = model(batch, IDS[:1], with_attention=True).trace.attention
    assert attention is not None
    meant = attention[0, 0].sum(0).flatten()  # (K,)
    assert int(meant.argmax()) == int(batch.places[0, :, X].argmin())
    assert float(meant.max()) > 0.99


@torch.no_grad()
def test_gates_forced_open_run_all_steps() -> None:
    model, batch = build(), drawings()
    nn.init.constant_(model.fusion.gate.bias, -1e6)
    free, forced = model(batch, IDS), model(batch, IDS, force_steps=3)
    assert (free.trace.stop_step == 3).all()
    torch.testing.assert_close(free.output, forced.output)


def sketch_batch() -> SketchBatch:
    colour, kind, told, source = (torch.full((2, 1, 5), -1) for _ in range(4))
    colour[0, 0, :3], kind[0, 0, :3], told[0, 0, :3] = (
        torch.tensor([0, 3, MOST_COLOURS]),
        torch.tensor([9, 1, 0]),
        torch.tensor([0, 1, 2]),
    )
    colour[1, 0], told[1, 0] = torch.tensor([5, 5, MOST_COLOURS, 5, 5]), torch.tensor([0, 0, 2, 0, 0])
    source[1, 0, 1] = 0
    return SketchBatch(drawings(), IDS, colour, kind, told, source)


def test_everything_gets_a_gradient() -> None:
    model, batch = build().train(), sketch_batch()
    out = model(batch.image, batch.ids)
    assert out.readout is not None and out.readout.shape == (2, 3, MOST_COLOURS + 1, 1, 5)
    loss = sketch_loss(out, batch, 0.02) + guidance_loss(out, batch.told_by, batch.source)
    assert torch.isfinite(loss)
    loss.backward()
    for name, parameter in model.named_parameters():
        if not name.startswith("domain"):
            assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name


@torch.no_grad()
def test_what_is_no_piece_does_not_count() -> None:
    model, batch = build().train(), sketch_batch()
    torch.manual_seed(0)
    out = model(batch.image, batch.ids)
    loss = sketch_loss(out, batch, 0.02)
    out.output[0, :, :, 3:] = 7
    out.readout[0, ..., 3:] = 7  # type: ignore[index]
    assert float(sketch_loss(out, batch, 0.02)) == pytest.approx(float(loss), abs=1e-5)


def beside(points: list[tuple[float, float]], alike: Tensor) -> Tensor:
    places = torch.zeros(1, len(points), PLACES)
    for i, (x, y) in enumerate(points):
        places[0, i, [LEFT, TOP, RIGHT, BOTTOM, X, Y, THERE]] = torch.tensor(
            [x - 0.05, y - 0.05, x + 0.05, y + 0.05, x, y, 1.0]
        )
    return lies_beside(places, [alike, torch.ones_like(alike)])[0]


def test_the_nearest_of_a_kind_and_of_all_beside_a_piece() -> None:
    """0 at the left, then 1 of another kind, then 2 of the kind of 0; 3 below 0."""
    alike = torch.eye(4)[None]
    alike[0, 0, 2] = alike[0, 2, 0] = 1
    found = beside([(0.1, 0.2), (0.4, 0.2), (0.7, 0.2), (0.1, 0.6)], alike)
    above, below, left, right = range(4)
    assert found[4 + right, :, 0].tolist() == [0, 1, 0, 0], "of all, 1 is the nearest to the right of 0"
    assert found[right, :, 0].tolist() == [0, 1, 1, 0], "of each kind the nearest"
    assert found[4 + left, :, 2].tolist() == [0, 1, 0, 0]
    assert found[4 + below, :, 0].tolist() == [0, 0, 0, 1] and found[4 + above, :, 3].tolist() == [1, 0, 0, 0]
    assert not found[:, :, 1][4 + below].any()


def test_facts_are_of_pieces_that_look_each_other_up() -> None:
    with pytest.raises(ValidationError, match="facts are known of pieces"):
        ModelConfig(**SKETCHER | {"lookup": False})


@pytest.mark.parametrize(
    "values", [{"colours": 0}, {"image_encoder": ImageEncoderConfig(channels=(8, 16)), "colours": 3}]
)
def test_pieces_and_a_pointer_go_together(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="pointer"):
        ModelConfig(**SKETCHER | values)

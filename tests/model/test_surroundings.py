from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from lbie.model.config import ImageEncoderConfig, ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.model.instances import Instances
from lbie.model.ranks import ranks
from lbie.model.surroundings import Surroundings

Build = Callable[..., EditingModel]
ALL: dict[str, Any] = {"coordinates": True, "categories": 5, "relations": 1, "presence": True, "estimator": "posterior"}
OPTIONS = [
    {"coordinates": True},
    {"categories": 5},
    {"relations": 2},
    {"presence": True},
    ALL,
    ALL | {"lookup": True, "context": 3, "normalise": True, "mirror": False},
    ALL | {"instances": True},
]
OF = torch.tensor([2, 0, 0, 1, 2])


@pytest.fixture
def five(ids: Tensor) -> Tensor:
    """Sentences of the images `OF`."""
    return ids[[0, 1, 2, 0, 1]]


@pytest.mark.parametrize("options", OPTIONS)
@torch.no_grad()
def test_phrases_of_one_image_are_as_one_by_one(
    options: dict[str, Any], build: Build, images: Tensor, five: Tensor
) -> None:
    model = build(**options)
    together = model(images, five, image_of=OF)
    assert together.output.shape[0] == 5
    for row, image in enumerate(OF.tolist()):
        words = five[row : row + 1, : int((five[row] != 0).sum())]
        one = model(images[image : image + 1], words)
        torch.testing.assert_close(together.output[row], one.output[0], atol=1e-5, rtol=0)
        assert torch.equal(together.trace.stop_step[row], one.trace.stop_step[0])
        if model.presence is not None:
            assert together.presence.shape == (5,)
            torch.testing.assert_close(together.presence[row], one.presence[0], atol=1e-5, rtol=0)
        if model.config.instances:
            torch.testing.assert_close(together.boxes[image], one.boxes[0], atol=1e-5, rtol=0)
        if model.config.categories:
            assert together.categories.shape[:2] == (3, 5)  # a row an image
            torch.testing.assert_close(together.categories[image], one.categories[0], atol=1e-5, rtol=0)


@pytest.mark.parametrize("options", OPTIONS)
@torch.no_grad()
def test_an_image_repeated_is_an_image_chosen(options: dict[str, Any], build: Build, images: Tensor) -> None:
    model = build(**options)
    features = model.encode_image(images[:1])
    language = model.encode_sentence(torch.tensor([[2, 3], [7, 4]]))
    repeated = model.fuse_and_decode(features.repeat(2), language)
    chosen = model.fuse_and_decode(features.select(torch.tensor([0, 0])), language)
    assert torch.equal(repeated.output, chosen.output)


@torch.no_grad()
def test_gates_forced_open_run_all_steps(build: Build, images: Tensor, five: Tensor) -> None:
    model = build(**ALL)
    nn.init.constant_(model.fusion.gate.bias, -1e6)
    free, forced = model(images, five, image_of=OF), model(images, five, image_of=OF, force_steps=4)
    assert (free.trace.stop_step == 4).all()
    torch.testing.assert_close(free.output, forced.output)


def test_everything_new_gets_a_gradient(build: Build, images: Tensor, five: Tensor) -> None:
    model = build(**ALL, instances=True).train()
    for parameter in model.surroundings.instances.tell.parameters():
        nn.init.normal_(parameter, std=0.1)
    out = model(images, five, image_of=OF)
    losses = (out.output.square().mean(), out.presence.mean(), out.categories.square().mean(), out.boxes.mean())
    torch.stack(losses).sum().backward()
    for part in (model.surroundings, model.presence):
        for name, parameter in part.named_parameters():
            assert parameter.grad is not None and parameter.grad.any(), name


@torch.no_grad()
def test_instances_begin_by_saying_nothing() -> None:
    made = Instances(ModelConfig(width=8, categories=3, instances=True)).eval()
    regions = torch.randn(2, 8, 4, 6)
    told, boxes = made(regions, torch.randn(2, 3, 4, 6))
    assert torch.equal(told, regions)
    left, top, right, bottom, area = boxes.unbind(1)
    centre_x, centre_y = (torch.arange(6) + 0.5) / 6, (torch.arange(4) + 0.5)[:, None] / 4
    assert ((left < centre_x) & (centre_x < right) & (top < centre_y) & (centre_y < bottom)).all()
    assert (area <= 0).all()


@torch.no_grad()
def test_things_are_counted_from_each_side() -> None:
    """Three alike things from left to right, growing, and one of another kind between them."""
    x = torch.tensor([[0.1, 0.5, 0.9, 0.3]])
    centre = torch.stack([x, torch.full_like(x, 0.5)], 1)
    alike = torch.ones(1, 4, 4)
    alike[0, 3, :3] = alike[0, :3, 3] = 0
    told = ranks(centre, torch.full((1, 2, 4), 0.1), torch.tensor([[-5.0, -4.0, -3.0, -9.0]]), alike, 0.001)
    closest = told.unflatten(1, (7, 4)).argmax(2)[0]  # (7, 4): the number that each count is closest to
    wanted = [[3, 3, 3, 1], [0, 1, 2, 0], [2, 1, 0, 0], [0] * 4, [0] * 4, [2, 1, 0, 0], [0, 1, 2, 0]]
    assert closest.tolist() == wanted


@torch.no_grad()
def test_without_coordinates_equal_regions_stay_equal() -> None:
    regions = torch.randn(1, 8, 1, 1).expand(1, 8, 4, 6)
    for coordinates in (False, True):
        made = Surroundings(ModelConfig(width=8, coordinates=coordinates, categories=3, relations=1)).eval()
        known, kinds, boxes = made(regions)
        assert boxes is None
        assert kinds.shape == (1, 3, 4, 6)
        assert (known.std((2, 3)).max() > 1e-3) == coordinates


@pytest.mark.parametrize("stride", [8, 16])
@torch.no_grad()
def test_regions_of_the_backbone(stride: int, build: Build) -> None:
    encoder = ImageEncoderConfig(kind="efficientnet_lite0", region_stride=stride)
    model = build(image_encoder=encoder, in_channels=3, out_channels=1, decoder_channels=(8, 8), **ALL)
    out = model(torch.zeros(1, 3, 64, 96), torch.tensor([[2, 3]]))
    assert out.trace.stop_step.shape == (1, 64 // stride, 96 // stride)
    assert out.output.shape == (1, 1, 64 * 4 // stride, 96 * 4 // stride)
    assert out.categories.shape == (1, 5, 64 // stride, 96 // stride)
    assert model.config.stride == stride


@pytest.mark.parametrize(
    "values",
    [
        {"categories": 1},
        {"categories": -1},
        {"relations": 9},
        {"instances": True},
        {"relations": 1, "width": 6},
        {"image_encoder": {"kind": "plain", "region_stride": 16}},
        {"image_encoder": {"kind": "efficientnet_lite0", "region_stride": 4}},
    ],
)
def test_options_that_cannot_be_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ModelConfig(**values)

"""Colour hints in the network."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from lbie import InputError


@pytest.fixture
def model(build: Any) -> Any:
    return build(hints=True, matte=True)


@pytest.fixture
def hints() -> Tensor:
    """One hint on the first image, none on the second, two on the third; regions are 8 x 16."""
    found = torch.zeros(3, 3, 8, 16)
    found[0, :, 2, 3] = torch.tensor([0.6, -0.2, 1])
    found[2, :, 1, 1] = torch.tensor([-0.4, 0.5, 1])
    found[2, :, 7, 15] = torch.tensor([0.0, 0.5, 1])
    return found


@torch.no_grad()
def test_hints_change_the_images_that_have_them(model: Any, images: Tensor, ids: Tensor, hints: Tensor) -> None:
    plain, told = model(images, ids), model(images, ids, hints)
    change = (plain.output - told.output).abs().amax((1, 2, 3))
    assert change[0] > 1e-3 and change[2] > 1e-3 and change[1] < 1e-6
    assert not torch.allclose(plain.behind[0], told.behind[0], atol=1e-4), "the background reads hints too"
    other = hints.clone()
    other[0, :2] *= -1
    assert not torch.allclose(model(images, ids, other).output[0], told.output[0], atol=1e-4)


@torch.no_grad()
def test_attention_to_nothing_keeps_the_regions(model: Any, images: Tensor, ids: Tensor, hints: Tensor) -> None:
    torch.nn.init.constant_(model.hint_encoder.nothing, 100)
    torch.testing.assert_close(model(images, ids, hints).output, model(images, ids).output)


@torch.no_grad()
def test_a_hint_reaches_what_is_near(model: Any, images: Tensor, hints: Tensor) -> None:
    for part in (model.hint_encoder.query, model.hint_encoder.key):
        torch.nn.init.zeros_(part.weight)
    torch.nn.init.constant_(model.hint_encoder.nearness, 30)
    features = model.encode_image(images)
    change = (model.add_hints(features, hints).start.state - features.start.state).norm(dim=-1).view(3, 8, 16)
    assert change[0].argmax() == 2 * 16 + 3 and change[0, 7, 15] < 1e-3 * change[0, 2, 3]


@torch.no_grad()
def test_hints_are_added_to_an_encoded_image(model: Any, images: Tensor, ids: Tensor, hints: Tensor) -> None:
    features = model.encode_image(images)
    for one in (hints, hints.roll(1, 0), hints):  # always from the image itself, not from the hints before
        out = model.fuse_and_decode(model.add_hints(features, one), model.encode_sentence(ids))
        torch.testing.assert_close(out.output, model(images, ids, one).output)


def test_a_model_without_hints_refuses_them(build: Any, images: Tensor, hints: Tensor) -> None:
    plain = build()
    with pytest.raises(InputError, match="takes no colour hints"):
        plain.add_hints(plain.encode_image(images), hints)


def test_every_part_learns(model: Any, images: Tensor, ids: Tensor, hints: Tensor) -> None:
    model.train()(images, ids, hints).output.square().sum().backward()
    for name, parameter in model.hint_encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name

"""Background and matte: what no sentence changes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from lbie.tasks.colorize import colorize_loss, matte_loss

KINDS = [{"mirror": False}, {"mirror": True}, {"context": 3}]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@torch.no_grad()
def test_sentences_change_only_what_the_matte_shows(kind: dict[str, Any], build: Any, images: Tensor, ids: Tensor):
    model = build(matte=True, **kind)
    one, two = model(images, ids), model(images, ids.roll(1, 0))
    assert torch.equal(one.matte, two.matte) and one.matte.shape == (3, 1, *one.output.shape[2:])
    assert not torch.allclose(one.output, two.output, atol=1e-4)
    behind = one.behind[:, :-1]
    foreground = behind + (one.output - behind) / one.matte
    torch.testing.assert_close(torch.lerp(behind, foreground, one.matte), one.output)
    torch.nn.init.constant_(model.backdrop.decoder.out.bias, -40)
    closed = model(images, ids)
    torch.testing.assert_close(closed.output, model(images, ids.roll(1, 0)).output, atol=1e-6, rtol=0)
    torch.testing.assert_close(closed.output, closed.behind[:, :-1], atol=1e-6, rtol=0)


@torch.no_grad()
def test_gain_and_bias_sharpen_the_matte_at_inference_only(build: Any, images: Tensor, ids: Tensor):
    soft, sharp = build(matte=True), build(matte=True, matte_gain=4.0, matte_bias=-0.5)
    torch.testing.assert_close(sharp(images, ids).matte, torch.sigmoid(4 * (soft(images, ids).behind[:, -1:] - 0.5)))
    sharp.train()
    out = sharp(images, ids)
    torch.testing.assert_close(out.matte, torch.sigmoid(out.behind[:, -1:]))


@torch.no_grad()
def test_one_image_repeated_is_a_batch_of_it(build: Any, images: Tensor, ids: Tensor):
    model = build(matte=True, hints=True)
    features = model.encode_image(images[:1]).repeat(3)
    expected = model(images[:1].expand(3, -1, -1, -1), ids).output
    torch.testing.assert_close(model.fuse_and_decode(features, model.encode_sentence(ids)).output, expected)


def test_the_matte_learns_where_flowers_are_known(build: Any, images: Tensor, ids: Tensor):
    model = build(matte=True).train()
    out = model(images, ids)
    flowers = torch.zeros(3, 1, *out.output.shape[2:])
    flowers[:, :, :8] = 1
    flowers[0] = -1
    whole = matte_loss(out, flowers)
    logit = out.behind[1:, -1:]
    by_hand = torch.where(
        flowers[1:] > 0, -torch.nn.functional.logsigmoid(logit), -torch.nn.functional.logsigmoid(-logit)
    )
    torch.testing.assert_close(whole, by_hand.mean())
    assert matte_loss(out, torch.full_like(flowers, -1)).item() == 0
    (whole + colorize_loss(out, torch.rand_like(out.output), 0.5)).backward()
    for name, parameter in model.backdrop.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), name

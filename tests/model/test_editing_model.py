from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lbie.model.config import ImageEncoderConfig
from lbie.tasks.colorize import LAPLACE_SCALE, colorize_loss

LITE = {"image_encoder": ImageEncoderConfig(kind="efficientnet_lite0"), "decoder_channels": (8, 8)}
KINDS = [
    pytest.param(encoder | {"context": context, "attention": attention}, id=f"{name}-{context}-{attention}")
    for name, encoder in (("plain", {}), ("lite", LITE))
    for context, attention in ((0, True), (3, True), (0, False))
]


def stride(kind: dict[str, Any]) -> int:
    return 8 if "image_encoder" in kind else 4


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_shapes(kind: dict[str, Any], build: Any, images: Tensor, ids: Tensor) -> None:
    model = build(**kind)
    regions = 32 // stride(kind), 64 // stride(kind)
    scale = 2 ** len(model.config.decoder_channels)
    out = model(images, ids, with_attention=True)
    assert out.output.shape == (3, 2, regions[0] * scale, regions[1] * scale)
    assert out.trace.state.shape == (3, 16, *regions) and out.trace.stop_step.shape == (3, *regions)
    assert out.trace.attention.shape == (3, 4, 5, *regions)
    features = model.encode_image(images)
    assert features.pooled.shape == (3, model.image_encoder.pooled_channels)
    assert model.image_encoder.stride == stride(kind)


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_batched_is_single(kind: dict[str, Any], build: Any, images: Tensor, ids: Tensor) -> None:
    model = build(**kind)
    whole = model(images, ids)
    for i, count in enumerate((ids != 0).sum(1).tolist()):
        one = model(images[i : i + 1], ids[i : i + 1, :count])
        torch.testing.assert_close(whole.output[i], one.output[0], atol=1e-5, rtol=0)
        assert torch.equal(whole.trace.stop_step[i], one.trace.stop_step[0])


@torch.no_grad()
def test_an_image_is_encoded_once_for_many_sentences(build: Any, images: Tensor, ids: Tensor) -> None:
    model = build(context=3)
    features = model.encode_image(images)
    for sentences in (ids, ids.roll(1, 0), ids):
        words = model.encode_sentence(sentences)
        out = model.fuse_and_decode(features, words)
        assert torch.equal(out.output, model(images, sentences).output)


@torch.no_grad()
def test_the_sentence_matters_unless_it_is_ignored(build: Any, images: Tensor, ids: Tensor) -> None:
    other = ids.roll(1, 0)
    hears, deaf = build(), build(ignore_sentence=True)
    assert not torch.allclose(hears(images, ids).output, hears(images, other).output, atol=1e-4)
    assert torch.equal(deaf(images, ids).output, deaf(images, other).output)


@torch.no_grad()
def test_steps_are_a_limit_at_run_time(build: Any, images: Tensor, ids: Tensor) -> None:
    model = build()
    torch.nn.init.constant_(model.fusion.gate.bias, -1e6)
    for steps in (1, 2, 9):
        out = model(images, ids, max_steps=steps, with_attention=True)
        assert (out.trace.stop_step == steps).all() and out.trace.attention.shape[1] == steps
    assert (model(images, ids).trace.stop_step == 4).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("estimator", ["gumbel", "marginal", "posterior"])
def test_every_part_learns(kind: dict[str, Any], estimator: str, build: Any, images: Tensor, ids: Tensor) -> None:
    model = build(estimator=estimator, **kind).train()
    out = model(images, ids)
    assert (out.readout is None) == (estimator == "gumbel")
    target = torch.randn(out.output.shape, generator=torch.Generator().manual_seed(0))
    (colorize_loss(out, target, 0.5) + 1e-3 * out.trace.expected_steps()).backward()
    silent = {"domain.weight", "domain.bias"}
    if not kind["attention"]:
        silent |= {f"fusion.{n}.{p}" for n in ("query", "key") for p in ("weight", "bias")}
        silent |= {n for n, _ in model.named_parameters() if n.startswith("fusion.context")}
    for name, parameter in model.named_parameters():
        if name in silent:
            assert parameter.grad is None or not parameter.grad.any(), name
        else:
            assert parameter.grad is not None and parameter.grad.isfinite().all(), name
            assert parameter.grad.any() or name == "fusion.key.bias", name


def test_marginal_loss_by_hand(build: Any, images: Tensor, ids: Tensor) -> None:
    """The readout of each step against the mean colour of a region of 2 x 2 pixels, beside the L1 of the output."""
    model = build(estimator="marginal").train()
    with torch.no_grad():
        out = model(images, ids)
    target = torch.rand(3, 2, *out.output.shape[-2:], generator=torch.Generator().manual_seed(0)) * 0.6 - 0.3
    weight = (1 + 0.5 * (100 * target.norm(dim=1) / 50).clamp(max=2)).numpy()
    pixels = float(((out.output - target).abs().mean(1) * torch.from_numpy(weight)).mean())
    total, places = 0.0, 0
    for b in range(3):
        for y in range(out.trace.log_stop.shape[2]):
            for x in range(out.trace.log_stop.shape[3]):
                window = np.s_[2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
                truth = target[b][:, window[0], window[1]].mean((1, 2))
                likelihood = 0.0
                for t in range(4):
                    error = float((out.readout[b, t, :, y, x] - truth).abs().mean() * weight[b][window].mean())
                    likelihood += math.exp(float(out.trace.log_stop[b, t, y, x]) - error / LAPLACE_SCALE)
                total, places = total - LAPLACE_SCALE * math.log(likelihood), places + 1
    assert float(colorize_loss(out, target, 0.5)) == pytest.approx(pixels + total / places, rel=1e-4)


def test_gumbel_loss_by_hand(build: Any, images: Tensor, ids: Tensor) -> None:
    with torch.no_grad():
        out = build().train()(images, ids)
    target = torch.full_like(out.output, 0.3)
    weight = 1 + 0.5 * math.hypot(30, 30) / 50
    assert float(colorize_loss(out, target, 0.5)) == pytest.approx(
        float((out.output - 0.3).abs().mean()) * weight, rel=1e-5
    )


def test_word_dropout_acts_in_training_only(build: Any, ids: Tensor) -> None:
    model = build(word_dropout=1.0)
    unknown = torch.where(ids != 0, 1, 0)
    kept, replaced = model.encode_sentence(ids).words, model.encode_sentence(unknown).words
    assert not torch.allclose(kept, replaced)
    dropped = model.train().encode_sentence(ids)
    torch.testing.assert_close(dropped.words, replaced)
    assert torch.equal(dropped.mask, ids != 0)


@torch.no_grad()
def test_the_mirrored_pass_makes_mirrored_features_of_a_mirrored_image(build: Any, images: Tensor) -> None:
    for mirror in (True, False):
        model = build(mirror=mirror)
        plain, mirrored = model.encode_image(images), model.encode_image(images.flip(3))
        height, width = plain.start.size
        back = mirrored.start.state.unflatten(1, (height, width)).flip(2).flatten(1, 2)
        assert torch.allclose(plain.start.state, back, atol=1e-5) == mirror
        assert torch.allclose(plain.pooled, mirrored.pooled, atol=1e-5) == mirror

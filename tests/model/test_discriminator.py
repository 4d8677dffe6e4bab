from __future__ import annotations

import torch
from torch import Tensor

from lbie.model.discriminator import Discriminator


def made() -> tuple[Discriminator, Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    ids = torch.tensor([[2, 3, 4, 0], [5, 6, 0, 0], [7, 0, 0, 0]])
    return Discriminator(8, 8, 20).eval(), torch.rand(3, 1, 32, 48) * 2 - 1, torch.randn(3, 2, 16, 24), ids


@torch.no_grad()
def test_a_logit_for_each_patch() -> None:
    judge, *inputs = made()
    assert judge(*inputs).shape == (3, 4, 6)


@torch.no_grad()
def test_batched_is_single_and_padding_is_nothing() -> None:
    judge, lightness, ab, ids = made()
    whole = judge(lightness, ab, ids)
    for i, count in enumerate((3, 2, 1)):
        alone = judge(lightness[i : i + 1], ab[i : i + 1], ids[i : i + 1, :count])
        torch.testing.assert_close(whole[i : i + 1], alone, atol=1e-5, rtol=0)


@torch.no_grad()
def test_it_sees_colours_lightness_and_words() -> None:
    judge, lightness, ab, ids = made()
    before = judge(lightness, ab, ids)
    for changed in ((-lightness, ab, ids), (lightness, -ab, ids), (lightness, ab, ids.clamp(max=1))):
        assert not torch.allclose(judge(*changed), before)


def test_it_learns_that_colours_go_with_words() -> None:
    """Word 2 says red, word 3 blue: after a few steps a photo in the wrong colour is told from one in the right."""
    torch.manual_seed(0)
    judge = Discriminator(16, 16, 5).train()
    optimizer = torch.optim.Adam(judge.parameters(), 3e-3, betas=(0.0, 0.99))
    lightness = torch.zeros(16, 1, 16, 16)
    for _ in range(60):
        red = torch.rand(16) < 0.5
        ab = torch.where(red, 0.6, -0.6).view(-1, 1, 1, 1).expand(-1, 2, 16, 16) + torch.randn(16, 2, 16, 16) * 0.1
        ids = torch.where(red, 2, 3)[:, None]
        right, wrong = judge(lightness, ab, ids), judge(lightness, ab, 5 - ids)
        optimizer.zero_grad()
        (torch.relu(1 - right).mean() + torch.relu(1 + wrong).mean()).backward()
        optimizer.step()
    assert (right.mean((1, 2)) > wrong.mean((1, 2))).float().mean() > 0.9

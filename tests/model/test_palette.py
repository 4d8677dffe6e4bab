"""The palette: what words tell, laid where the parts are."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lbie.language.vocabulary import Vocabulary
from lbie.model.config import ModelConfig
from lbie.model.editing_model import EditingModel
from lbie.model.language_encoder import Language
from lbie.model.palette import HEART, PARTS, PETALS, TIPS, Palette, Told
from lbie.tasks.colorize import palette_loss

CONFIG = ModelConfig(width=16, embedding=8, working_size=32, matte=True, palette=True)


def _places(*parts: int) -> torch.Tensor:
    """Sure logits of the parts, a pixel each: (1, PARTS, 1, len(parts))."""
    return 100.0 * torch.nn.functional.one_hot(torch.tensor(parts), PARTS).float().T[None, :, None]


def test_parts_get_their_colours_and_untold_ones_none() -> None:
    colour = torch.tensor([[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]])
    places = _places(PETALS, HEART, TIPS)
    every = Palette(CONFIG).paint(Told(colour, torch.full((1, PARTS), 100.0)), places)
    assert torch.allclose(every[0, :, 0].T, colour[0])
    petals = Palette(CONFIG).paint(Told(colour, torch.tensor([[100.0, -100.0, -100.0]])), places)
    assert torch.allclose(petals[0, :, 0].T, torch.stack([colour[0, 0], torch.zeros(2), colour[0, 0]]))


def test_hearts_are_sharper_and_larger_at_inference_only() -> None:
    palette = Palette(replace(CONFIG, part_gain=2.0, heart_bias=1.5))
    told = Told(torch.eye(3)[None, :, :2], torch.tensor([[100.0, 100.0, -100.0]]))
    even = torch.zeros(1, PARTS, 1, 1)
    heart = palette.train().paint(told, even)[0, HEART, 0, 0], palette.eval().paint(told, even)[0, HEART, 0, 0]
    assert heart[0].item() == pytest.approx(1 / 3) and heart[1].item() > 0.85
    sure = palette.paint(told, _places(PETALS))
    assert sure[0, PETALS, 0, 0].item() == pytest.approx(1)
    untold = palette.paint(Told(told.colour, torch.tensor([[100.0, -100.0, -100.0]])), even)
    assert untold[0, PETALS, 0, 0].item() == pytest.approx(2 / 3)  # the tips' third is petals too, the heart's is not


def test_told_colours_are_more_vivid_at_inference_the_more_so_the_further_from_gray() -> None:
    palette = Palette(replace(CONFIG, vividness=0.1))
    told = Told(torch.tensor([[[1.0, 0.0], [0.0, 0.5], [0.0, 0.0]]]), torch.full((1, PARTS), 100.0))
    places = _places(PETALS, HEART)
    assert torch.allclose(palette.train().paint(told, places)[0, :, 0].T, told.colour[0, :2])
    vivid = palette.eval().paint(told, places)[0, :, 0].T
    assert torch.allclose(vivid, torch.tensor([[1.1, 0.0], [0.0, 0.525]]))


def test_padding_changes_nothing() -> None:
    palette, words = Palette(CONFIG), torch.randn(1, 3, 16)
    mask = torch.ones(1, 3, dtype=torch.bool)
    alone = palette(Language(words, mask))
    wide = torch.cat([words, torch.zeros(1, 2, 16)], 1), torch.cat([mask, torch.zeros(1, 2, dtype=torch.bool)], 1)
    padded = palette(Language(*wide))
    assert torch.allclose(alone.colour, padded.colour, atol=1e-6) and torch.allclose(alone.logit, padded.logit)


def test_words_alone_decide_what_is_told_and_the_image_alone_where() -> None:
    torch.manual_seed(0)
    model = EditingModel(CONFIG, Vocabulary.build(["red blue flower"], 1)).eval()
    image, ids = torch.rand(2, 1, 32, 32) * 2 - 1, torch.tensor([[2, 3], [2, 3]])
    with torch.inference_mode():
        out = model(image, ids)
        other = model(image, ids.flip(1))
    assert out.told is not None and out.behind is not None and other.behind is not None
    assert torch.equal(out.told.colour[0], out.told.colour[1])
    assert torch.equal(out.behind, other.behind) and out.behind.shape[1] == 2 + PARTS + 1
    assert out.painted is not None and out.painted.shape == out.output.shape


def test_the_loss_teaches_places_and_colours() -> None:
    torch.manual_seed(0)
    model = EditingModel(CONFIG, Vocabulary.build(["red blue flower"], 1)).train()
    image, ids = torch.rand(2, 1, 32, 32) * 2 - 1, torch.tensor([[2, 3], [3, 4]])
    out = model(image, ids)
    parts = torch.full((2, *out.output.shape[2:]), -1)
    where, colours = palette_loss(out, torch.zeros_like(out.output), parts)
    assert where.item() == 0 and colours.item() == 0
    parts[:, 4:8, 4:8] = HEART
    where, colours = palette_loss(out, torch.ones_like(out.output), parts)
    (where + colours).backward()
    assert model.palette is not None and model.palette.colour.weight.grad is not None
    assert model.palette.colour.weight.grad.abs().sum() > 0 and where.item() > 0


def test_a_palette_needs_a_matte() -> None:
    with pytest.raises(ValueError, match="needs matte"):
        ModelConfig(palette=True)

"""What one would use instead of a model of lbie; weights are random, since only the time is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from lbie.bench.rounds import Work
from lbie.model.editing_model import EditingModel
from lbie.registry import resolve_model

CLIPSEG_SIDE, UNET_SIDE = 352, 256
"""Pixels at which they look at an image, as published."""
_PROMPT = (49406, 320, 2368, 525, 518, 1823, 49407)  # six words or so, between the marks of beginning and end


def clipseg() -> nn.Module:
    """CLIPSeg (Lüddecke and Ecker 2022) in the size of the published `clipseg-rd64-refined`."""
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation

    config = CLIPSegConfig(vision_config={"patch_size": 16}, reduce_dim=64, use_complex_transposed_convolution=True)
    return CLIPSegForImageSegmentation(config).eval()


def clipseg_forward(network: nn.Module) -> Work:
    """One image, one phrase."""
    words = torch.tensor([_PROMPT])
    given = {"input_ids": words, "attention_mask": torch.ones_like(words)}
    return _forward(network, lambda: network(pixel_values=torch.zeros(1, 3, CLIPSEG_SIDE, CLIPSEG_SIDE), **given))


def unet_forward(network: nn.Module) -> Work:
    """One lightness to one chroma."""
    return _forward(network, lambda: network(torch.zeros(1, 1, UNET_SIDE, UNET_SIDE)))


def _forward(network: nn.Module, call: Callable[[], object]) -> Work:
    def work() -> object:
        with torch.inference_mode():
            return call()

    return work


class UNet(nn.Module):
    """The generator of pix2pix (Isola et al. 2017), which colours photos among other things: 54.4 million weights."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        down = [width * n for n in (1, 2, 4, 8, 8, 8, 8, 8)]
        self.down = nn.ModuleList(
            nn.Sequential(nn.Conv2d(given, made, 4, 2, 1), nn.BatchNorm2d(made) if 0 < i < 7 else nn.Identity())
            for i, (given, made) in enumerate(zip([1, *down], down, strict=False))
        )
        up = [(8, 8), (16, 8), (16, 8), (16, 8), (16, 4), (8, 2), (4, 1)]
        self.up = nn.ModuleList(
            nn.Sequential(nn.ConvTranspose2d(width * given, width * made, 4, 2, 1), nn.BatchNorm2d(width * made))
            for given, made in up
        )
        self.last = nn.ConvTranspose2d(2 * width, 2, 4, 2, 1)

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        """(B, 1, H, W) to (B, 2, H, W)."""
        seen, value = [], lightness
        for number, layer in enumerate(self.down):
            value = layer(functional.leaky_relu(value, 0.2) if number else value)
            seen.append(value)
        value = seen.pop()
        for layer in self.up:
            value = torch.cat([layer(functional.relu(value)), seen.pop()], 1)
        return self.last(functional.relu(value)).tanh()


def twin(model: str, folder: Path) -> Path:
    """A model folder, for torch, of a twin that reads no sentence: nothing is encoded, attended to or looked up."""
    original = EditingModel.load_folder(resolve_model(model))
    config = replace(original.config, ignore_sentence=True, lookup=False)
    network = EditingModel(config, original.vocabulary).eval()
    own = network.state_dict()
    same = {
        name: value for name, value in original.state_dict().items() if name in own and value.shape == own[name].shape
    }
    network.load_state_dict(own | same)
    folder.mkdir()
    network.save_pretrained(folder)
    return folder

"""What edits are compared with has its published size."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lbie.bench.rivals import UNet, clipseg, twin
from lbie.editor import Editor


def weights(network: torch.nn.Module) -> float:
    return sum(p.numel() for p in network.parameters()) / 1e6


def test_unet_is_that_of_pix2pix() -> None:
    with torch.device("meta"):
        network = UNet()
        assert network(torch.zeros(1, 1, 256, 256)).shape == (1, 2, 256, 256)
    assert weights(network) == pytest.approx(54.4, abs=0.05)


def test_clipseg_is_that_of_rd64_refined() -> None:
    pytest.importorskip("transformers", reason="comes with the extra bench")
    with torch.device("meta"):
        assert weights(clipseg()) == pytest.approx(150.7, abs=0.1)


def test_twin_reads_no_sentence(tmp_path: Path) -> None:
    runtime = Editor.from_pretrained(twin("photos", tmp_path / "twin"), "cpu", "torch").runtime
    image = runtime.encode_image(torch.zeros(1, 3, 64, 64).numpy())[0]
    one, other = (runtime.fuse(image, runtime.encode_sentence(ids)).output for ids in ((5, 6, 7), (8,)))
    assert (one == other).all()

"""The language encoder by ONNX's own LSTM."""

from __future__ import annotations

import torch
from torch import Tensor

from lbie.model.language_encoder import LanguageEncoder


def encode_words(encoder: LanguageEncoder, ids: Tensor) -> tuple[Tensor, Tensor]:
    """As `LanguageEncoder`, which ONNX's operator spares the packing: it takes sentences of several lengths.

    Returns:
        Words (R, N, D), zero where there is none, and the last state of either direction (R, D).
    """
    lstm, mask = encoder.lstm, ids != 0
    lengths = mask.sum(1).clamp(min=1).to(torch.int32)
    embedded = encoder.embedding(ids).transpose(0, 1)  # (N, R, E)
    inputs, recurrent, bias_ih, bias_hh = (
        torch.stack([_onnx_gates(getattr(lstm, f"{name}_l0{way}")) for way in ("", "_reverse")])
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    (length, rows, _), size = embedded.shape, lstm.hidden_size
    out, last, _ = torch.onnx.ops.symbolic_multi_out(
        "LSTM",
        [embedded, inputs, recurrent, torch.cat([bias_ih, bias_hh], 1), lengths],
        {"hidden_size": size, "direction": "bidirectional"},
        dtypes=[embedded.dtype] * 3,
        shapes=[(length, 2, rows, size), (2, rows, size), (2, rows, size)],
    )
    return out.permute(2, 0, 1, 3).flatten(2) * mask.unsqueeze(-1), last.transpose(0, 1).flatten(1)


def _onnx_gates(weight: Tensor) -> Tensor:
    """The gates of an LSTM in the order of ONNX: input, output, forget, cell."""
    size = weight.shape[0] // 4
    i, f, g, o = (weight[n * size : (n + 1) * size] for n in range(4))
    return torch.cat([i, o, f, g])

"""How many things lie to each side of each, and are larger and smaller: for words that compare and count."""

from __future__ import annotations

import torch
from torch import Tensor

_EXACT = 4
"""Numbers that counts are compared with: 0, which is the first from a side, to 3, which is the fourth."""
RANK_VALUES = 7 * _EXACT
"""Values that `ranks` gives."""
_LARGER = 0.2
"""Log of the ratio of areas from which one thing is larger than another."""


def ranks(centre: Tensor, extent: Tensor, area: Tensor, alike: Tensor, slack: float) -> Tensor:
    """Count the things like each of R, and those to the left, right, above, below, larger and smaller.

    Args:
        centre: (B, 2, R) x and y, in shares of the image's sides.
        extent: (B, 2, R) width and height likewise.
        area: (B, R) logs.
        alike: (B, R, R): how much each of the second R counts, seen from each of the first.
        slack: in shares of the image's sides: how much more than a tenth of its own extent another has to lie to a
            side.

    Returns:
        (B, 28, R) in [0, 1]: of the seven numbers, how close each is to 0, 1, 2 and 3.
    """
    counts = [alike.sum(2)]
    for place, own in zip(centre.unbind(1), extent.unbind(1), strict=True):
        counts += [_beyond(alike, place, way / (slack + 0.1 * own)) for way in (1, -1)]
    counts += [_beyond(alike, area, torch.full_like(area, way / _LARGER)) for way in (-1, 1)]
    exact = torch.arange(_EXACT, device=area.device, dtype=area.dtype)
    close = torch.exp(-2 * (torch.stack(counts, 1)[:, :, None] - exact[:, None]) ** 2)  # (B, 7, 4, R)
    return close.flatten(1, 2)


def _beyond(alike: Tensor, place: Tensor, scale: Tensor) -> Tensor:
    """How much lies before each of R, by more than 1 over its scale: (B, R), as are places and scales."""
    # sigmoid(3 * ((own - other) * scale - 1)), with as little as possible done for each pair
    before = torch.addcmul((3 * (place * scale - 1))[..., None], (-3 * scale)[..., None], place[:, None])  # (B, R, R)
    return (alike * before.sigmoid()).sum(2)

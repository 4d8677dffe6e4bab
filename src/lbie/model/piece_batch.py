"""Drawings as the areas that can be coloured: what the sketch model sees instead of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor

CROP = 24
"""Pixels of the side of a piece's crop."""
CROP_CHANNELS = 2
"""Of a crop: the share of each pixel that is the piece's, and the share of ink around it."""
LEFT, TOP, RIGHT, BOTTOM, X, Y, AREA, SIDE, FILLED, THERE = range(10)
PLACES = 10
"""What is told of a piece: its box and centroid in shares of the picture's longer side, logs of its area in shares of
the square of that and of the crop's side in pixels, whether it is filled, and 1, which says that it is there at all."""


@dataclass
class PieceBatch:
    """B drawings of up to K pieces each."""

    crops: Tensor
    """(B, K, 2, 24, 24) float in [0, 1]."""
    places: Tensor
    """(B, K, 10) float, see `PLACES`; zero where there is no piece."""

    @classmethod
    def from_numpy(cls, crops: np.ndarray, places: np.ndarray) -> PieceBatch:
        """From arrays, as `pad_views` gives them."""
        import torch

        return cls(torch.from_numpy(crops), torch.from_numpy(places))

    @property
    def there(self) -> Tensor:
        """(B, K) bool."""
        return self.places[..., THERE] > 0

    def to(self, device: torch.device | str, **_: object) -> PieceBatch:
        """The same on a device."""
        return PieceBatch(self.crops.to(device), self.places.to(device))

"""What an encoded image is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from lbie.model.fusion_trace import FusionStart


@dataclass(frozen=True)
class ImageFeatures:
    """An encoded image: all that does not depend on the sentence."""

    start: FusionStart
    """The regions, ready for the fusion."""
    skips: list[Tensor]
    """The decoder's projected skips, coarsest first."""
    pooled: Tensor
    """(B, P): averages of deep features, for the domain score."""
    regions: Tensor
    """(B, D, H, W): the regions as the image encoder gave them."""
    backdrop_skips: list[Tensor]
    """The backdrop's projected skips, coarsest first; none without a matte."""
    behind: Tensor | None = None
    """(B, C + 1, h, w) or more: background, parts and matte, see `Backdrop`; None without a matte."""
    categories: Tensor | None = None
    """(B, K, H, W): logits of the kinds of things in each region; None where the model has none."""
    boxes: Tensor | None = None
    """(B, 5, H, W): the box and area of the thing in each region, see `BOX_VALUES`; None where the model has none."""

    wraps: bool = False
    """Whether they are panoramas, whose sides touch."""

    def select(self, index: Tensor) -> ImageFeatures:
        """The images at `index` (P,) of the batch, each as often as it is named: one encoded image, many sentences."""
        return self._rows(lambda x: x.index_select(0, index))

    def repeat(self, count: int) -> ImageFeatures:
        """One image as a batch of `count`."""
        return self._rows(lambda x: x.expand(count, *(-1,) * (x.ndim - 1)))

    def _rows(self, change: Callable[[Tensor], Tensor]) -> ImageFeatures:
        """As `FusionStart.rows`."""
        behind, kinds, boxes = (None if x is None else change(x) for x in (self.behind, self.categories, self.boxes))
        skips, backdrop_skips = ([change(s) for s in group] for group in (self.skips, self.backdrop_skips))
        start, pooled, regions = self.start.rows(change), change(self.pooled), change(self.regions)
        return ImageFeatures(start, skips, pooled, regions, backdrop_skips, behind, kinds, boxes, self.wraps)

"""All that is counted of one row of the table of phrases: overlap, and whether the right thing was meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from lbie.data.scene import Phrase, Scene
from lbie.evaluation.answers import is_right, overlap
from lbie.evaluation.photo_ratio import PhotoRatio
from lbie.evaluation.segmentation import SegmentationScores


class ReferScores:
    """Takes masks one after the other and keeps sums only."""

    def __init__(self) -> None:
        self.masks = SegmentationScores()
        self.overall, self.mean, self.right = PhotoRatio(), PhotoRatio(), PhotoRatio()
        self._right_by: defaultdict[tuple[str, str], PhotoRatio] = defaultdict(PhotoRatio)

    def add(
        self,
        scene: Scene,
        phrase: Phrase,
        mask: np.ndarray,
        presence: float | None = None,
        groups: Mapping[str, object] | None = None,
    ) -> None:
        """Take the mask (H, W) bool that answers a phrase; the rest as `SegmentationScores.add`."""
        truth = None if phrase.target is None else scene.instances[phrase.target].mask
        iou = self.masks.add(mask, truth, scene.photo_id, presence, groups)
        if phrase.target is None or truth is None or iou is None:
            return
        both, either = overlap(mask, truth)
        self.overall.add(scene.photo_id, both, either)
        self.mean.add(scene.photo_id, iou)
        right = is_right(scene, phrase.target, mask)
        if right is not None:
            self.right.add(scene.photo_id, right)
            for key, value in (groups or {}).items():
                self._right_by[key, str(value)].add(scene.photo_id, right)

    def figures(self, seed: int) -> dict[str, Any]:
        """As `SegmentationScores.figures`, and `right_instance`, over all and by group.

        That is the share of the phrases whose thing has others of its kind in which it is the right one; None where
        there are no such phrases.
        """
        figures = self.masks.figures(seed)
        for key, values in figures["by"].items():
            for value, own in values.items():
                own["right_instance"] = self._right_by[key, value].interval(seed)
        return figures | {"right_instance": self.right.interval(seed)}

    def less(self, other: ReferScores, seed: int) -> dict[str, Any]:
        """How much higher overall and mean IoU are than another row's, over the same draws of photos."""
        return {
            "overall_iou": self.overall.minus(other.overall, seed),
            "mean_iou": self.mean.minus(other.mean, seed),
        }

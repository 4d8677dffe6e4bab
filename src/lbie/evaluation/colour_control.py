"""Colour control: whether a flower comes out in the colour that a sentence names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lbie.data.flower_colours import nearest, region_colours
from lbie.evaluation.colorizer import Colorizer
from lbie.evaluation.report import interval
from lbie.tasks.colorize import CONTROL_SENTENCE


def recoloured(colorizer: Colorizer, colour: str) -> np.ndarray:
    """Every photo under the control sentence of a colour, (N, H, W, 3) uint8."""
    return colorizer([CONTROL_SENTENCE.format(colour)] * len(colorizer.photos.sources), f"control: {colour}")[0]


def control_figures(
    colorizer: Colorizer, points: dict[str, np.ndarray], told: Sequence[str | None], keep: bool = False
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Shares of photos whose region's median colour is nearest, among the points, to the colour of the sentence.

    Args:
        colorizer: the model over a split.
        points: name of a colour to its ab (2,).
        told: the name that each photo's captions agree on, or None: for the figures of the true photos.
        keep: return the recoloured pictures.

    Returns:
        Figures of the model, of the true photos and of gray ones; and colour to pictures (N, H, W, 3) uint8, empty
        where they are not kept.
    """
    arrays = colorizer.photos.arrays
    truth = nearest(region_colours(arrays.rgb, arrays.region), points)
    agreed = np.array([t or "" for t in told])
    known = np.isin(agreed, list(points))
    still = nearest(np.zeros((1, 2)), points)[0]
    hits, coloured, mistaken = [], {}, {}
    by_colour: dict[str, dict[str, Any]] = {}
    for colour in points:
        pictures = recoloured(colorizer, colour)
        found = nearest(region_colours(pictures, arrays.region), points)
        hit = (found == colour).astype(float)
        real = (truth == colour)[agreed == colour].astype(float)
        by_colour[colour] = {**interval(hit), "true_photos": _share(real), "true_photos_n": len(real)}
        names, counts = np.unique(found[found != colour], return_counts=True)
        mistaken[colour] = dict(zip(names.tolist(), counts.tolist(), strict=True))
        hits.append(hit)
        if keep:
            coloured[colour] = pictures
    return {
        "sentence": CONTROL_SENTENCE,
        "overall": interval(np.stack(hits).mean(0)),
        "true_photos_overall": _share((truth == agreed)[known].astype(float)),
        "gray_overall": _share((np.array(list(points)) == still).astype(float)),
        "by_colour": by_colour,
        "mistaken_for": mistaken,
        "prototypes_ab": {k: [round(float(x), 2) for x in v] for k, v in points.items()},
    }, coloured


def _share(values: np.ndarray) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None

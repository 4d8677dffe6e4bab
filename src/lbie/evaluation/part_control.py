"""Part control: whether petals and centre each come out in the colour that a sentence gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lbie.colour.lab import rgb_to_lab
from lbie.data.flower_colours import nearest
from lbie.data.flower_parts import distance_to_centre
from lbie.evaluation.colorizer import Colorizer
from lbie.evaluation.report import interval
from lbie.language.colour_names import agreed_mention
from lbie.language.named_parts import parts_in

TEMPLATES = (
    "this flower has {} petals and a {} center",
    "the petals are {} and the center is {}",
    "a flower with {} petals and {} stamen",
)
"""Sentences that give petals and centre a colour each, in the words of the captions."""
PAIRS = (
    ("white", "red"),
    ("red", "yellow"),
    ("orange", "purple"),
    ("yellow", "red"),
    ("blue", "yellow"),
    ("purple", "white"),
    ("pink", "yellow"),
    ("white", "purple"),
)
"""Colours of the petals and of the centre."""
CENTRE_RADIUS, PETALS_RADIUS = 0.3, 0.45
"""In units of the radius of the disc that is as large as the region."""


def part_masks(region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and petals of a flower.

    Args:
        region: (H, W) bool, the flower, not empty.

    Returns:
        centre (H, W) bool, the disc of `CENTRE_RADIUS` about the region's centroid (one pixel where the disc is
        smaller than that); petals (H, W) bool, what of the region lies farther than `PETALS_RADIUS` from it.

    Raises:
        ValueError: the region is empty.
    """
    if not region.any():
        raise ValueError("an empty region has no parts")
    distance = distance_to_centre(region)
    return distance <= max(CENTRE_RADIUS, distance.min()), region & (distance > PETALS_RADIUS)


def part_colours(rgb: np.ndarray, region: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Median ab of the petals and of the centre of each photo.

    Args:
        rgb: (N, H, W, 3) uint8.
        region: (N, H, W) bool, none empty.

    Returns:
        petals and centre, (N, 2) float32 each; the whole region stands in for petals that have no pixel.
    """
    petals, centre = np.empty((len(rgb), 2), np.float32), np.empty((len(rgb), 2), np.float32)
    for i in range(len(rgb)):
        inner, outer = part_masks(region[i])
        for found, mask in ((centre, inner), (petals, outer if outer.any() else region[i])):
            found[i] = np.median(rgb_to_lab(np.ascontiguousarray(rgb[i][mask]))[:, 1:], axis=0)
    return petals, centre


def told_parts(captions: Sequence[str], known: Sequence[str]) -> tuple[str, str] | None:
    """The petal and the centre colour that a photo's captions agree on, or None.

    A part's colour is agreed on where at least a fifth of the captions give it and no other colour of it is given
    more than half as often.

    Args:
        captions: of one photo.
        known: colours that count; None too where either is not one of them, or both are the same.
    """
    parts = [parts_in(c) for c in captions]
    petals = agreed_mention([{p} if p else set() for p, _ in parts], share=0.2)
    centre = agreed_mention([{c} if c else set() for _, c in parts], share=0.2)
    return (petals, centre) if petals in known and centre in known and petals != centre else None  # type: ignore[return-value]


def part_figures(colorizer: Colorizer, points: dict[str, np.ndarray]) -> dict[str, Any]:
    """Shares of photos whose petals, centre, and both come out nearest to what the sentence says.

    Args:
        colorizer: the model over a split.
        points: the reference points of colour control, name to ab (2,).

    Returns:
        Figures of the model over all of `PAIRS` whose colours are among the points, of each pair, of gray pictures
        under the same sentences, and of the true photos whose captions name both parts' colours (None where there
        is none).
    """
    arrays = colorizer.photos.arrays
    pairs = [pair for pair in PAIRS if {*pair} <= points.keys()]
    still = nearest(np.zeros((1, 2)), points)[0]
    by_pair, hits = {}, []
    for number, (petals, centre) in enumerate(pairs):
        text = TEMPLATES[number % len(TEMPLATES)].format(petals, centre)
        pictures, _ = colorizer([text] * len(arrays.records), f"parts: {petals}, {centre}")
        found = [nearest(c, points) for c in part_colours(pictures, arrays.region)]
        hit = _hits(found[0] == petals, found[1] == centre)
        by_pair[f"{petals}, {centre}"] = {"sentence": text} | {k: interval(v) for k, v in hit.items()}
        hits.append(hit)
    told = [told_parts(r.captions, list(points)) for r in arrays.records]
    rows = [i for i, parts in enumerate(told) if parts]
    true = None
    if rows:
        found = [nearest(c, points) for c in part_colours(arrays.rgb[rows], arrays.region[rows])]
        wanted = np.array([told[i] for i in rows])
        hit = _hits(found[0] == wanted[:, 0], found[1] == wanted[:, 1])
        true = {k: interval(v) for k, v in hit.items()} | {"n": len(rows)}
    return {
        "overall": {k: interval(np.mean([h[k] for h in hits], axis=0)) for k in hits[0]} if hits else None,
        "by_pair": by_pair,
        "gray": {
            "petals": round(float(np.mean([p == still for p, _ in pairs])), 4),
            "centre": round(float(np.mean([c == still for _, c in pairs])), 4),
        }
        if pairs
        else None,
        "true_photos": true,
    }


def _hits(petals: np.ndarray, centre: np.ndarray) -> dict[str, np.ndarray]:
    return {k: v.astype(float) for k, v in (("petals", petals), ("centre", centre), ("both", petals & centre))}

"""Scores of free drawings: IoU of each told shape and of the rest, and how far colours by name are off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lbie.data.cosal.free.world import UNTOUCHED, FreeWorld
from lbie.data.cosal.shapes import BACKGROUND
from lbie.evaluation.ratios import Ratios

UNCOUNTED = -2
"""Of a pixel that is left out: part of it is inside a shape and part is not."""
REST = "rest of the picture"
"""Paper, strokes and shapes that no sentence tells, taken together."""
_COUNTS = ((2, 4), (5, 8), (9, 12))


@dataclass(frozen=True, slots=True)
class Part:
    """The score of one told shape, or of the rest of a picture."""

    form: str
    """What kind of sentence tells the shape, or `REST`."""
    manner: str
    """How the shape is drawn; of the rest, `several` where shapes are drawn in several manners."""
    hops: int
    """References that its colour is handed over by."""
    iou: float


def painted_by_class(classes: np.ndarray) -> np.ndarray:
    """A class map (H, W) of the six colours, `BACKGROUND` and `UNTOLD` as `score_parts` takes it."""
    return np.where(classes < BACKGROUND, classes.astype(np.int64), UNTOUCHED)


def painted_in_picture(picture: np.ndarray, world: FreeWorld) -> np.ndarray:
    """Read a coloured drawing: each pixel as it was, or in the colour of the world that is nearest.

    Where the source had the right colour already, the pixel is right. Pixels that lie across an edge do not count.

    Args:
        picture: (H, W, 3) uint8 RGB.
        world: what was to be coloured.

    Returns:
        (H, W) int64 as `score_parts` takes it.
    """
    if picture.shape != world.source.shape:
        raise ValueError(f"the picture is {picture.shape}, the drawing {world.source.shape}")
    levels = picture.astype(np.int64)
    nearest = ((levels - world.source) ** 2).sum(-1)  # (H, W)
    out = np.full(nearest.shape, UNTOUCHED)
    for number, colour in enumerate(world.palette.astype(np.int64)):
        distance = ((levels - colour) ** 2).sum(-1)
        closer = (distance < nearest) | ((distance == nearest) & (world.told_map == number))
        out[closer], nearest = number, np.minimum(nearest, distance)
    for patch in world.drawing.patches:
        out[patch.box][(patch.fill > 0) & (patch.fill < 255)] = UNCOUNTED
    return out


def score_parts(painted: np.ndarray, world: FreeWorld) -> list[Part]:
    """IoU of each told shape, then of the rest.

    Of a shape: its pixels in its colour, over these, its other pixels, and what is painted in its colour outside the
    told shapes and nearer to it than to other told ones. Of the rest: what was left as it was there, over the rest and
    what was left as it was in told shapes.

    Args:
        painted: (H, W) colour of each pixel, `UNTOUCHED` where it is as it was, or `UNCOUNTED`.
        world: what was to be coloured.
    """
    counted = painted != UNCOUNTED
    told = np.flatnonzero(world.told != UNTOUCHED)
    inside = (world.told_map != UNTOUCHED) & counted
    zones = _zones(world, told)
    parts = []
    for shape in told.tolist():
        own, colour = (world.owner == shape) & counted, painted == world.told[shape]
        right = int((own & colour).sum())
        wrong = int(((zones == shape) & ~inside & colour & counted).sum())
        look = world.shapes[shape].look
        iou = _ratio(right, int(own.sum()) + wrong)
        parts.append(Part(world.form_of(shape), look.manner, int(world.hops[shape]), iou))
    left, rest = (painted == UNTOUCHED) & counted, ~inside & counted
    manners = {shape.look.manner for shape in world.shapes}
    manner = manners.pop() if len(manners) == 1 else "several"
    parts.append(Part(REST, manner, 0, _ratio(int((left & rest).sum()), int((left | rest).sum()))))
    return parts


def _zones(world: FreeWorld, told: np.ndarray) -> np.ndarray:
    """(H, W) the told shape that each pixel is nearest to."""
    mine = np.isin(world.owner, told)
    _, labels = cv2.distanceTransformWithLabels(
        (~mine).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    shape_of = np.full(int(labels.max()) + 1, UNTOUCHED)
    shape_of[labels[mine]] = world.owner[mine]
    return shape_of[labels]


def _ratio(above: int, below: int) -> float:
    return above / below if below else 1.0


@dataclass(frozen=True)
class FreeScores:
    """The parts of many worlds, to be grouped."""

    parts: Sequence[Sequence[Part]]
    """Of each world."""
    counts: Sequence[int]
    """Shapes of each world."""

    @classmethod
    def of(cls, worlds: Sequence[FreeWorld], painted: Sequence[np.ndarray]) -> FreeScores:
        """Score answers (H, W) as `score_parts` takes them."""
        parts = [score_parts(answer, world) for world, answer in zip(worlds, painted, strict=True)]
        return cls(parts, [len(world.shapes) for world in worlds])

    def average(self) -> Ratios:
        """Average IoU over told shapes and the rest of each picture, as the one column of (N, 1)."""
        return self._means([lambda _, part: True])

    def by_form(self) -> dict[str, Ratios]:
        """The same for each kind of sentence, and for the rest of the picture."""
        return self._by(sorted({part.form for parts in self.parts for part in parts}), lambda _, part: part.form)

    def by_manner(self) -> dict[str, Ratios]:
        """For each manner of drawing; the rest of a picture with several is a group of its own."""
        return self._by(sorted({part.manner for parts in self.parts for part in parts}), lambda _, part: part.manner)

    def by_hops(self) -> dict[str, Ratios]:
        """For each number of references that a told shape's colour is handed over by."""
        hops = sorted({part.hops for parts in self.parts for part in parts if part.form != REST})
        return self._by(list(map(str, hops)), lambda _, part: "" if part.form == REST else str(part.hops))

    def by_count(self) -> dict[str, Ratios]:
        """For worlds of 2 to 4, 5 to 8 and 9 to 12 shapes."""
        names = [f"{low} to {high}" for low, high in _COUNTS if any(low <= c <= high for c in self.counts)]

        def name(count: int, _: Part) -> str:
            return next((f"{low} to {high}" for low, high in _COUNTS if low <= count <= high), "")

        return self._by(names, name)

    def _by(self, names: Sequence[str], name_of: Callable[[int, Part], str]) -> dict[str, Ratios]:
        def one(name: str) -> Ratios:
            return self._means([lambda count, part: name_of(count, part) == name])

        return {name: one(name) for name in names}

    def _means(self, tests: Sequence[Callable[[int, Part], bool]]) -> Ratios:
        """Means of the IoU of the parts that pass each test, as ratios of sums over worlds."""
        above, below = (np.zeros((len(self.parts), len(tests))) for _ in range(2))
        for row, (parts, count) in enumerate(zip(self.parts, self.counts, strict=True)):
            for column, test in enumerate(tests):
                passed = [part.iou for part in parts if test(count, part)]
                above[row, column], below[row, column] = sum(passed), len(passed)
        return Ratios(above, below)


def colour_differences(picture: np.ndarray, world: FreeWorld) -> np.ndarray:
    """How far the colours of a coloured drawing are off.

    Args:
        picture: (H, W, 3) uint8 RGB.
        world: what was to be coloured.

    Returns:
        (N,) float64 mean CIEDE2000 from the right picture, over the pixels inside each shape, told or not.
    """
    from skimage.color import deltaE_ciede2000, rgb2lab

    if picture.shape != world.source.shape:
        raise ValueError(f"the picture is {picture.shape}, the drawing {world.source.shape}")
    on = world.owner != UNTOUCHED
    painted, right = (rgb2lab(rgb[on][None])[0] for rgb in (picture, world.target))  # (P, 3)
    difference = deltaE_ciede2000(right, painted)
    owner = world.owner[on].astype(np.int64)
    total = np.bincount(owner, difference, minlength=len(world.shapes))
    return total / np.bincount(owner, minlength=len(world.shapes)).clip(min=1)

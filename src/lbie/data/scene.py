"""A photo with the things in it, and phrases that name them: what all data of segmentation by language comes to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Instance:
    """One thing in a photo."""

    category: str
    """Name of its kind, as COCO has it: `person`, `hot dog`."""
    mask: NDArray[np.bool_]
    """(H, W): its visible pixels."""
    shown: float = 1.0
    """Share of what its photo shows of it that a crop or a thing put in front left: nobody is asked for a sliver."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A photo and what is known to be in it."""

    photo_id: str
    """Where it comes from, such as `coco/394199`; unique in a data set."""
    image: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    instances: tuple[Instance, ...]
    """The things, in any order; two may overlap where one is in front."""
    known: frozenset[str] | None = None
    """The categories of which every thing is listed; None where that is so of all 80 of COCO."""


@dataclass(frozen=True)
class Phrase:
    """What somebody might call a thing."""

    text: str
    """The words."""
    target: int | None
    """Index of the only instance of the scene that it names; None where it names nothing there."""
    kind: str = "human"
    """Kind of phrase: how it tells the thing from the others."""
    hops: int = 0
    """Other things that have to be found first."""
    template: str = ""
    """The wording it was made with, empty for human ones."""

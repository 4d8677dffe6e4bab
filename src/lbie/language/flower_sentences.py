"""Sentences about the colours of flowers, as people would put them; `{}` stands for a colour."""

from __future__ import annotations

WHOLE = (
    "The flower is {} in color.",
    "this flower is {} in color",
    "the flower has {} petals",
    "this flower has petals that are {}",
    "the petals are {}",
    "a {} flower",
    "make the flower {}",
    "this is a {} flower",
    "the flower is {}",
    "the petals of this flower are {} in color",
    "{}",
    "{} petals",
    "{} flowers",
    "colour it {}",
    "the blossom is {}",
    "paint the petals {}",
)
"""The colour of a whole flower."""

HEARTS = ("center", "centre", "middle", "heart", "stamen", "stamens", "pistil", "stigma", "anthers", "eye")
"""Words for the heart of a flower."""

PARTS = (
    "{} petals and a {} {}",
    "{} petals with a {} {}",
    "a {} flower with a {} {}",
    "the flower is {} with a {} {}",
    "this flower has petals that are {} with a {} {}",
    "this {} flower has a {} {} in its midst",
    "the petals are {} around a {} {}",
    "make the petals {} and give it a {} {}",
    "{} petals and {} {}",
    "{} petals with {} {}",
    "the flower has {} petals and {} {}",
    "this flower has {} petals with {} {} in the middle",
)
"""The colour of the petals, that of the heart, and a word for the heart, in this order."""

PARTS_REVERSED = (
    "a {} {} and {} petals",
    "the {} {} is surrounded by {} petals",
    "the {} {} sits among {} petals",
    "around the {} {} the petals are {}",
    "{} {} and {} petals",
)
"""The colour of the heart, a word for it, and the colour of the petals."""

PARTS_BY_NOUN = ("the {2} is {1} and the petals are {0}", "the petals are {0}, the {2} is {1}")
"""Likewise, numbered as in `PARTS`."""

TIPS = (
    "{} with {} tips",
    "{} petals with {} tips",
    "the petals are {} with {} edges",
    "a {} flower with {} edges",
    "the petals are {} and {} at the tips",
    "{} petals that turn {} at the edges",
)
"""The colour of the petals and that of their ends."""

SILENT = (
    "a flower",
    "this is a pretty flower",
    "the flower has many petals",
    "a flower with soft petals",
    "the petals are smooth and rounded",
    "the petals are long and thin",
)
"""Sentences that name no colour."""


def words_of_sentences() -> list[str]:
    """All of them, with nothing in place of the colours: for a vocabulary."""
    groups = (WHOLE, PARTS, PARTS_REVERSED, PARTS_BY_NOUN, TIPS, SILENT, HEARTS)
    return [text.format("", "", "") for group in groups for text in group]

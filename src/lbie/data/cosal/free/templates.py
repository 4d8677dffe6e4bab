"""Templates of sentences about free drawings, in three sets that share none.

Slots of a sentence: `{target}` and `{source}` shapes, `{colour}`, `{tint}` color or colour, and the verbs `{is}`,
`{has}` and `{gets}` as the target needs them. Slots of a phrase: `{noun}` and `{nouns}` what the shape is called,
`{near}` left, right, upper or lower, `{most}` leftmost, …, `{at}` and `{edge}` as in "at the top", `{ordinal}` and
`{size}` (with its own rank), `{number}` how many there are, `{place}` and `{landmark}` ("to the left of", "the
circle").
Every word of the val and test sets occurs in the train set: what is new in them is how words are put together. Of what
is said in training about half is said in further ways (`more_ways`).
"""

from __future__ import annotations

from lbie.data.cosal.free import more_ways
from lbie.data.cosal.free.more_ways import mixed

Sets = dict[str, tuple[str, ...]]
"""Templates by split."""

TOLD: Sets = {
    "train": mixed(
        (
            "{target} {is} {colour}",
            "{target} {is} {colour}",
            "{tint} {target} {colour}",
            "paint {target} {colour}",
            "make {target} {colour}",
            "fill {target} with {colour}",
            "{target} should be {colour}",
            "{target} must be {colour}",
            "{target} {has} to be {colour}",
            "the {tint} of {target} is {colour}",
            "{target} {is} {tint}ed {colour}",
            "{target} {gets} {colour}",
            "{target} {is} painted {colour}",
            "{target} {is} filled with {colour}",
            "give {target} the {tint} {colour}",
            "use {colour} for {target}",
            "{colour} is the {tint} of {target}",
            "let {target} be {colour}",
            "I want {target} to be {colour}",
            "please paint {target} {colour}",
            "turn {target} {colour}",
            "set {target} to {colour}",
            "change the {tint} of {target} to {colour}",
            "{target} {is} to be {colour}",
            "take {colour} for {target}",
            "we want {target} in {colour}",
            "put {colour} on {target}",
            "for {target} use {colour}",
            "{target}: {colour}",
            "{target} in {colour}, please",
        ),
        more_ways.TOLD,
    ),
    "val": (
        "paint {target} in {colour}",
        "{target} should be painted {colour}",
        "please make {target} {colour}",
        "for {target} take {colour}",
        "the {tint} of {target} should be {colour}",
    ),
    "test": (
        "please fill {target} with {colour}",
        "{target} must be painted {colour}",
        "change {target} to {colour}",
        "set the {tint} of {target} to {colour}",
        "let the {tint} of {target} be {colour}",
        "I want {target} in {colour}",
        "{target} {is} to be filled with {colour}",
        "use the {tint} {colour} for {target}",
        "{colour} should be the {tint} of {target}",
        "we want {target} to be {colour}",
    ),
}
"""A colour is told."""

SAME: Sets = {
    "train": mixed(
        (
            "{target} {has} the same {tint} as {source}",
            "{target} {has} the same {tint} as {source}",
            "{tint} {target} like {source}",
            "paint {target} the same {tint} as {source}",
            "make {target} the same {tint} as {source}",
            "give {target} the {tint} of {source}",
            "{target} should have the {tint} of {source}",
            "{target} {gets} the same {tint} as {source}",
            "{target} {is} the same {tint} as {source}",
            "use the {tint} of {source} for {target}",
            "let {target} be like {source}",
            "fill {target} with the {tint} of {source}",
            "please paint {target} like {source}",
        ),
        more_ways.SAME,
    ),
    "val": (
        "{target} must have the same {tint} as {source}",
        "{target} should be the same {tint} as {source}",
        "take the {tint} of {source} for {target}",
    ),
    "test": (
        "please give {target} the {tint} of {source}",
        "{target} should have the same {tint} as {source}",
        "fill {target} with the same {tint} as {source}",
        "let {target} have the {tint} of {source}",
        "{target} {has} to be like {source}",
        "for {target} use the {tint} of {source}",
    ),
}
"""A colour is handed on."""

AGAIN: Sets = {
    "train": mixed(
        (
            "now make {target} {colour}",
            "now {target} {is} {colour}",
            "then paint {target} {colour}",
            "actually, {target} should be {colour}",
            "make {target} {colour} instead",
            "no, {target} must be {colour}",
            "change {target} to {colour} now",
            "now turn {target} {colour}",
            "no, fill {target} with {colour}",
            "let {target} be {colour} after all",
        ),
        more_ways.AGAIN,
    ),
    "val": ("now paint {target} {colour}", "no, make {target} {colour}", "{target} must be {colour} after all"),
    "test": (
        "now fill {target} with {colour}",
        "actually, make {target} {colour}",
        "then let {target} be {colour}",
        "now change {target} to {colour}",
        "{target} should be {colour} instead",
    ),
}
"""A colour that was told is changed."""

SIDE_OF_TWO: Sets = {
    "train": mixed(("the {near} {noun}", "the {noun} {at} {edge}"), more_ways.SIDE_OF_TWO),
    "val": ("the {noun} that is {at} {edge}",),
    "test": ("the {noun} which is {at} {edge}", "the {near} one of the {nouns}"),
}
SIDE: Sets = {
    "train": mixed(("the {most} {noun}", "the {noun} furthest to the {edge}"), more_ways.SIDE),
    "val": ("the {noun} that is furthest to the {edge}",),
    "test": ("the {noun} which is furthest to the {edge}", "the {most} one of the {nouns}"),
}
ORDER: Sets = {
    "train": mixed(
        (
            "the {ordinal} {noun} from the {edge}",
            "the {ordinal} {noun} from the {edge}",
            "the {noun} that is {ordinal} from the {edge}",
            "the {ordinal} {noun} counted from the {edge}",
        ),
        more_ways.ORDER,
    ),
    "val": ("the {noun} which is {ordinal} from the {edge}",),
    "test": ("the {ordinal} of the {nouns} from the {edge}", "the {ordinal} of all {nouns} counted from the {edge}"),
}
SIZE: Sets = {
    "train": mixed(
        ("the {size} {noun}", "the {size} {noun}", "the {noun} that is {size}", "the {size} one of the {nouns}"),
        more_ways.SIZE,
    ),
    "val": ("the {noun} which is {size}",),
    "test": ("the {size} of the {nouns}", "the {size} of all {nouns}"),
}
ALL: Sets = {
    "train": mixed(("all {nouns}", "all the {nouns}", "every {noun}", "each {noun}"), more_ways.ALL),
    "val": ("every one of the {nouns}",),
    "test": ("all of the {nouns}", "each of the {nouns}"),
}
ALL_TWO: Sets = {
    "train": mixed(("both {nouns}", "the two {nouns}"), more_ways.ALL_TWO),
    "val": ("both the {nouns}",),
    "test": ("both of the {nouns}",),
}
ALL_COUNTED: Sets = {
    "train": mixed(("all {number} {nouns}", "the {number} {nouns}"), more_ways.ALL_COUNTED),
    "val": ("all the {number} {nouns}",),
    "test": ("all of the {number} {nouns}", "each of the {number} {nouns}"),
}
LANDMARK_OF_TWO: Sets = dict.fromkeys(("train", "val", "test"), ("the {near} {noun}",))
LANDMARK_SIDE: Sets = dict.fromkeys(("train", "val", "test"), ("the {most} {noun}",))
LANDMARK_SIZE: Sets = dict.fromkeys(("train", "val", "test"), ("the {size} {noun}",))
_REST = ("the other {nouns}", "all the other {nouns}", "the remaining {nouns}")
REST: Sets = {
    "train": mixed(_REST, more_ways.REST),
    "val": ("all other {nouns}",),
    "test": ("all of the other {nouns}", "all the remaining {nouns}"),
}
REST_OF_ONE: Sets = dict.fromkeys(("train", "val", "test"), ("the other {noun}", "the remaining {noun}"))
REST_OF_ALL: Sets = {
    "train": mixed((*_REST, "everything else", "everything else"), more_ways.REST),
    "val": REST["val"],
    "test": (*REST["test"], "everything else"),
}
PLACE: Sets = {
    "train": mixed(
        (
            "the {noun} {place} {landmark}",
            "the {noun} {place} {landmark}",
            "the {noun} that is {place} {landmark}",
            "the {noun} lying {place} {landmark}",
            "the {noun} which lies {place} {landmark}",
        ),
        more_ways.PLACE,
    ),
    "val": ("the {noun} that lies {place} {landmark}",),
    "test": ("the {noun} which is {place} {landmark}", "the one {noun} that is {place} {landmark}"),
}

NEAR = (("upper", "top"), ("lower", "bottom"), ("left",), ("right",))
"""Of two: which one; those of the first place do not also speak of what covers what."""
MOST = (("highest", "topmost"), ("lowest", "bottommost"), ("leftmost",), ("rightmost",))
AT = ("at the", "at the", "on the", "on the")
EDGES = ("top", "bottom", "left", "right")
ORDINALS = ("first", "second", "third", "fourth")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SMALLEST, LARGEST = ("smallest", "tiniest"), ("largest", "biggest")
SMALLER, LARGER = ("smaller",), ("larger", "bigger")
COVERING = ("over", "on top of", "under", "beneath", "underneath")
"""Ways to say a place that where shapes overlap may speak of what covers what."""

FAMILY_NAMES: dict[tuple[int, ...], tuple[str, ...]] = {
    (1, 2): ("ellipse", "oval"),
    (3, 4): ("half-ellipse", "half ellipse", "half oval"),
    (5, 6): ("triangle",),
}
"""What several kinds are called together. Alone, "the triangle" is the upright one where there is one, else the other,
and "the ellipse" the thin one, as in the paper; "all triangles" are all of both."""
BARE = ("ellipse", "triangle")
"""Names of one kind (`wording.KIND_NAMES`) that are its family's as well."""

"""Templates of the suite `wording`, in three sets that share none.

Slots: `{shape}` the shape that is told about, `{colour}` a colour, `{tint}` color or colour, `{thing}` shape or
figure, `{landmark}` the shape beside the one that is meant, `{place}` where that one lies ("to the left of the
circle"), `{side}` the same after the landmark ("on its left"), `{inverse}` the opposite, said of the landmark ("to the
right of").
Every word of the val and test sets occurs in the train set: what is new in them is how words are put together.
"""

from __future__ import annotations

DIRECT: dict[str, tuple[str, ...]] = {
    "train": (
        "the {shape} is {colour}",
        "{tint} the {shape} {colour}",
        "paint the {shape} {colour}",
        "make the {shape} {colour}",
        "fill the {shape} with {colour}",
        "the {shape} should be {colour}",
        "the {shape} must be {colour}",
        "the {shape} has to be {colour}",
        "the {tint} of the {shape} is {colour}",
        "the {shape} is {tint}ed {colour}",
        "the {shape} gets {colour}",
        "the {shape} is painted {colour}",
        "the {shape} is filled with {colour}",
        "give the {shape} the {tint} {colour}",
        "use {colour} for the {shape}",
        "{colour} is the {tint} of the {shape}",
        "there is a {colour} {shape}",
        "the picture has a {colour} {shape}",
        "let the {shape} be {colour}",
        "I want the {shape} to be {colour}",
        "please paint the {shape} {colour}",
        "the {shape} appears in {colour}",
        "the {shape} comes in {colour}",
        "the {shape} turns {colour}",
        "the {shape} will be {colour}",
        "you see a {colour} {shape}",
        "put {colour} on the {shape}",
        "apply {colour} to the {shape}",
        "the {shape}: {colour}",
        "for the {shape} take {colour}",
        "the {shape} wears {colour}",
        "the {shape} goes {colour}",
        "the {shape} has the {tint} {colour}",
        "we need a {colour} {shape}",
        "it is the {shape} that is {colour}",
        "draw the {shape} in {colour}",
        "{colour} fills the {shape}",
        "the inside of the {shape} is {colour}",
        "set the {tint} of the {shape} to {colour}",
        "change the {shape} to {colour}",
        "in {colour} you see the {shape}",
        "the {shape} ought to be {colour}",
    ),
    "val": (
        "paint the {shape} in {colour}",
        "the {shape} should be painted {colour}",
        "I want a {colour} {shape}",
        "{colour} goes on the {shape}",
        "the {tint} {colour} is for the {shape}",
        "the inside of the {shape} turns {colour}",
    ),
    "test": (
        "please {tint} the {shape} {colour}",
        "the {shape} must be filled with {colour}",
        "there you see the {shape} in {colour}",
        "take {colour} for the {shape}",
        "we want the {shape} in {colour}",
        "{colour} should fill the {shape}",
        "the {shape} is to be painted {colour}",
        "make the {tint} of the {shape} {colour}",
        "let {colour} be the {tint} of the {shape}",
        "for the {shape} the {tint} is {colour}",
        "put the {tint} {colour} on the {shape}",
        "a {colour} {shape} is in the picture",
    ),
}
"""Templates of direct sentences, by split."""

RELATIONAL: dict[str, tuple[str, ...]] = {
    "train": (
        "the {tint} of the {thing} {place} is {colour}",
        "the {thing} {place} is {colour}",
        "{place} there is a {colour} {thing}",
        "{place} goes {colour}",
        "{tint} the {thing} {place} {colour}",
        "paint the {thing} {place} {colour}",
        "make the {thing} {place} {colour}",
        "fill the {thing} {place} with {colour}",
        "{place} is a {colour} {thing}",
        "there is a {colour} {thing} {place}",
        "the {thing} {place} should be {colour}",
        "the {thing} {place} must be {colour}",
        "the {thing} that is {place} is {colour}",
        "what is {place} is {colour}",
        "whatever is {place} is {colour}",
        "{colour} is the {tint} of the {thing} {place}",
        "use {colour} for the {thing} {place}",
        "{place}, use {colour}",
        "{place} paint the {thing} {colour}",
        "{place} you see a {colour} {thing}",
        "the {thing} {place} is {tint}ed {colour}",
        "the {thing} {place} is painted {colour}",
        "the {thing} {place} is filled with {colour}",
        "give the {thing} {place} the {tint} {colour}",
        "let the {thing} {place} be {colour}",
        "I want the {thing} {place} to be {colour}",
        "please paint the {thing} {place} {colour}",
        "you see a {colour} {thing} {place}",
        "put {colour} {place}",
        "apply {colour} to the {thing} {place}",
        "set the {tint} of the {thing} {place} to {colour}",
        "the {thing} {place} turns {colour}",
        "the {thing} {place} has the {tint} {colour}",
        "the {thing} lying {place} is {colour}",
        "the {thing} which sits {place} is {colour}",
        "the {thing} sitting {place} is {colour}",
        "a {colour} {thing} sits {place}",
        "{place} lies a {colour} {thing}",
        "{place} the {tint} is {colour}",
        "the {thing} {place} gets {colour}",
        "for the {thing} {place} take {colour}",
        "it is the {thing} {place} that is {colour}",
        "the {landmark} has a {colour} {thing} {side}",
        "look at the {landmark}: {side} there is a {colour} {thing}",
        "starting from the {landmark}, the {thing} {side} is {colour}",
        "the {landmark} is {inverse} a {colour} {thing}",
        "the {landmark} sits {inverse} the {colour} {thing}",
    ),
    "val": (
        "the {thing} {place} has to be {colour}",
        "{place} there lies a {colour} {thing}",
        "a {colour} {thing} is {place}",
        "{place} make the {thing} {colour}",
        "the {landmark} sits {inverse} a {colour} {thing}",
        "starting from the {landmark}, {side} is a {colour} {thing}",
    ),
    "test": (
        "please {tint} the {thing} {place} {colour}",
        "{place} the {thing} is {colour}",
        "{place} put {colour}",
        "the {thing} sitting {place} should be {colour}",
        "{place} I want a {colour} {thing}",
        "take {colour} for the {thing} {place}",
        "let {colour} be the {tint} of the {thing} {place}",
        "the {thing} which is {place} must be {colour}",
        "whatever lies {place} is {colour}",
        "make the {tint} of the {thing} {place} {colour}",
        "the {landmark} lies {inverse} a {colour} {thing}",
        "{side} the {landmark} has a {colour} {thing}",
    ),
}
"""Templates of relational sentences, by split."""

KIND_NAMES: tuple[tuple[str, ...], ...] = (
    ("rectangle", "box", "oblong"),
    ("fat ellipse", "wide ellipse", "flat ellipse", "fat oval", "wide oval"),
    ("thin ellipse", "ellipse", "narrow ellipse", "thin oval", "narrow oval"),
    ("fat half-ellipse", "fat half ellipse", "half fat ellipse", "wide half-ellipse", "wide half oval"),
    ("thin half-ellipse", "thin half ellipse", "half thin ellipse", "narrow half-ellipse", "narrow half oval"),
    ("triangle", "upright triangle"),
    ("inverse-triangle", "inverse triangle", "inverted triangle", "upside-down triangle", "reverse triangle"),
    ("diamond", "rhombus", "lozenge"),
    ("circle", "disc", "disk"),
)
"""Names of each kind, the paper's first; a bare "ellipse" is the thin one, as in the paper's poster."""
COLOUR_NAMES: tuple[tuple[str, ...], ...] = (
    ("blue",),
    ("light-green", "light green", "green", "bright green"),
    ("red",),
    ("black",),
    ("gray", "grey"),
    ("yellow",),
)
"""Names of each colour, the paper's first."""
TINTS = ("color", "colour")
THINGS = ("shape", "figure")
PLACES: tuple[tuple[str, ...], ...] = (
    ("above", "over", "on top of", "directly above"),
    ("below", "under", "beneath", "underneath", "directly below"),
    ("left to", "left of", "to the left of", "on the left of", "on the left side of"),
    ("right to", "right of", "to the right of", "on the right of", "on the right side of"),
)
"""Ways to say each relation before the landmark."""
SIDES: tuple[tuple[str, ...], ...] = (
    ("above it", "over it"),
    ("below it", "under it", "beneath it"),
    ("on its left", "to its left", "to the left of it"),
    ("on its right", "to its right", "to the right of it"),
)
"""Ways to say each relation after the landmark."""

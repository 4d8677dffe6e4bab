"""The wordings of phrases, by kind: shaped by what people wrote for ReferIt and RefCOCO, short and without verbs.

Slots: `{n}` the thing, `{s}` left, right, top, bottom or a corner, `{u}` the same with upper and lower, `{most}`
leftmost, `{o}` second or 2nd, `{z}` largest or another word of size (`{est}`: superlatives only), `{c}` a colour,
`{r}` left of or another relation, `{a}` what it is related to, `{r2}` and `{a2}` what that is related to.

A form says what a wording means; `compose` knows how each is put together. `:h` is for left and right, `:v` for top and
bottom, `:c` for corners, `:m` for the middle. Forms with `worn` are for people, whose colour is what they wear, never
said of themselves; those with `coloured` are for the rest.
Every word of the held-out wordings occurs in the others: what is new in them is how words are put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

KINDS = ("category", "side", "order", "size", "colour", "relation", "combination", "none")
"""Kinds of phrases."""

_TRAIN: dict[str, dict[str, tuple[str, ...]]] = {
    "category": {
        "things": (
            "{n}", "the {n}", "a {n}", "{n} in the picture", "the {n} in the photo", "the only {n}", "this {n}",
            "{n} here", "the {n} you see", "find the {n}", "that {n}", "the {n} in this photo", "a {n} here",
        ),
    },
    "side": {
        "loose:h": ("{s} {n}", "the {s} {n}", "the {n} that is more to the {s}"),
        "loose:v": ("{s} {n}", "the {s} {n}", "{u} {n}"),
        "first:h": (
            "{most} {n}", "far {s} {n}", "{n} far {s}", "the {n} furthest to the {s}", "{s} most {n}", "{n} on far {s}",
            "the {n} on the far {s}", "the {most} {n}",
        ),
        "first:v": ("{most} {n}", "the {n} furthest to the {s}"),
        "place:h": (
            "{n} on the {s}", "{n} on {s}", "the {n} on the {s}", "{n} {s}", "{n} at the {s}", "{n} on {s} side",
            "the {n} on the {s} side of the picture", "{n} to the {s}", "{n} on the {s} side", "the {n} at {s}",
        ),
        "place:v": ("{n} at the {s}", "{n} at {s}", "{n} {s}", "the {n} near the {s} of the picture", "{n} on {s}"),
        "place:c": (
            "{s} {n}", "{n} {s}", "{n} in the {s}", "the {n} in the {s} corner", "{n} in {s} corner", "{n} at the {s}",
            "{n} {u}", "{u} {n}", "{n} on {s}",
        ),
        "place:m": (
            "{n} in the middle", "{n} in middle", "center {n}", "{n} in the center", "{n} middle",
            "the {n} in the middle of the picture",
        ),
    },
    "order": {
        "rank:h": (
            "{o} {n} from the {s}", "{o} {n} from {s}", "{n} {o} from {s}", "the {o} {n} from the {s}",
            "{n} {o} from the {s}", "{o} from {s} {n}", "the {n} that is {o} from the {s}", "{o} {n} in from {s}",
            "{o} {n} counting from the {s}", "the {n} {o} from {s}",
        ),
        "rank:v": ("{o} {n} from the {s}", "{o} {n} from {s}", "the {n} that is {o} from the {s}", "{n} {o} from {s}"),
        "middle": (
            "middle {n}", "the middle {n}", "{n} in the middle", "the middle {n} of the three", "center {n}",
            "the {n} between the other two",
        ),
    },
    "size": {
        "sized": (
            "{z} {n}", "the {z} {n}", "{n} that is {est}", "the {z} {n} in the picture", "the {est} {n} of the picture",
            "{z} {n} here", "the {n} that is the {est}", "{est} {n} of all", "the {z} {n} you see", "{n} {est}",
            "{est} {n} in the photo", "find the {z} {n}",
        ),
        "front": (
            "closest {n}", "{n} in front", "front {n}", "nearest {n}", "the {n} closest to us", "{n} closest",
            "the {n} in the front", "the {n} nearest to the camera", "{n} closest to camera", "{n} front",
            "the closest {n}",
        ),
    },
    "colour": {
        "coloured": (
            "{c} {n}", "the {c} {n}", "a {c} {n}", "{n} that is {c}", "the {n} that is {c}", "{c} colored {n}",
            "{n} {c}", "{n} of {c} color", "this {c} {n}", "the {c} {n} here",
            "the only {c} {n}", "{c} {n} in the picture",
        ),
        "worn": (
            "{n} in {c}", "the {n} in {c}", "{n} wearing {c}", "the {n} wearing {c}", "{n} dressed in {c}",
            "a {n} in {c}", "{n} with {c} clothes", "{n} in {c} clothes", "the {n} who wears {c}",
            "{n} that is in {c}", "the {n} that is wearing {c}", "the {n} with {c} clothes",
        ),
    },
    "relation": {
        "related": (
            "{n} {r} the {a}", "{n} {r} {a}", "the {n} {r} the {a}", "{n} that is {r} the {a}", "the {n} {r} a {a}",
            "the {n} which is {r} the {a}", "{n} {r} a {a}", "a {n} {r} the {a}", "the {n} that is {r} the {a}",
            "{n} directly {r} the {a}", "{n} just {r} the {a}", "the {n} you see {r} the {a}",
            "{n} {r} this {a}",
        ),
        "chained": (
            "the {n} {r} the {a} that is {r2} the {a2}", "{n} {r} the {a} that is {r2} the {a2}",
            "{n} {r} the {a} {r2} the {a2}", "the {n} {r} the {a} which is {r2} the {a2}",
            "{n} {r} {a} that is {r2} {a2}", "the {n} that is {r} the {a} that is {r2} the {a2}",
            "{n} {r} the {a} which is {r2} the {a2}", "a {n} {r} the {a} that is {r2} a {a2}",
            "the {n} {r} the {a} {r2} the {a2}", "{n} {r} a {a} that is {r2} the {a2}",
            "{n} that is {r} the {a} {r2} the {a2}", "the {n} which is {r} the {a} which is {r2} the {a2}",
        ),
    },
    "combination": {
        "coloured+place:h": (
            "{c} {n} on {s}", "{c} {n} on the {s}", "the {c} {n} on the {s}", "{c} {n} {s}", "{s} {c} {n}",
        ),
        "coloured+loose:h": ("{s} {c} {n}", "the {s} {c} {n}", "the {most} {c} {n}"),
        "coloured+rank:h": ("{o} {c} {n} from the {s}", "{o} {c} {n} from {s}"),
        "coloured+sized": ("{z} {c} {n}", "the {z} {c} {n}"),
        "coloured+related": ("{c} {n} {r} the {a}", "the {c} {n} {r} the {a}", "{c} {n} {r} {a}"),
        "worn+place:h": (
            "{n} in {c} on {s}", "{n} in {c} on the {s}", "the {n} wearing {c} on the {s}", "{s} {n} in {c}",
        ),
        "worn+loose:h": ("{s} {n} in {c}", "the {s} {n} in {c}", "the {most} {n} wearing {c}"),
        "worn+related": ("{n} in {c} {r} the {a}", "the {n} wearing {c} {r} the {a}"),
        "sized+place:h": ("{z} {n} on the {s}", "{z} {n} on {s}", "the {z} {n} on the {s}", "{z} {n} {s}"),
        "sized+related": ("{z} {n} {r} the {a}", "the {z} {n} {r} the {a}"),
        "front+place:h": ("closest {n} on the {s}", "front {n} on {s}", "front {s} {n}", "{n} in front on the {s}"),
        "related+place:h": (
            "{n} on the {s} {r} the {a}", "the {n} on the {s} that is {r} the {a}", "{s} {n} {r} the {a}",
        ),
        "related+coloured anchor": ("{n} {r} the {c} {a}", "the {n} {r} the {c} {a}", "{n} {r} {c} {a}"),
        "related+loose anchor:h": ("{n} {r} the {s} {a}", "the {n} {r} the {s} {a}", "{n} {r} {s} {a}"),
    },
}  # fmt: skip

_HELD_OUT: dict[str, dict[str, tuple[str, ...]]] = {
    "category": {"things": ("find a {n}", "the {n} in this picture", "that {n} here", "the {n} here", "find this {n}")},
    "side": {
        "place:h": ("the {n} that is on the {s}", "{n} in the {s} side of the photo", "{s} side {n}"),
        "first:h": ("{n} furthest {s}", "the {s} most {n}"),
        "place:c": ("the {n} at the {s} corner", "the {u} {n}"),
        "place:v": ("the {n} that is at the {s}", "{n} near {s}"),
        "place:m": ("the {n} that is in the middle", "middle of the picture {n}"),
    },
    "order": {
        "rank:h": (
            "counting from {s} the {o} {n}", "the {n} {o} in from the {s}", "from the {s} the {o} {n}",
            "the {n} {o} counting from {s}",
        ),
        "rank:v": ("from the {s} the {o} {n}",),
        "middle": ("the {n} that is in the middle of the three", "the center {n} of the three"),
    },
    "size": {
        "sized": (
            "{n} which is the {est}", "{est} of all {n}", "the {est} {n} in this photo",
            "the {est} {n} you see here",
        ),
        "front": (
            "the {n} that is closest to the camera", "the front {n}", "the {n} nearest us", "nearest {n} to camera",
        ),
    },
    "colour": {
        "coloured": ("the {n} which is {c}", "that {c} {n}", "the {n} colored {c}", "a {n} of {c} color"),
        "worn": ("the {n} dressed in {c}", "{n} who is in {c}", "the {n} that wears {c}", "{n} with clothes in {c}"),
    },
    "relation": {
        "related": (
            "{n} which is {r} a {a}", "the {n} just {r} this {a}", "find the {n} {r} the {a}",
            "that {n} directly {r} {a}",
        ),
        "chained": (
            "find the {n} {r} the {a} that is {r2} the {a2}", "that {n} {r} {a} which is {r2} {a2}",
            "the {n} just {r} the {a} that is {r2} the {a2}", "the {n} that is {r} a {a} which is {r2} a {a2}",
        ),
    },
    "combination": {
        "coloured+place:h": ("the {c} {n} that is on the {s}", "{n} {c} at the {s}"),
        "worn+place:h": ("the {n} in {c} that is on the {s}", "{n} dressed in {c} {s}"),
        "coloured+related": ("the {c} {n} that is {r} the {a}",),
        "worn+related": ("the {n} dressed in {c} {r} the {a}",),
        "sized+place:h": ("the {z} {n} at the {s}",),
        "front+place:h": ("the closest {n} at the {s}",),
        "related+place:h": ("the {n} at the {s} {r} a {a}",),
        "related+coloured anchor": ("the {n} that is {r} a {c} {a}",),
        "related+loose anchor:h": ("the {n} that is {r} the {s} {a}",),
    },
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """One wording."""

    kind: str
    form: str
    """What it means, such as `coloured+place`."""
    text: str
    sides: str = ""
    """`h`, `v`, `c`, `m` or nothing: which sides it is for."""

    @property
    def name(self) -> str:
        """Unique among all wordings."""
        return f"{self.kind}/{self.form}{':' + self.sides if self.sides else ''}/{self.text}"


@cache
def templates(kind: str, held_out: bool = False) -> tuple[Template, ...]:
    """All wordings of a kind, without `none`, which uses those of the others."""
    return tuple(
        Template(kind, *_split(form, text))
        for form, texts in (_HELD_OUT if held_out else _TRAIN)[kind].items()
        for text in texts
    )


def _split(form: str, text: str) -> tuple[str, str, str]:
    name, _, sides = form.partition(":")
    return name, text, sides


ORDINALS = (("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"))
"""Words for ranks 0 to 4."""
LARGEST = ("largest", "biggest"), ("big", "large", "bigger")
SMALLEST = ("smallest", "tiniest"), ("small", "little", "smaller")
"""Superlatives, and other words that mean the same beside a noun."""
MOST = {"left": "leftmost", "right": "rightmost", "top": "topmost", "bottom": "bottommost"}
UPPER = {"top": "upper", "bottom": "lower"}
RELATIONS: dict[str, tuple[str, ...]] = {
    "left of": ("left of", "to the left of", "on the left of", "on the left side of"),
    "right of": ("right of", "to the right of", "on the right of", "on the right side of"),
    "above": ("above", "over", "higher than"),
    "below": ("below", "under", "beneath", "underneath", "lower than"),
    "next to": ("next to", "beside", "near", "by"),
    "closest to": ("closest to", "nearest to", "nearest"),
    "on": ("on", "on top of", "sitting on"),
    "in": ("in", "inside"),
    "riding": ("on", "riding"),
}
COLOUR_WORDS: dict[str, tuple[str, ...]] = {"gray": ("gray", "grey", "silver"), "purple": ("purple", "violet")}

"""What a phrase and its answer are also counted under: kind, hops, place, size, and what kind of thing it names."""

from __future__ import annotations

from collections.abc import Iterable

from lbie.data.scene import Phrase, Scene
from lbie.language.refer.templates import RELATIONS

_KINDS_OF_THINGS = {
    "person": ("person",),
    "vehicle": ("bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    "outdoor": ("traffic light", "fire hydrant", "stop sign", "parking meter", "bench"),
    "animal": ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    "accessory": ("backpack", "umbrella", "handbag", "tie", "suitcase"),
    "sports": (
        *("frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard"),
        *("surfboard", "tennis racket"),
    ),
    "kitchen": ("bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl"),
    "food": (
        *("banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake"),
    ),
    "furniture": ("chair", "couch", "potted plant", "bed", "dining table", "toilet"),
    "electronic": ("tv", "laptop", "mouse", "remote", "keyboard", "cell phone"),
    "appliance": ("microwave", "oven", "toaster", "sink", "refrigerator"),
    "indoor": ("book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"),
}  # fmt: skip
"""COCO's groups of categories."""
_GROUP_OF = {category: group for group, categories in _KINDS_OF_THINGS.items() for category in categories}
_SIDES = {"h": "side: left or right", "v": "side: top or bottom", "c": "side: a corner", "m": "side: the middle"}
_RELATIONS = {
    "relation: left or right of": ("left of", "right of"),
    "relation: above or below": ("above", "below"),
    "relation: next to, closest to": ("next to", "closest to"),
    "relation: on, in": ("on", "in", "riding"),
}
_SMALL, _LARGE = 0.02, 0.1
"""Shares of the picture below which a thing is small, and from which on it is large."""


def groups(scene: Scene, phrase: Phrase) -> dict[str, str]:
    """Values by name of the group; what cannot be told is left out, and all of it where nothing is named."""
    if phrase.target is None:
        return {}
    thing = scene.instances[phrase.target]
    found = {"kind": phrase.kind, "size": _size(float(thing.mask.mean()))}
    if thing.category:
        found["category"] = _GROUP_OF.get(thing.category, "other")
    if phrase.template:
        found["hops"] = str(phrase.hops)
        place = place_of(phrase)
        if place:
            found["place"] = place
    return found


def place_of(phrase: Phrase) -> str | None:
    """How a phrase tells where a thing is: its side, its order, or one relation; None for others."""
    if phrase.kind == "order":
        return "order"
    if phrase.kind == "side":
        form = phrase.template.split("/")[1]
        return _SIDES.get(form.partition(":")[2])
    if phrase.kind == "relation" and phrase.hops == 1:
        said = f" {phrase.text} "
        # The longest wording that occurs is meant: "on the left of" holds "on".
        found = [(len(words), name) for name, words in _wordings() if f" {words} " in said]
        return max(found)[1] if found else None
    return None


def _wordings() -> Iterable[tuple[str, str]]:
    return ((name, words) for name, keys in _RELATIONS.items() for key in keys for words in RELATIONS[key])


def _size(share: float) -> str:
    if share < _SMALL:
        return "under 2 % of the picture"
    return "2 to 10 %" if share < _LARGE else "10 % and more"

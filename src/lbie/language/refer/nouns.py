"""What the 80 categories of COCO are called, and which other things a word may mean as well."""

from __future__ import annotations

from dataclasses import dataclass

CATEGORIES: dict[str, tuple[str, ...]] = {
    "person": ("person", "person", "person", "human", "individual", "someone", "somebody"),
    "bicycle": ("bicycle", "bike", "cycle"),
    "car": ("car", "car", "automobile", "auto"),
    "motorcycle": ("motorcycle", "motorbike"),
    "airplane": ("airplane", "plane", "aeroplane", "jet"),
    "bus": ("bus",),
    "train": ("train",),
    "truck": ("truck", "lorry"),
    "boat": ("boat", "ship"),
    "traffic light": ("traffic light", "stop light", "traffic signal"),
    "fire hydrant": ("fire hydrant", "hydrant"),
    "stop sign": ("stop sign",),
    "parking meter": ("parking meter", "meter"),
    "bench": ("bench",),
    "bird": ("bird",),
    "cat": ("cat", "kitty"),
    "dog": ("dog", "doggy"),
    "horse": ("horse",),
    "sheep": ("sheep",),
    "cow": ("cow",),
    "elephant": ("elephant",),
    "bear": ("bear",),
    "zebra": ("zebra",),
    "giraffe": ("giraffe",),
    "backpack": ("backpack", "rucksack"),
    "umbrella": ("umbrella", "parasol"),
    "handbag": ("handbag", "purse"),
    "tie": ("tie", "necktie"),
    "suitcase": ("suitcase", "luggage", "case"),
    "frisbee": ("frisbee",),
    "skis": ("skis", "pair of skis"),
    "snowboard": ("snowboard",),
    "sports ball": ("ball",),
    "kite": ("kite",),
    "baseball bat": ("baseball bat", "bat"),
    "baseball glove": ("baseball glove", "glove", "mitt"),
    "skateboard": ("skateboard",),
    "surfboard": ("surfboard",),
    "tennis racket": ("tennis racket", "racket", "racquet"),
    "bottle": ("bottle",),
    "wine glass": ("wine glass", "wineglass"),
    "cup": ("cup",),
    "fork": ("fork",),
    "knife": ("knife",),
    "spoon": ("spoon",),
    "bowl": ("bowl", "dish"),
    "banana": ("banana",),
    "apple": ("apple",),
    "sandwich": ("sandwich",),
    "orange": ("orange",),
    "broccoli": ("broccoli", "piece of broccoli"),
    "carrot": ("carrot",),
    "hot dog": ("hot dog", "hotdog"),
    "pizza": ("pizza",),
    "donut": ("donut", "doughnut"),
    "cake": ("cake",),
    "chair": ("chair", "seat"),
    "couch": ("couch", "sofa"),
    "potted plant": ("potted plant", "plant", "houseplant"),
    "bed": ("bed",),
    "dining table": ("table", "dining table"),
    "toilet": ("toilet",),
    "tv": ("tv", "television", "screen", "monitor"),
    "laptop": ("laptop", "notebook computer"),
    "mouse": ("mouse", "computer mouse"),
    "remote": ("remote", "remote control"),
    "keyboard": ("keyboard",),
    "cell phone": ("cell phone", "phone", "mobile phone", "cellphone", "mobile"),
    "microwave": ("microwave", "microwave oven"),
    "oven": ("oven", "stove"),
    "toaster": ("toaster",),
    "sink": ("sink", "basin"),
    "refrigerator": ("refrigerator", "fridge"),
    "book": ("book",),
    "clock": ("clock",),
    "vase": ("vase",),
    "scissors": ("scissors", "pair of scissors"),
    "teddy bear": ("teddy bear", "teddy", "stuffed bear"),
    "hair drier": ("hair drier", "hair dryer"),
    "toothbrush": ("toothbrush",),
}
"""Words for each category, the likely ones more than once."""

GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "animal": (
        ("animal", "creature"),
        ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
        ("teddy bear",),
    ),
    "vehicle": (
        ("vehicle",),
        ("car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
        ("bicycle",),
    ),
    "food": (
        ("food", "food item"),
        ("banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake"),
        ("bowl", "cup", "bottle", "wine glass"),
    ),
    "fruit": (("fruit", "piece of fruit"), ("banana", "apple", "orange"), ()),
    "vegetable": (("vegetable",), ("broccoli", "carrot"), ()),
    "cutlery": (("utensil", "piece of cutlery"), ("fork", "knife", "spoon"), ("scissors",)),
    "bag": (("bag",), ("handbag", "backpack"), ("suitcase",)),
    "glass": (("glass",), ("wine glass",), ("cup", "vase", "bottle")),
}
"""Wider words: how they are said, what they surely mean, what they may mean."""

_MAY_BE: dict[str, tuple[str, ...]] = {
    "bicycle": ("motorcycle",),
    "motorcycle": ("bicycle",),
    "car": ("truck", "bus"),
    "truck": ("car", "bus"),
    "bus": ("train", "truck"),
    "cup": ("wine glass", "bowl"),
    "bowl": ("cup", "sink"),
    "chair": ("couch", "bench", "toilet"),
    "couch": ("chair", "bed"),
    "bench": ("chair", "couch"),
    "tv": ("laptop",),
    "laptop": ("tv", "keyboard"),
    "keyboard": ("laptop",),
    "microwave": ("oven",),
    "oven": ("microwave",),
    "potted plant": ("vase",),
    "vase": ("potted plant",),
    "bear": ("teddy bear",),
    "cow": ("sheep",),
    "handbag": ("backpack", "suitcase"),
    "backpack": ("handbag", "suitcase"),
    "suitcase": ("handbag", "backpack"),
    "cell phone": ("remote",),
    "remote": ("cell phone",),
    "cake": ("donut", "sandwich"),
    "sandwich": ("hot dog", "cake"),
    "hot dog": ("sandwich",),
    "skis": ("snowboard",),
    "snowboard": ("skis", "surfboard", "skateboard"),
    "sports ball": ("orange", "apple"),
    "dining table": ("bench",),
}

PRONOUNS = frozenset({"someone", "somebody"})
"""Words that take neither article nor adjective."""

STANDING = frozenset(
    ("person", "car", "bus", "truck", "motorcycle", "bicycle", "dog", "cat", "horse", "sheep", "cow", "elephant",
     "bear", "zebra", "giraffe", "chair", "fire hydrant", "parking meter", "suitcase", "bench", "bottle", "cup")
)  # fmt: skip
"""Things that stand on the ground or a table, so that the one lower in the picture and larger is in front."""

_FUR = frozenset({"black", "white", "gray", "brown"})
NATURAL: dict[str, frozenset[str]] = {
    **dict.fromkeys(("bird", "dog", "horse", "sheep", "cow", "bear", "teddy bear"), _FUR),
    "cat": _FUR | {"orange"},
    "elephant": frozenset({"gray", "brown"}),
    "banana": frozenset({"yellow", "green"}),
    "apple": frozenset({"red", "green", "yellow"}),
    "cake": frozenset({"white", "brown", "pink"}),
    "donut": frozenset({"white", "brown", "pink"}),
    **dict.fromkeys(
        ("zebra", "giraffe", "pizza", "sandwich", "hot dog", "orange", "broccoli", "carrot", "wine glass"), frozenset()
    ),
}
"""The colours that may be told of some things: others come of the light, or of what is seen through them."""
METAL = frozenset(
    ("car", "truck", "bus", "motorcycle", "bicycle", "airplane", "train", "fork", "knife", "spoon", "sink")
)
METAL |= {"refrigerator", "oven", "toaster", "microwave", "laptop", "cell phone", "scissors", "parking meter"}
"""What is called silver where it is gray."""

PEOPLE = frozenset({"person"})
SAID_OF_PEOPLE = ("man", "woman", "guy", "lady", "girl", "boy", "kid", "child", "player", "dude")
"""What people call a person, where only looking tells which: for training, never for what is measured."""


@dataclass(frozen=True)
class Noun:
    """A word and what it means."""

    text: str
    """The word, singular."""
    kinds: frozenset[str]
    """The categories that it surely names."""
    maybe: frozenset[str] = frozenset()
    """The categories that somebody might call so."""

    @property
    def is_person(self) -> bool:
        """Whether it names people only."""
        return self.kinds == PEOPLE


def nouns_of(category: str) -> list[Noun]:
    """The words for a category of COCO, or the category's own name where it is none of them."""
    maybe = frozenset(_MAY_BE.get(category, ()))
    return [Noun(text, frozenset({category}), maybe) for text in CATEGORIES.get(category, (category,))]


def groups_of(category: str) -> list[Noun]:
    """The wider words for a category: `animal` for `dog`."""
    return [
        Noun(text, frozenset(kinds), frozenset(maybe))
        for texts, kinds, maybe in GROUPS.values()
        if category in kinds
        for text in texts
    ]

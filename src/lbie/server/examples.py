"""Pictures to try things on: those of `lbie.samples` that are installed."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

from lbie.errors import InputError
from lbie.samples import SAMPLES, sample_path

_SENTENCES = {
    "flower": ("The flower is blue in color.", "this flower has white petals and a yellow center"),
    "chelsea": ("make the cat orange", "gray out everything except the cat"),
    "coffee": ("make the cup blue", "cut out the cup"),
    "astronaut": ("blur everything except the woman", "blur the background"),
    "shapes": (
        "The circle is red. The color of the shape above the circle is light-green.",
        "Colour the circle red. The diamond has the same color as the circle.",
    ),
    "sketch": (
        "The left rectangle is teal. The other rectangle is gold.",
        "All triangles are #ff8800.",
    ),
}


@dataclass(frozen=True)
class Example:
    """A picture, whose it is, and sentences that suit it."""

    name: str
    credit: str
    sentences: tuple[str, ...]
    data: bytes
    media_type: str


def installed_examples() -> dict[str, Example]:
    """All that are installed, by name."""
    found = {}
    for name, sentences in _SENTENCES.items():
        try:
            path = sample_path(name)
        except InputError:
            continue
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        found[name] = Example(name, SAMPLES[name].credit, sentences, path.read_bytes(), kind)
    return found

"""Which bundled model an image and a sentence call for."""

from __future__ import annotations

from dataclasses import dataclass

from lbie.data.cosal.templates import KIND_NAMES
from lbie.editing.drawing import read_drawing
from lbie.errors import InputError
from lbie.image_io import SourceImage
from lbie.language.vocabulary import tokenize

FLOWERS, SHAPES = "flowers", "cosal"
"""Names of the models to choose from."""
_NOUNS = {name.replace("-", " ").split()[-1] for names in KIND_NAMES for name in names} | {"shape"}
SHAPE_WORDS = frozenset(_NOUNS | {f"{noun}s" for noun in _NOUNS})
"""Words that name shapes."""
_PARTS = ("flower", "petal", "blossom", "bloom", "stamen", "pistil", "anther", "sepal", "floret", "leaf", "stem", "bud")
FLOWER_WORDS = frozenset({*_PARTS, *(f"{part}s" for part in _PARTS), "leaves", "floral", "petaled"})
"""Words that speak of flowers."""
_ASK = "say which model to use: --model flowers colours photos of flowers, --model cosal the shapes of a drawing"


@dataclass(frozen=True)
class Choice:
    """A model, and why."""

    model: str
    """Its bundled name."""
    reason: str
    """What was seen, in half a line."""


def choose_model(source: SourceImage, sentence: str) -> Choice:
    """Choose between the bundled models.

    A plain drawing in two tones goes to the model of shapes, all else to that of flowers, unless the sentence speaks
    of the other thing.

    Raises:
        InputError: image and sentence do not go together; the message says what was seen.
    """
    words = set(tokenize(sentence))
    about_flowers = bool(words & FLOWER_WORDS)
    about_shapes = bool(words & SHAPE_WORDS) and not about_flowers
    trouble, readable = _no_drawing(source)
    if trouble is None and not about_flowers:
        speaks = "the sentence names shapes" if about_shapes else "the sentence does not speak of flowers"
        return Choice(SHAPES, f"a drawing in two tones, and {speaks}")
    if trouble is None:
        raise InputError(f"the image is a drawing in two tones, but the sentence speaks of flowers: {_ASK}")
    if about_shapes and not readable:
        raise InputError(
            f"the sentence names shapes, but the model of shapes cannot read the image ({trouble}); for a photo of "
            "flowers say --model flowers"
        )
    if about_shapes:
        raise InputError(f"the sentence names shapes, but the image is no plain drawing of them ({trouble}): {_ASK}")
    tone = "a grayscale photo" if source.gray else "a photo in colour"
    return Choice(FLOWERS, f"{tone}, and the sentence {'speaks of flowers' if about_flowers else 'names no shapes'}")


def _no_drawing(source: SourceImage) -> tuple[str | None, bool]:
    """What keeps an image from being plainly a drawing of shapes, or None; whether the model of shapes reads it."""
    try:
        drawing = read_drawing(source)
    except InputError as error:
        return str(error), False
    trouble = "; ".join(drawing.notices) or "blurred, or shapes that touch its edge"
    return (None if drawing.clean else trouble), True

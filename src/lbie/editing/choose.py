"""Which bundled model an image and a sentence call for."""

from __future__ import annotations

from dataclasses import dataclass

from lbie.data.cosal.templates import KIND_NAMES
from lbie.editing.drawing import read_drawing
from lbie.editing.request import Request, commands, parse_request
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage
from lbie.language.colour_words import find_colour
from lbie.language.vocabulary import tokenize

FLOWERS, SHAPES, PHOTOS = "flowers", "cosal", "photos"
"""Names of the models to choose from."""
_NOUNS = {name.replace("-", " ").split()[-1] for names in KIND_NAMES for name in names} | {"shape"}
SHAPE_WORDS = frozenset(_NOUNS | {f"{noun}s" for noun in _NOUNS})
"""Words that name shapes."""
_PARTS = ("flower", "petal", "blossom", "bloom", "stamen", "pistil", "anther", "sepal", "floret", "leaf", "stem", "bud")
FLOWER_WORDS = frozenset({*_PARTS, *(f"{part}s" for part in _PARTS), "leaves", "floral", "petaled"})
"""Words that speak of flowers."""
_ASK = (
    "say which model to use: --model flowers colours photos of flowers, --model photos edits what you name in a photo, "
    "--model cosal colours the shapes of a drawing"
)


@dataclass(frozen=True)
class Choice:
    """A model, and why."""

    model: str
    """Its bundled name."""
    reason: str
    """What was seen, in half a line."""


def choose_model(source: SourceImage, sentence: str) -> Choice:
    """Choose between the bundled models.

    A plain drawing in two tones goes to the model of shapes. A photo goes to the model that edits photos where the
    sentence asks for a change of what it names, unless that is the colour of a flower; else to that of flowers.

    Raises:
        InputError: image and sentence do not go together, or more than one model may be meant; the message says what
            was seen.
        SentenceError: the sentence asks for a change of a photo that is not understood.
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
            "flowers say --model flowers, for another photo --model photos"
        )
    if about_shapes:
        raise InputError(f"the sentence names shapes, but the image is no plain drawing of them ({trouble}): {_ASK}")
    tone = "a grayscale photo" if source.gray else "a photo in colour"
    return _of_photo(source, sentence, about_flowers, tone)


def _of_photo(source: SourceImage, sentence: str, about_flowers: bool, tone: str) -> Choice:
    """Choose between the models of photos."""
    told = commands(sentence)
    try:
        request = parse_request(sentence)
    except SentenceError:
        if told and not about_flowers and not source.gray and not find_colour(tokenize(sentence)[-1:]):
            raise
    else:
        if told and not _of_flowers(request):
            return Choice(PHOTOS, f"{tone}, and the sentence asks for a change of what it names")
        if not told and not about_flowers and request.change.kind == "colour":
            raise InputError(f"'{sentence}' may tell how a photo is to be coloured, or what to change in it: {_ASK}")
    return Choice(FLOWERS, f"{tone}, and the sentence {'speaks of flowers' if about_flowers else 'names no shapes'}")


def _of_flowers(request: Request) -> bool:
    """Whether it asks for the colour of flowers alone, by a name."""
    change = request.change
    if change.colour is None or change.colour.name.startswith("#") or request.inverted:
        return False
    return all(FLOWER_WORDS & set(tokenize(phrase)) for phrase in request.phrases)


def _no_drawing(source: SourceImage) -> tuple[str | None, bool]:
    """What keeps an image from being plainly a drawing of shapes, or None; whether the model of shapes reads it."""
    try:
        drawing = read_drawing(source)
    except InputError as error:
        return str(error), False
    trouble = "; ".join(drawing.notices) or "blurred, or shapes that touch its edge"
    return (None if drawing.clean else trouble), True

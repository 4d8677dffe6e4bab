"""Which bundled model an image and a sentence call for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lbie.data.cosal.colour_numbers import colour_numbers
from lbie.data.cosal.templates import KIND_NAMES, THINGS
from lbie.editing.drawing import on_white, read_drawing
from lbie.editing.drawn import is_drawn
from lbie.editing.facts import says_which
from lbie.editing.request import Request, commands, parse_request
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage
from lbie.language.colour_mentions import colour_words, find_mentions
from lbie.language.colour_words import find_colour
from lbie.language.vocabulary import Vocabulary, tokenize
from lbie.registry import resolve_model

FLOWERS, SHAPES, SKETCH, PHOTOS = "flowers", "cosal", "sketch", "photos"
"""Names of the models to choose from."""
_NOUNS = {name.replace("-", " ").split()[-1] for names in (*KIND_NAMES, THINGS) for name in names}
SHAPE_WORDS = frozenset({*_NOUNS, *(f"{noun}s" for noun in _NOUNS), "boxes", "square", "squares"})
"""Words that name shapes."""
_PARTS = ("flower", "petal", "blossom", "bloom", "stamen", "pistil", "anther", "sepal", "floret", "leaf", "stem", "bud")
FLOWER_WORDS = frozenset({*_PARTS, *(f"{part}s" for part in _PARTS), "leaves", "floral", "petaled"})
"""Words that speak of flowers."""
_ASK = (
    "say which model to use: --model flowers colours photos of flowers, --model photos edits what you name in a photo, "
    "--model sketch colours the areas of a drawing"
)


@dataclass(frozen=True)
class Choice:
    """A model, and why."""

    model: str
    """Its bundled name."""
    reason: str
    """What was seen, in half a line."""


@dataclass(frozen=True)
class Look:
    """Whether an image looks like a drawing; looked at once, for it takes a while."""

    source: SourceImage
    """The image."""

    @cached_property
    def plain(self) -> bool:
        """Whether it is plainly a drawing of shapes in two tones, in three rows of three."""
        try:
            return read_drawing(self.source).clean
        except InputError:
            return False

    @cached_property
    def drawn(self) -> bool:
        """Whether it is a drawing of any kind."""
        return is_drawn(on_white(self.source))


def choose_model(source: SourceImage, sentence: str, look: Look | None = None) -> Choice:
    """Choose between the bundled models.

    A drawing goes to a model of drawings: to `cosal` where it is a plain one in two tones, and that model knows every
    word and colour; else to `sketch`. A photo goes to the model that edits photos where the sentence asks for a change
    of what it names, unless that is the colour of a flower; else to that of flowers.

    Args:
        source: the image.
        sentence: what is said of it.
        look: at the image, where more sentences are said of it; None to look now.

    Raises:
        InputError: image and sentence do not go together, or more than one model may be meant; the message says what
            was seen.
        SentenceError: the sentence asks for a change of a photo that is not understood.
    """
    words = set(tokenize(sentence))
    about_flowers = bool(words & FLOWER_WORDS)
    about_shapes = bool(words & SHAPE_WORDS) and not about_flowers
    look = look or Look(source)
    plain = look.plain
    if plain and about_flowers:
        raise InputError(f"the image is a drawing in two tones, but the sentence speaks of flowers: {_ASK}")
    if plain and not source.gray and not about_shapes and _of_photos(sentence):
        return Choice(PHOTOS, "a picture in colour, and the sentence asks for a change of what no drawing has")
    if plain and _reads(sentence):
        return Choice(SHAPES, "a drawing of shapes in two tones, and every word is one that it knows")
    if plain:
        return Choice(SKETCH, "a drawing in two tones")
    if about_shapes and look.drawn:
        return Choice(SKETCH, "a drawing, and the sentence names shapes")
    tone = "a grayscale photo" if source.gray else "a photo in colour"
    if about_shapes and not commands(sentence):
        raise InputError(f"the sentence names shapes, but the image looks like {tone}, not like a drawing: {_ASK}")
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


def _of_photos(sentence: str) -> bool:
    """Whether it asks for a change of things that the models of drawings have no word for, as of a cut-out."""
    if not commands(sentence):
        return False
    try:
        phrases = parse_request(sentence).phrases
    except SentenceError:
        return False
    known = Vocabulary.load(resolve_model(SKETCH) / "vocabulary.json")
    return any(known.encode(phrase, len(tokenize(phrase)) + 1).unknown for phrase in phrases)


def _reads(sentence: str) -> bool:
    """Whether the model of plain drawings knows every word and colour, and which shape is meant."""
    words = colour_words(sentence)
    if says_which(words) or any(m.colour.rgb not in colour_numbers() for m in find_mentions(words)):
        return False
    known = Vocabulary.load(resolve_model(SHAPES) / "vocabulary.json")
    return not known.encode(sentence, len(words) + 1).unknown

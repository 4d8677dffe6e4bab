"""A sentence that asks for an edit of a photo, read as the things it names and what is to be done to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lbie.editing import request_forms as forms
from lbie.editing.change import LITTLE, MUCH, NORMAL, Change
from lbie.editing.things import Things, ends_with_noun, is_plain_colour, read_things, two_changes
from lbie.errors import SentenceError
from lbie.language.colour_words import MOST_WORDS, NamedColour, ends_with_colour, find_colour, suggest_colour
from lbie.language.vocabulary import normalise

MOST_CHARACTERS = 500
"""A longer sentence is refused."""
FORMS = "'make the car on the left red', 'blur everything except the dog', 'cut out the cup'"
_MOST_QUOTED = 60


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    phrases: tuple[str, ...]
    """Each names one thing, normalised; the region is the union of all. `things.FOREGROUND` where the sentence speaks
    of the background and names no thing."""
    inverted: bool
    """Whether the region is all except these; without phrases, the whole photo."""
    change: Change
    """What is to be done to it."""

    def __str__(self) -> str:
        """`the cat + the dog: colour red`."""
        named = " + ".join(self.phrases)
        if self.inverted:
            named = f"everything except {named}" if self.phrases else "everything"
        return f"{named}: {self.change}"


def parse_request(sentence: str) -> Request:
    """Read what a sentence asks for.

    Understood are colours (make, paint, turn, change the colour of X to; a name or hex), gray out, brighten, darken,
    blur and cut out; of a thing, several ("the cat and the dog"), everything except one, the background, or
    everything. Nothing is guessed: what is left over is an error.

    Raises:
        SentenceError: it asks for nothing of this kind; the message says what was understood, and shows what works.
    """
    if len(sentence) > MOST_CHARACTERS:
        raise SentenceError(f"the sentence has {len(sentence):,} characters; a request has at most {MOST_CHARACTERS}")
    text = _clean(sentence)
    if not text:
        raise _error(sentence, "it has no words")
    if denied := forms.NOT.search(text):
        raise _error(sentence, f"'{denied[0]}' is not understood: say what is to change, not what is not")
    if "%" in text:
        raise _error(sentence, "'%' means nothing here: how far a change goes is said by 'a little' or 'a lot'")
    if forms.SECOND.search(text):
        raise _error(sentence, "it asks for several changes: ask for one a sentence, and edit the result again")
    for request in _readings(text):
        return _checked(sentence, request)
    raise _error(sentence, _trouble(text))


def commands(sentence: str) -> bool:
    """Whether a sentence tells to do something, as "make the car red" does, or should; "the car is red" does not."""
    text = _clean(sentence[:MOST_CHARACTERS])
    bare, _ = _amount(text)
    forced = forms.STATE.match(text) and re.search(r" (?:should|must|will|to) be(?:come)? ", text)
    return bool(
        forced
        or any(forms.MAKE.fullmatch(t) or forms.OTHER.fullmatch(t) for t in (text, bare))
        or any(pattern.fullmatch(bare) for _, _, pattern in forms.RULES)
    )


def _clean(sentence: str) -> str:
    """Normalised, without quotes, politeness and what is no word."""
    text = normalise(sentence.replace("\u2032", "'"))
    text = re.sub(r"\B'|'\B(?! colou?r)|[^\w\s#&/',.;!?%-]|_", " ", text)
    text = " ".join(re.sub(r"\s+(?=[,.;!?])", "", text).split()).strip(" .,;!?-")
    previous = None
    while text != previous:
        previous = text
        if found := forms.POLITE.match(text):
            text = text[found.end() :]
        for found in forms.THANKS.finditer(text):
            if found.end() == len(text):
                text = text[: found.start()]
                break
        text = text.strip(" .,;!?-")
    return text


def _readings(text: str) -> Iterator[Request]:
    """What a clean text may ask for, the best reading first."""
    for whole, amount in dict.fromkeys((_amount(text), (text, NORMAL))):
        for kind, inverted, pattern in forms.RULES:
            if found := pattern.fullmatch(whole):
                yield from _of(found["thing"], inverted, Change(kind, amount=amount))
        told = forms.MAKE.fullmatch(whole)
        yield from _results(told["rest"] if told else whole, bool(told), amount)


def _results(text: str, told: bool, amount: float) -> Iterator[Request]:
    """Readings of a thing and what it becomes; `told` where a verb such as "make" came before."""
    for kind, inverted, pattern in forms.RESULTS:
        if found := pattern.fullmatch(text):
            thing = _named(found["thing"], told)
            if thing is not None and not (kind == "brighten" and not ends_with_noun(thing)):
                much = _how_much(found) if found["little"] or found["much"] else amount
                yield from _of(thing, inverted, Change(kind, amount=much))
    words = re.sub(r" (?:in colou?r|colou?r(?:ed)?)$", "", text).split()
    fallback = []
    for count in range(min(MOST_WORDS, len(words) - 1), 0, -1):
        colour = find_colour(words[-count:])
        before = " ".join(words[:-count])
        left = None if colour is None else _named(before, told, indefinite=count > 1)
        if colour is None or left is None:
            continue
        left, much = _amount(left)
        request = _of(_without_old_colour(left), False, Change("colour", colour, much if much != NORMAL else amount))
        # "paint the rose pink": "rose pink" would leave no noun; "the man in blue grey": he is rather in blue
        clothed = count > 1 and before.endswith((" in", " wearing")) and is_plain_colour(words[-count])
        if ends_with_noun(left) and not clothed:
            yield from request
        else:
            fallback.append(request)
    for request in reversed(fallback):
        yield from request


def _named(text: str, told: bool, indefinite: bool = False) -> str | None:
    """The words that name the thing, without what links them to the result; None where the verb is missing.

    Args:
        text: all before the result.
        told: whether a verb came before.
        indefinite: whether "a" before the result may be left out, as in "make the car a bright red".
    """
    if found := forms.STATE.fullmatch(text):
        return None if told and text.endswith((" is", " are")) else found["rest"]
    if not told:
        return None
    if indefinite:
        text = re.sub(r" an?$", "", text)
    while text != "it all" and (found := forms.GLUE.fullmatch(text)):
        text = found["rest"]
    if found := forms.COLOUR_OF.fullmatch(text):
        text = found["of"] or found["own"]
    return text


def _of(text: str, inverted: bool, change: Change) -> Iterator[Request]:
    if found := forms.COLOUR_OF.fullmatch(text):
        text = found["of"] or found["own"]
    things = read_things(text.strip(" ,"))
    if things is not None:
        yield Request(things.phrases, things.inverted != inverted, change)


def _without_old_colour(text: str) -> str:
    """`the car on the left from blue` as `the blue car on the left`."""
    found = forms.FROM.fullmatch(text)
    if not found or ends_with_colour(found["old"].split()) != len(found["old"].split()):
        return text
    article = forms.ARTICLE.fullmatch(found["rest"])
    if article:
        return f"{article['article']} {found['old']} {article['rest']}"
    return f"{found['old']} {found['rest']}"


def _amount(text: str) -> tuple[str, float]:
    """A text without an adverb at either end, and how much it says."""
    for pattern in (forms.LEADING, forms.TRAILING):
        if found := pattern.fullmatch(text):
            return found["rest"], _how_much(found)
    return text, NORMAL


def _how_much(found: re.Match[str]) -> float:
    return LITTLE if found["little"] else MUCH


def _checked(sentence: str, request: Request) -> Request:
    """The request.

    Raises:
        SentenceError: it can hardly be meant.
    """
    things = Things(request.phrases, request.inverted)
    for phrase in request.phrases:
        if odd := re.search(r"[#%&/.;!?]", phrase):
            raise _error(sentence, f"'{odd[0]}' in '{_short(phrase)}' means nothing here")
    if other := two_changes(things):
        raise _error(sentence, f"'{_short(other)}' has a colour of its own: ask for one change a sentence")
    if request.change.kind == "cut out":
        if not request.phrases:
            raise _error(sentence, "of everything nothing would be cut out: name a thing")
        if request.inverted and re.match(r".*\b(?:cut|clip|extract|isolate|keep)\b", normalise(sentence)):
            name = _short(request.phrases[0])
            raise _error(
                sentence,
                f"it may mean to keep or to remove '{name}': write 'cut out {name}' to keep nothing else, "
                f"or 'make {name} transparent'",
            )
    return request


def _trouble(text: str) -> str:
    """Why a clean text is not understood, with what was."""
    if found := forms.OTHER.fullmatch(text):
        verb = found["verb"]
        return (
            f"'{verb}' is nothing that lbie can do: it changes the colour, brightness or sharpness of what is in the "
            "photo, or cuts it out"
        )
    told = forms.MAKE.fullmatch(text)
    rest = (told or {"rest": text})["rest"]
    words = rest.split()
    verb = text[: len(text) - len(rest)].strip()
    count = ends_with_colour(words)
    if count:
        colour: NamedColour | None = find_colour(words[-count:])
        name = "" if colour is None else colour.name
        left = " ".join(words[:-count])
        if told:
            return f"it has the colour '{name}', but no thing to give it to" + (
                f": got '{_short(left)}'" if left else ""
            )
        return f"it has the colour '{name}', but does not say what to do: start with 'make'"
    if told:
        near = suggest_colour(words[-1])
        meant = f" (did you mean '{near}'?)" if near else ""
        return f"after '{verb}' comes '{_short(rest)}', which does not end with a colour{meant} or another change"
    return "no change was found in it"


def _short(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else f"{text[: _MOST_QUOTED - 1]}…"


def _error(sentence: str, why: str) -> SentenceError:
    return SentenceError(f"'{_short(' '.join(sentence.split()))}' is not understood: {why}; try {FORMS}")

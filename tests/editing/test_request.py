from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbie.editing.change import LITTLE, MUCH, NORMAL
from lbie.editing.request import Request, parse_request
from lbie.editing.things import FOREGROUND
from lbie.errors import SentenceError
from lbie.language.colour_words import find_colour

PHRASES = (
    *("the car on the left", "the red car", "the black dog on the left", "the second person from the right", "car"),
    *("the cup right of the bowl", "the man's shirt", "the largest dog", "the sky", "the rose", "the orange"),
    *("the man in blue", "the black and white cat", "the woman with a hat and a beard", "left one", "the hot dog"),
    *("the person between the car and the tree", "the girl who is holding an umbrella", "the big red bus at the back"),
)
COLOURS = ("red", "white", "black", "grey", "sea green", "dark blue", "pale pink", "dark crimson", "#0f8", "#12Ab9f")
TEMPLATES = (
    *("make {} {}", "turn {} {}", "paint {} {}", "please colour {} {}", "Color {} {}.", "recolour {} {}!", "dye {} {}"),
    *("change {} to {}", "change the colour of {} to {}", "could you turn {} into {}, please?", "MAKE {} {}"),
    *("set the color of {} to {}", "make {} completely {}", "{} should be {}", "I want {} to be {}", "paint {} in {}"),
    *("make {} a shade of {}", "make {} {} in colour"),
)
EFFECTS = {
    "gray out {}": "gray out", "grey {} out": "gray out", "desaturate {}": "gray out",
    "make {} black & white": "gray out", "turn {} black and white": "gray out", "remove the color of {}": "gray out",
    "brighten {}": "brighten", "lighten up {}": "brighten", "make {} brighter": "brighten", "darken {}": "darken",
    "make {} darker": "darken", "blur {}": "blur", "Blur out {}.": "blur", "make {} blurry": "blur",
    "cut out {}": "cut out", "cut {} out": "cut out", "extract {}": "cut out", "keep only {}": "cut out",
    "remove the background of {}": "cut out", "can you please extract {} from the photo?": "cut out",
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_phrase_and_colour_come_back(template: str) -> None:
    for phrase in PHRASES:
        for colour in COLOURS:
            sentence = template.format(phrase, colour)
            request = parse_request(sentence)
            assert (request.phrases, request.inverted, request.change.kind) == ((phrase,), False, "colour"), sentence
            assert request.change.colour == find_colour(colour.lower().split()), sentence


@pytest.mark.parametrize(("template", "kind"), EFFECTS.items())
def test_phrase_and_effect_come_back(template: str, kind: str) -> None:
    for phrase in PHRASES:
        request = parse_request(template.format(phrase))
        assert (request.phrases, request.inverted, request.change.kind) == ((phrase,), False, kind), phrase


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("make the cat and the dog red", "the cat + the dog: colour red"),
        ("cut out the cat, the dog and the cup", "the cat + the dog + the cup: cut out"),
        ("make the left and right car blue", "the left and right car: colour blue"),
        ("Gray out everything except the dog.", "everything except the dog: gray out"),
        ("blur everything but the man and the dog", "everything except the man + the dog: blur"),
        ("blur the background", f"everything except {FOREGROUND}: blur"),
        ("slightly blur the background behind the man", "everything except the man: blur a little"),
        ("remove the background", f"{FOREGROUND}: cut out"),
        ("make the cat transparent", "everything except the cat: cut out"),
        ("darken the whole photo a lot", "everything: darken a lot"),
        ("change the car on the left from blue to red", "the blue car on the left: colour red"),
        ("paint the rose pink", "the rose: colour pink"),
        ("make the red apple green", "the red apple: colour green"),
        ("make the traffic light red", "the traffic light: colour red"),
        ("make the car a bright red", "the car: colour bright red"),
        ("make the \u201cyellow cup\u201d light blue \U0001f600!!", "the yellow cup: colour light blue"),
        ("make the woman\u2019s dress teal", "the woman's dress: colour teal"),
        ("MAKE THE CAR \uff03FF0000", "the car: colour #ff0000"),
    ],
)
def test_what_is_read(sentence: str, expected: str) -> None:
    assert str(parse_request(sentence)) == expected


@pytest.mark.parametrize(
    ("sentence", "amount"),
    [
        *(
            ("brighten the cup a little", LITTLE),
            ("make the cup a bit darker", LITTLE),
            ("slightly blur it all", LITTLE),
        ),
        *(("make the cup much brighter", MUCH), ("blur the cup a lot", MUCH), ("darken the cup", NORMAL)),
        ("make the cup slightly red", LITTLE),
    ],
)
def test_amounts(sentence: str, amount: float) -> None:
    assert parse_request(sentence).change.amount == amount


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        *(("", "no words"), ("?!", "no words"), ("a red car", "no change"), ("the car red", "start with 'make'")),
        *(("make it red", "no thing"), ("make red", "no thing"), ("make the car purpel", "did you mean 'purple'")),
        *(("give the man on the right a blue shirt", "'give' is nothing"), ("remove the dog", "'remove' is nothing")),
        *(("don't make the car red", "'don't'"), ("make the car red and blur the sky", "several changes")),
        *(("make the cat red and the dog blue", "'the cat red'"), ("brighten the car by 50%", "'a little'")),
        *(("cut out everything except the dog", "transparent"), ("cut out everything", "name a thing")),
        *(("change the dog to a cat", "'the dog to a cat'"), ("x" * 501, "501 characters"), ("blur", "no change")),
        *(("make the dog and the background red", "no thing"), ("make the dog and everything else red", "no thing")),
    ],
)
def test_what_is_not_understood(sentence: str, why: str) -> None:
    with pytest.raises(SentenceError) as caught:
        parse_request(sentence)
    message = str(caught.value)
    assert why in message and "\n" not in message and caught.value.exit_code == 4
    assert len(sentence) > 500 or "'make the car on the left red'" in message


WORDS = (
    "make turn paint the a car cat red blue dark sea green and except everything but background of to in blur out "
    "gray cut , . ' # #fff #12 's colour is should be please not from light a-b 50% /"
)
PIECES = st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)


@given(st.text(max_size=80) | PIECES)
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_request_or_a_sentence_error(text: str) -> None:
    try:
        request = parse_request(text)
    except SentenceError as error:
        assert "\n" not in str(error)
        return
    assert isinstance(request, Request) and (request.phrases or request.inverted)
    assert all(any(c.isalpha() for c in phrase) for phrase in request.phrases)

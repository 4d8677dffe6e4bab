from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from by_rule import draw, sample_world
from lbie.data.cosal import generate
from lbie.data.cosal.free import generate_free
from lbie.data.cosal.templates import KIND_NAMES
from lbie.editing.choose import FLOWER_WORDS, SHAPE_WORDS, choose_model
from lbie.errors import InputError, SentenceError
from lbie.image_io import SourceImage, decode_image, read_image, source_from_array
from lbie.language.vocabulary import tokenize
from lbie.samples import SAMPLES, sample_path

FLOWER, SHAPE, OTHER = "The flower is red in color.", "The circle is red.", "make it red"
PHOTOS = sorted(set(SAMPLES) - {"shapes", "sketch"})


def photo(name: str) -> SourceImage:
    return read_image(sample_path(name))


def gray(source: SourceImage) -> np.ndarray:
    return cv2.cvtColor(source.rgb, cv2.COLOR_RGB2GRAY)


def drawing(size: int, paper: int = 255, ink: int = 0, world=None) -> np.ndarray:
    world = sample_world() if world is None else world
    shapes = {cell: (int(kind), world.geometry[cell]) for cell, kind in enumerate(world.arrangement)}
    return cv2.resize(draw(shapes, 150, paper=paper, ink=ink), (size, size), interpolation=cv2.INTER_AREA)


def jpeg(picture: np.ndarray, quality: int) -> SourceImage:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG", quality=quality)
    return decode_image(data.getvalue())


def noisy(picture: np.ndarray) -> np.ndarray:
    return (picture + np.random.default_rng(0).normal(0, 8, picture.shape)).clip(0, 255).astype(np.uint8)


DRAWINGS = {
    "of the generator": source_from_array(sample_world().source),
    "the sample": read_image(sample_path("shapes")),
    "48 px": source_from_array(drawing(48)),
    "1000 px": source_from_array(drawing(1000)),
    "JPEG, 48 px": jpeg(drawing(48), 75),
    "JPEG, 1000 px": jpeg(drawing(1000), 60),
    "gray paper": source_from_array(drawing(300, 190, 40)),
    "gray paper, noise, JPEG": jpeg(noisy(drawing(300, 200, 30)), 70),
    "one shape": source_from_array(draw({4: (8, sample_world().geometry[4])}, 60)),
}


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize(
    "sentence", [SHAPE, "The color of the shape above the ellipse is blue.", "The hexagon is red."]
)
def test_drawings(name, sentence):
    choice = choose_model(DRAWINGS[name], sentence)
    assert choice.model == ("sketch" if "hexagon" in sentence else "cosal")
    assert choice.reason.startswith("a drawing ")


@pytest.mark.parametrize(
    "sentence",
    ["The circle is teal.", "Make the leftmost circle red.", "Both circles are #ff0000.", "The left square is teal."],
)
def test_what_the_model_of_plain_drawings_does_not_know(sentence):
    assert choose_model(DRAWINGS["the sample"], sentence).model == "sketch"


@pytest.mark.parametrize("suite", ["free", "overlap", "again", "hand"])
def test_free_drawings(suite):
    for world in generate_free(suite, "test", 8):
        for rgb in (world.source, world.target):
            assert choose_model(source_from_array(rgb), "Make the left circle green.").model == "sketch"


@pytest.mark.parametrize("suite", ["paper", "wording", "chain"])
def test_every_world_and_every_sentence_of_it(suite):
    for world in generate(suite, "test", 10):
        for sentence in world.sentences:
            assert choose_model(source_from_array(world.source), sentence).model == "cosal"


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("coloured", [True, False])
def test_photos(name, coloured):
    source = photo(name) if coloured else source_from_array(gray(photo(name)))
    for sentence in (FLOWER, OTHER, "blue", "white petals and a yellow center", "petals with purple circles"):
        choice = choose_model(source, sentence)
        assert choice.model == "flowers"
        assert choice.reason.startswith("a photo in colour" if coloured else "a grayscale photo")
    with pytest.raises(InputError) as caught:
        choose_model(source, SHAPE)
    assert "names shapes" in str(caught.value) and "--model" in str(caught.value)
    assert choose_model(source, "make the box red").model == "photos"


@pytest.mark.parametrize("name", PHOTOS)
def test_thresholded_photos_are_no_plain_drawings(name):
    picture = gray(photo(name))
    for level in (None, 64, 128, 192):
        kind = cv2.THRESH_BINARY | (cv2.THRESH_OTSU if level is None else 0)
        black = cv2.threshold(picture, level or 0, 255, kind)[1]
        for two_tone in (black, 255 - black):
            assert choose_model(source_from_array(two_tone), FLOWER).model == "flowers"


def test_small_photos_are_no_drawings():
    for name in PHOTOS:
        small = cv2.resize(photo(name).rgb, (48, 48), interpolation=cv2.INTER_AREA)
        assert choose_model(source_from_array(small), FLOWER).model == "flowers"


def test_a_drawing_and_a_sentence_about_flowers():
    with pytest.raises(InputError) as caught:
        choose_model(DRAWINGS["the sample"], FLOWER)
    assert all(part in str(caught.value) for part in ("drawing in two tones", "flowers", "--model sketch"))


def test_drawings_that_are_not_plain():
    many = np.full((400, 400), 255, np.uint8)
    for y in range(0, 400, 100):
        for x in range(0, 400, 100):
            many[y + 20 : y + 80, x + 20 : x + 80] = 0
    outlines = 255 - cv2.dilate(cv2.Canny(drawing(300), 50, 150), np.ones((3, 3), np.uint8))
    for picture in (many, outlines, sample_world().target):
        assert choose_model(source_from_array(picture), SHAPE).model == "sketch"


def test_neither_drawing_nor_photo():
    for picture in (255 - drawing(300), np.full((300, 300), 255, np.uint8)):
        with pytest.raises(InputError, match=r"not like a drawing.*--model"):
            choose_model(source_from_array(picture), SHAPE)


def test_words():
    assert all(set(tokenize(name)) & SHAPE_WORDS for names in KIND_NAMES for name in names)
    assert not SHAPE_WORDS & FLOWER_WORDS


REQUESTS = (
    *("make the car on the left red", "blur the background", "Please make the dog #ff8800.", "cut out the cup"),
    *("gray out everything except the flower", "slightly darken the whole photo", "blur the flower", "I want the sky "),
    *("make the flower and the vase red", "make everything except the petals blue", "make the flower #ff8800"),
)


@pytest.mark.parametrize("coloured", [True, False])
def test_requests_go_to_the_model_of_photos(coloured):
    source = photo("chelsea") if coloured else source_from_array(gray(photo("chelsea")))
    for sentence in REQUESTS:
        wish = sentence + "to be blue" if sentence.endswith(" ") else sentence
        choice = choose_model(source, wish)
        assert choice.model == "photos", wish
        assert choice.reason.endswith("the sentence asks for a change of what it names")
    for sentence in ("make the flower red", "paint the petals and the leaves pink", "the flower should be blue"):
        assert choose_model(source, sentence).model == "flowers", sentence


def test_when_unsure_it_asks():
    with pytest.raises(InputError, match=r"--model photos"):
        choose_model(photo("chelsea"), "The car is red.")
    for sentence in ("remove the cat", "make the cat look older"):
        with pytest.raises(SentenceError, match="not understood"):
            choose_model(photo("chelsea"), sentence)


def test_a_request_of_a_drawing_goes_to_the_model_of_shapes():
    assert choose_model(DRAWINGS["the sample"], "Colour the circle red.").model == "cosal"


def test_a_cut_out_is_read_as_the_photo_that_it_was():
    coffee = photo("coffee").rgb
    spoon = np.zeros(coffee.shape[:2], np.uint8)
    cv2.ellipse(spoon, (190, 265), (28, 40), 30, 0, 360, 255, -1)
    cut = source_from_array(np.dstack([coffee, spoon]))
    for sentence in ("blur everything except the cup", "make the cup green"):
        assert choose_model(cut, sentence).model == "photos"
    blue = source_from_array(np.stack([drawing(300), drawing(300), np.full((300, 300), 255, np.uint8)], -1))
    for sentence in ("make everything red", "make the left one teal", "make the circle red"):
        assert choose_model(blue, sentence).model in ("sketch", "cosal")

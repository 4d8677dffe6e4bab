from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from api_served import BLUE, Client, check_problem, png
from PIL import Image

from lbie import Editor
from lbie.cli_common import draw_matches
from lbie.image_io import decode_image, read_edit_record
from lbie.samples import SAMPLES, sample_path

CAT = "make the cat orange"


@pytest.fixture(scope="module")
def flowers(photo: bytes) -> Editor:
    return Editor.from_pretrained("flowers", "cpu").set_image(decode_image(photo))


@pytest.fixture(scope="module")
def cat() -> bytes:
    pytest.importorskip("skimage", reason="needs lbie[demo]")
    return sample_path("chelsea").read_bytes()


@pytest.fixture(scope="module")
def photos(cat: bytes) -> Editor:
    return Editor.from_pretrained("photos", "cpu").set_image(decode_image(cat))


def test_an_edit_is_that_of_the_editor_in_every_part(api: Client, flowers: Editor, photo: bytes):
    expected = flowers.edit(BLUE)
    reply = api.edit(photo, sentence=BLUE)
    assert (reply["width"], reply["height"]) == expected.image.size
    assert (reply["model"], reply["found"], reply["matches"]) == ("flowers", True, [])
    assert "speaks of flowers" in reply["reason"]
    assert reply["steps"] == expected.steps.tolist()
    assert [token["word"] for token in reply["tokens"]] == list(expected.tokens)
    assert reply["confidence"] == round(expected.confidence, 4)
    assert np.array_equal(api.pixels(reply["links"]["image"]), np.asarray(expected.image))
    assert np.array_equal(api.pixels(f"/v1/images/{reply['id']}"), np.asarray(expected.image))
    assert np.array_equal(api.pixels(f"/v1/images/{reply['image_id']}"), decode_image(photo).rgb)
    assert np.array_equal(api.pixels(reply["links"]["mask"]), np.rint(expected.mask * 255))
    attention = api.get(reply["attention"]["href"]).json()
    assert attention["shape"] == list(expected.attention.shape)
    assert np.allclose(np.array(attention["values"]).reshape(attention["shape"]), expected.attention, atol=6e-4)
    assert reply["links"]["match"] is None
    assert reply["links"]["seen"] is None
    check_problem(api.get(f"/v1/results/{reply['id']}/match"), 404, "not-found")


def test_the_next_sentence_reuses_the_encoding(api: Client, flowers: Editor, photo: bytes):
    name = api.upload(photo)
    before = api.metric('lbie_encodings_total{kind="new"}')
    for sentence in (BLUE, "The flower is white in color.", BLUE):
        reply = api.edit(image_id=name, sentence=sentence, model="flowers")
        assert reply["reason"] is None
        assert np.array_equal(api.pixels(reply["links"]["image"]), np.asarray(flowers.edit(sentence).image))
    assert api.metric('lbie_encodings_total{kind="new"}') == before + 1


def test_a_result_is_edited_again(api: Client, photo: bytes):
    first = api.edit(photo, sentence=BLUE)
    second = api.edit(image_id=first["id"], sentence="The flower is yellow in color.")
    editor = Editor.from_pretrained("flowers", "cpu").set_image(decode_image(photo))
    editor.set_image(editor.edit(BLUE).image)
    assert np.array_equal(
        api.pixels(second["links"]["image"]), np.asarray(editor.edit("The flower is yellow in color.").image)
    )


def test_controls_are_those_of_the_editor(api: Client, flowers: Editor, photo: bytes):
    mask = np.zeros((128, 128), np.uint8)
    mask[:, 64:] = 255
    hints = ["25%,50%,orchid", "5%,95%,darkolivegreen"]
    reply = api.edit(
        photo, sentence=BLUE, strength=0.5, keep_background="true", mask=png(mask), hints=hints, seed=2, max_steps=2
    )
    expected = flowers.edit(
        BLUE, strength=0.5, keep_background=True, mask=Image.fromarray(mask), hints=hints, seed=2, max_steps=2
    )
    assert np.array_equal(api.pixels(reply["links"]["image"]), np.asarray(expected.image))
    assert reply["warnings"] == list(expected.warnings)


def test_what_a_request_names_is_matched_and_changed(api: Client, photos: Editor, cat: bytes):
    expected = photos.edit(CAT)
    reply = api.edit(cat, sentence=CAT)
    assert (reply["model"], reply["understood"]) == ("photos", expected.record["understood"])
    match = reply["matches"][0]
    rows, columns = np.flatnonzero(expected.mask.max(1) > 0.5), np.flatnonzero(expected.mask.max(0) > 0.5)
    box = [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
    assert (match["phrase"], match["found"], match["box"]) == ("the cat", True, box)
    assert np.array_equal(api.pixels(reply["links"]["image"]), np.asarray(expected.image))
    drawn = np.asarray(draw_matches(expected)).astype(int)
    assert np.abs(api.pixels(reply["links"]["match"]) - drawn).max() <= 1


@pytest.mark.parametrize(
    "sentence", [CAT, "blur everything except the cat", "make the background gray", "brighten everything"]
)
def test_what_a_sentence_would_change_is_found_before(api: Client, cat: bytes, sentence: str):
    name = api.upload(cat)
    changed = api.edit(image_id=name, sentence=sentence, model="photos")
    found = api.post("/v1/segment", image_id=name, sentence=sentence).json()
    assert np.array_equal(api.pixels(found["links"]["mask"]), api.pixels(changed["links"]["mask"]))
    assert [m["phrase"] for m in found["matches"]] == [m["phrase"] for m in changed["matches"]]


def test_phrases_are_found_and_cut_out(api: Client, photos: Editor, cat: bytes):
    expected = photos.segment(["the cat", "the left eye"], threshold=0.2)
    reply = api.post("/v1/segment", cat, phrase=["the cat", "the left eye"], threshold=0.2).json()
    assert [m["phrase"] for m in reply["matches"]] == [m.phrase for m in expected.matches]
    assert np.array_equal(api.pixels(reply["links"]["image"]), np.asarray(expected.image))
    assert api.pixels(f"/v1/images/{reply['id']}").shape[2] == 4
    check_problem(api.get(reply["links"]["image"], params={"format": "jpg"}), 422, "input")
    plain = api.post("/v1/segment", cat, sentence="the cat").json()
    assert plain["sentence"] == "the cat"


def test_nothing_that_matches_is_an_answer_but_no_picture(api: Client, cat: bytes):
    reply = api.post("/v1/segment", cat, phrase="the cat", threshold=1).json()
    assert (reply["found"], reply["links"]["image"], reply["matches"][0]["box"]) == (False, None, None)
    assert "nothing in the photo matches 'the cat'" in reply["warnings"][0]
    assert not api.pixels(reply["links"]["mask"]).any()
    assert "nothing" in check_problem(api.get(f"/v1/results/{reply['id']}/image"), 404, "no-match")
    answer = api.post("/v1/segment", cat, phrase="the cat", threshold=1, headers={"Accept": "image/png"})
    check_problem(answer, 422, "no-match")


@pytest.mark.parametrize("accept", ["image/png", "image/jpeg", "image/webp;q=0.9, application/json;q=0.5", "image/*"])
def test_the_picture_itself_is_had_by_accept(api: Client, flowers: Editor, photo: bytes, accept: str):
    answer = api.post("/v1/edit", photo, sentence=BLUE, headers={"Accept": accept})
    kind = answer.headers["content-type"]
    assert kind in ("image/png", "image/jpeg", "image/webp")
    suffix = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}[kind]
    assert answer.content == flowers.edit(BLUE).encode(suffix)[0]
    assert np.array_equal(api.pixels(answer.headers["content-location"]), np.asarray(flowers.edit(BLUE).image))


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "text/html", "image/png;q=x", "", "image/png;q=0.1, */*"]
)
def test_json_is_the_rule(api: Client, photo: bytes, accept: str):
    assert api.post("/v1/edit", photo, sentence=BLUE, headers={"Accept": accept}).json()["found"]


def test_a_file_is_as_the_editor_saves_it(api: Client, photo: bytes, tmp_path: Path):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    own = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(own, "JPEG", exif=exif)
    source = decode_image(own.getvalue())
    expected = Editor.from_pretrained("flowers", "cpu").set_image(source).edit(BLUE)
    reply = api.edit(own.getvalue(), sentence=BLUE)
    for form, metadata in itertools.product(("png", "jpg", "webp"), ("keep", "strip")):
        answer = api.get(reply["links"]["image"], params={"format": form, "metadata": metadata})
        assert answer.content == expected.encode(f".{form}", metadata)[0]
        assert answer.headers["content-disposition"] == f'attachment; filename="lbie-flowers.{form}"'
        place = tmp_path / f"x.{form}"
        place.write_bytes(answer.content)
        assert read_edit_record(place)["sentence"] == BLUE


def test_drawings_are_told_sentence_after_sentence(api: Client):
    drawing = sample_path("shapes").read_bytes()
    editor = Editor.from_pretrained("cosal", "cpu").set_image(decode_image(drawing))
    first, then = "The circle is red.", ["The color of the shape above the circle is light-green."]
    expected = editor.edit(first, then=then)
    reply = api.edit(drawing, sentence=first, then=then)
    assert reply["model"] == "cosal"
    assert {token["sentence"] for token in reply["tokens"]} == {0, 1}
    assert np.array_equal(api.pixels(reply["links"]["image"]), np.asarray(expected.image))
    assert np.array_equal(api.pixels(reply["links"]["seen"]), expected.seen)


def test_examples_are_pictures_and_their_sentences_work(api: Client):
    examples = api.get("/v1/examples").json()["examples"]
    assert {"flower", "shapes"} <= {example["name"] for example in examples}
    for example in examples:
        data = api.get(example["href"]).content
        assert example["credit"] == SAMPLES[example["name"]].credit
        name = api.upload(data)
        for sentence in example["sentences"]:
            assert api.edit(image_id=name, sentence=sentence)["found"], (example["name"], sentence)


def test_models_health_and_page(api: Client):
    found = {model["name"]: model["task"] for model in api.get("/v1/models").json()["models"]}
    assert found["flowers"] == "colorize"
    assert found["photos"] == "segment"
    assert api.get("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sentence": ""}, "sentence: it is missing or empty"),
        ({}, "sentence: it is missing or empty"),
        ({"sentence": BLUE, "stregth": "2"}, "stregth: there is no such field here"),
    ],
)
def test_fields_that_do_not_fit_are_told_in_plain_words(api: Client, photo: bytes, fields: dict[str, str], said: str):
    told = check_problem(api.post("/v1/edit", photo, **fields), 422, "input")
    by_editor = "the sentence is empty or has no words, got ''"  # which an empty field reaches with an old FastAPI
    assert told == said or (fields == {"sentence": ""} and told.startswith(by_editor))


def test_an_error_names_the_model_where_it_was_chosen(api: Client, photo: bytes):
    told = check_problem(api.post("/v1/edit", photo, sentence="red " * 65), 422, "input")
    assert "65 words" in told and "(the model 'flowers' was chosen: a photo in colour" in told
    told = check_problem(api.post("/v1/edit", photo, sentence="red " * 65, model="flowers"), 422, "input")
    assert told == "the sentence has 65 words; at most 64 are read: say it in fewer"

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="needs lbie[study]")
pytest.importorskip("uvicorn", reason="needs lbie[study]")

from hypothesis import example, given, settings
from hypothesis import strategies as st
from study_drawn import SYSTEMS, Call, caller, drawn_study, served

from lbie.errors import InputError
from lbie.study.server import MAX_BODY, listen
from lbie.study.store import Store

TELLING = re.compile(r"\b(" + "|".join([*SYSTEMS, "twin", "attention", "true photo", "baseline"]) + r")\b", re.I)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served") / "study"
    drawn_study(path, 3)
    return path


@pytest.fixture(scope="module")
def call(folder: Path) -> Iterator[Call]:
    with served(folder) as port:
        yield caller(port)


def test_nothing_served_tells_the_system(folder: Path, call: Call):
    status, headers, body = call("POST", "/api/start", {"rater": "  Zoë \t <b>'\"  "})
    begun = json.loads(body)
    assert (status, begun["rater"]) == (200, "Zoë <b>'\"")
    assert len(begun["items"]) == 12
    assert set(begun["items"][0]) == {"id", "sentence", "consistency", "quality"}
    answers = [body.decode(), str(headers)]
    for path in ("/", "/page.js", "/page.css"):
        status, headers, content = call("GET", path)
        assert status == 200
        assert "default-src 'self'" in headers["content-security-policy"]
        assert not re.search(rb"https?://|//cdn", content)
        answers += [content.decode(), str(headers)]
    for shown in begun["items"]:
        status, headers, content = call("GET", f"/pictures/{shown['id']}.png")
        assert (status, headers["content-type"], content[:4]) == (200, "image/png", b"\x89PNG")
        answers.append(str(headers))
    assert [found for answer in answers for found in TELLING.findall(answer)] == []


@pytest.mark.parametrize(
    "path",
    [
        "/study.db",
        "/pictures/../study.db",
        "/pictures/..%2Fstudy.db",
        "/pictures/x.png",
        "/page.html",
        "/make.py",
        "/docs",
    ],
)
def test_nothing_else_is_served(call: Call, path: str):
    assert call("GET", path)[0] == 404


def test_random_names_differ(call: Call):
    names = {json.loads(call("POST", "/api/start", {"rater": " "})[2])["rater"] for _ in range(3)}
    assert len(names) == 3


def test_rating_is_stored_replaced_and_resumed(folder: Path, call: Call):
    first = json.loads(call("POST", "/api/start", {"rater": "r"})[2])["items"][0]["id"]
    for points in ((1, 2), (5, 4)):
        rating = {"rater": "r", "item": first, "consistency": points[0], "quality": points[1]}
        assert call("POST", "/api/rate", rating)[0] == 200
    assert [(r.consistency, r.quality) for r in Store(folder).ratings() if r.rater == "r"] == [(5, 4)]
    again = json.loads(call("POST", "/api/start", {"rater": "r"})[2])["items"][0]
    assert (again["consistency"], again["quality"]) == (5, 4)


def test_unknown_raters_and_items_are_not_found(call: Call):
    rating = {"rater": "nobody", "item": "0" * 16, "consistency": 1, "quality": 1}
    status, _, body = call("POST", "/api/rate", rating)
    assert status == 404
    assert "not given" in json.loads(body)["error"]


def test_requests_from_other_sites_are_refused(call: Call):
    assert call("POST", "/api/start", b"{}", Content_Type="text/plain")[0] == 415
    assert call("GET", "/", Host="evil.example")[0] == 400
    assert call("POST", "/api/start", b'{"rater": "' + b"x" * MAX_BODY + b'"}')[0] == 413
    assert call("GET", "/api/rate")[0] == 405


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.lists(st.integers())
points = st.integers(-2, 8) | values


@settings(max_examples=50, deadline=None, database=None)
@given(rater=values, item=values, consistency=points, quality=points, extra=st.booleans())
@example(rater="r", item="0" * 16, consistency=1.0, quality=True, extra=False)
@example(rater="\ud800", item="0" * 16, consistency=1, quality=1, extra=False)
@example(rater="a\x00b", item="0" * 16, consistency=1, quality=1, extra=False)
@example(rater=" \n", item="0" * 16, consistency=1, quality=1, extra=False)
def test_what_is_no_rating_is_refused_and_stores_nothing(
    folder: Path, call: Call, rater: object, item: object, consistency: object, quality: object, extra: bool
):
    before = len(Store(folder).ratings())
    message = {"rater": rater, "item": item, "consistency": consistency, "quality": quality} | (
        {"x": 1} if extra else {}
    )
    status, _, body = call("POST", "/api/rate", message)
    assert status == 422 or (status == 404 and isinstance(rater, str) and rater.strip() and item == "0" * 16)
    assert json.loads(body)["error"]
    assert len(Store(folder).ratings()) == before


@settings(max_examples=30, deadline=None, database=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(call: Call, body: bytes):
    assert call("POST", "/api/start", body)[0] == 422


@settings(max_examples=30, deadline=None, database=None)
@given(st.text(max_size=60))
def test_any_name_is_taken_or_refused_and_comes_back_as_itself(call: Call, name: str):
    status, _, body = call("POST", "/api/start", {"rater": name})
    assert status in (200, 422)
    if status == 200:
        given = json.loads(body)["rater"]
        assert json.loads(call("POST", "/api/start", {"rater": given})[2])["rater"] == given


def test_an_address_in_use_is_an_input_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(InputError, match="cannot listen"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_an_answer_is_sent_at_once():
    """Else each waits 40 ms between its head and its body, for the client's word that the head has come."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

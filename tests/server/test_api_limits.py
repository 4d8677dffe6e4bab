from __future__ import annotations

import concurrent.futures
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
import requests
from api_served import BLUE, Client, check_problem, png, served

from lbie.server.models import Models

UPLOAD = "/v1/images"
SMALL = 100_000
HEAD = "POST /v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"


@pytest.fixture(scope="module")
def tight(models: Models) -> Iterator[Client]:
    """A server with low limits."""
    limits = {"max_upload": SMALL, "max_pixels": 40_000, "queue": 1, "workers": 1, "time_limit": 1.5}
    with served(models, **limits, store_count=3, hosts=("example.org",)) as client:
        yield client


def raw(client: Client, sent: bytes, seconds: float = 10) -> bytes:
    """The answer to bytes."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=seconds) as connection:
        connection.sendall(sent)
        found = b""
        while part := connection.recv(65536):
            found += part
            if b"\r\n\r\n" in found and found.endswith(b"}"):
                break
        return found


def body(data: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="../../etc/passwd"\r\n\r\n'
    return head + data + b"\r\n--b--\r\n"


def chunked(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def test_a_large_body_is_refused_with_and_without_its_length(tight: Client):
    noise = np.random.default_rng(0).integers(0, 256, 2 * SMALL, np.uint8).tobytes()
    detail = check_problem(tight.post(UPLOAD, noise), 413, "too-large")
    assert "MiB" in detail
    sent = HEAD.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunked([body(noise)[i::4] for i in range(4)])
    answer = raw(tight, sent)
    assert answer.startswith(b"HTTP/1.1 413")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "urn:lbie:problem:too-large"


def test_a_small_body_without_its_length_is_taken(tight: Client):
    sent = HEAD.encode() + b"Transfer-Encoding: chunked\r\n\r\n"
    sent += chunked([body(png(np.zeros((8, 8, 3), np.uint8)))])
    assert raw(tight, sent).startswith(b"HTTP/1.1 201")


@pytest.mark.parametrize("length", [10**6, 10**18])
def test_a_length_that_is_too_large_is_refused_before_the_body_comes(tight: Client, length: int):
    began = time.perf_counter()
    sent = HEAD.encode() + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % length
    assert raw(tight, sent).startswith(b"HTTP/1.1 413")
    assert time.perf_counter() - began < 5


def test_lengths_that_lie_are_found_out(tight: Client):
    content = body(png(np.zeros((8, 8, 3), np.uint8)))
    short = HEAD.encode() + b"Content-Length: 50\r\n\r\n" + content
    assert raw(tight, short)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 422")
    long = HEAD.encode() + b"Content-Length: 9999\r\n\r\n" + content
    assert raw(tight, long).startswith(b"HTTP/1.1 408")
    both = HEAD.encode() + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked([content])
    assert raw(tight, both).startswith(b"HTTP/1.1 400")


def test_a_body_that_comes_slowly_is_given_up(tight: Client):
    with socket.create_connection(("127.0.0.1", tight.port), timeout=20) as connection:
        connection.sendall(HEAD.encode() + b"Content-Length: 500\r\n\r\n--b\r\n")
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.2):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")
        stop.set()
        thread.join()


def bomb(side: int) -> bytes:
    """A PNG that declares side x side pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * 100)) + part(b"IEND", b"")


def test_pixels_are_limited_as_declared(tight: Client):
    for side in (201, 100_000):
        told = check_problem(tight.post(UPLOAD, bomb(side)), 413, "too-large")
        assert "megapixels: this server takes no larger ones" in told
    large = png(np.zeros((201, 201), np.uint8))
    photo = png(np.zeros((8, 8, 3), np.uint8))
    check_problem(tight.post("/v1/edit", photo, sentence=BLUE, model="flowers", mask=large), 413, "too-large")


@pytest.mark.parametrize(
    "data",
    [b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0" * 99],
)
def test_what_is_no_image_is_refused(api: Client, data: bytes):
    check_problem(api.post(UPLOAD, data), 415, "not-an-image")
    check_problem(api.post("/v1/edit", data, sentence=BLUE), 415, "not-an-image")


def test_an_empty_file_and_other_content_are_refused(api: Client):
    answer = requests.post(api.root + UPLOAD, files={"image": ("x.png", b"")}, timeout=20)
    check_problem(answer, 415, "not-an-image")
    check_problem(
        requests.post(api.root + UPLOAD, json={"image": "http://example.org/x.png"}, timeout=20), 415, "media-type"
    )
    assert "image" in check_problem(api.post(UPLOAD, image_id="x"), 422, "input")
    assert "file" in check_problem(api.post(UPLOAD, image="/etc/passwd"), 422, "input")
    broken = {"Content-Type": "multipart/form-data; boundary=b"}
    check_problem(requests.post(api.root + UPLOAD, b"--x\r\nrubbish", headers=broken, timeout=20), 400, "request")
    no_boundary = {"Content-Type": "multipart/form-data"}
    check_problem(requests.post(api.root + UPLOAD, b"x", headers=no_boundary, timeout=20), 400, "request")


@pytest.mark.parametrize(
    ("fields", "status", "kind", "said"),
    [
        ({"sentence": ""}, 422, "input", "sentence"),
        ({"sentence": "   "}, 422, "input", "empty"),
        ({"sentence": "xyzzy", "model": "flowers"}, 422, "sentence", "xyzzy"),
        ({"sentence": "a " * 6000, "model": "flowers"}, 422, "input", "10,000"),
        ({"sentence": BLUE, "model": "../weights/flowers"}, 422, "input", "no model"),
        ({"sentence": BLUE, "model": "owner/name"}, 422, "input", "no model"),
        ({"sentence": BLUE, "strength": "nan"}, 422, "input", "strength"),
        ({"sentence": BLUE, "strength": 3}, 422, "input", "strength"),
        ({"sentence": BLUE, "hints": ["1,2"]}, 422, "input", "a hint is"),
        ({"sentence": BLUE, "hints": ["1,2,red"] * 65}, 422, "input", "hints"),
        ({"sentence": BLUE, "max_steps": 65}, 422, "input", "max_steps"),
        ({"sentence": BLUE, "seed": -1}, 422, "input", "seed"),
        ({"sentence": BLUE, "then": ["now"]}, 422, "input", "drawings"),
        ({"sentence": BLUE, "colour": "red"}, 422, "input", "colour"),
        ({"sentence": BLUE, "image_id": "x"}, 422, "input", "one of the two"),
        ({"sentence": BLUE, "mask": png(np.full((8, 9), 255, np.uint8))}, 422, "input", "9 x 8"),
        ({"sentence": BLUE, "mask": b"x"}, 415, "not-an-image", "the mask"),
        ({"sentence": "x" * 70_000}, 400, "request", "64KB"),
        ({"sentence": BLUE, "hints": ["1,2,red"] * 101}, 400, "request", "fields"),
        ({"sentence": "make the cat nice"}, 422, "sentence", "understood"),
        ({"sentence": "the cat is red"}, 422, "input", "model photos"),
    ],
)  # fmt: skip
def test_fields_are_checked(api: Client, photo: bytes, fields: dict[str, object], status: int, kind: str, said: str):
    assert said in check_problem(api.post("/v1/edit", photo, **fields), status, kind)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "say what to find"),
        ({"phrase": "the cat", "sentence": "the cat"}, "one of the two"),
        ({"phrase": ["the cat"] * 9}, "phrase"),
        ({"phrase": "the cat", "model": "flowers"}, "does not find"),
        ({"phrase": "the cat", "threshold": 2}, "threshold"),
    ],
)
def test_fields_of_a_search_are_checked(api: Client, photo: bytes, fields: dict[str, object], said: str):
    assert said in check_problem(api.post("/v1/segment", photo, **fields), 422, "input")


def test_no_image_given_or_known(api: Client):
    check_problem(api.post("/v1/edit", sentence=BLUE), 422, "input")
    check_problem(api.post("/v1/edit", sentence=BLUE, image_id="A" * 22), 404, "not-found")
    for path in ("/v1/images/x", "/v1/results/x/image", "/v1/results/x/mask", "/v1/examples/x", "/v1/examples/..%2f"):
        check_problem(api.get(path), 404, "not-found")


def test_an_upload_is_no_result(api: Client, photo: bytes):
    check_problem(api.get(f"/v1/results/{api.upload(photo)}/image"), 404, "not-found")


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/docs"])
def test_nothing_else_is_served(api: Client, path: str):
    assert raw(api, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()).startswith(
        b"HTTP/1.1 404"
    )


def test_the_store_forgets(tight: Client):
    pictures = [png(np.full((8, 8, 3), shade, np.uint8)) for shade in range(5)]
    names = [tight.upload(picture) for picture in pictures]
    assert [tight.get(f"/v1/images/{name}").status_code for name in names] == [404, 404, 200, 200, 200]
    assert tight.metric("lbie_store_items") == 3
    assert tight.metric("lbie_store_bytes") == 3 * 8 * 8 * 3


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::2]"])
def test_other_names_are_refused(api: Client, host: str):
    check_problem(api.get("/", headers={"Host": host}), 400, "host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]", "[::1]:8000"])
def test_own_names_are_answered(api: Client, host: str):
    assert api.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_name_can_be_allowed(api: Client, tight: Client):
    assert tight.get("/healthz", headers={"Host": "example.org"}).status_code == 200
    check_problem(api.get("/healthz", headers={"Host": "example.org"}), 400, "host")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1", "http://localhost:1", "http://["]
)
def test_other_sites_are_refused(api: Client, photo: bytes, origin: str):
    check_problem(api.post(UPLOAD, photo, headers={"Origin": origin}), 403, "origin")


def test_the_own_page_is_not(api: Client, photo: bytes):
    answer = api.post(UPLOAD, photo, headers={"Origin": api.root})
    assert answer.status_code == 201
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    headers = api.get("/healthz", headers={"Origin": "http://evil.example"}).headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_every_answer_is_guarded(api: Client):
    for path in ("/healthz", "/", "/nothing", "/metrics", "/v1/images/x"):
        headers = api.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_what_fails_by_itself_says_nothing_of_the_inside(models: Models, monkeypatch: pytest.MonkeyPatch, photo: bytes):
    def fail(*_: object) -> None:
        raise RuntimeError("/secret/path")

    def no_memory(*_: object) -> None:
        raise MemoryError

    with served(models, workers=1) as client:
        monkeypatch.setattr(models, "choose", fail)
        answer = client.post("/v1/edit", photo, sentence=BLUE)
        assert "secret" not in answer.text
        check_problem(answer, 500, "internal")
        monkeypatch.setattr(models, "choose", no_memory)
        check_problem(client.post("/v1/edit", photo, sentence=BLUE), 503, "resources")
        assert client.metric('lbie_requests_total{method="POST",route="/v1/edit",status="500"}') == 1


def test_a_full_queue_and_long_work_are_answered(models: Models, monkeypatch: pytest.MonkeyPatch, photo: bytes):
    go_on = threading.Event()

    def wait(*_: object) -> tuple[str, None]:
        go_on.wait(20)
        return "flowers", None

    monkeypatch.setattr(models, "choose", wait)
    with (
        served(models, workers=1, queue=2, time_limit=1.5) as client,
        concurrent.futures.ThreadPoolExecutor(8) as threads,
    ):
        calls = [threads.submit(client.post, "/v1/edit", photo, sentence=BLUE) for _ in range(8)]
        answers = [call.result() for call in calls]
        busy = [answer for answer in answers if answer.status_code == 429]
        assert len(busy) == 5
        for answer in busy:
            check_problem(answer, 429, "busy")
            assert int(answer.headers["retry-after"]) >= 1
        late = [answer for answer in answers if answer not in busy]
        for answer in late:
            check_problem(answer, 504, "time-limit")
        deadline = time.monotonic() + 10
        while not client.metric("lbie_overdue") and time.monotonic() < deadline:
            time.sleep(0.02)
        check_problem(client.get("/healthz"), 503, "busy")
        check_problem(client.post("/v1/edit", photo, sentence=BLUE), 503, "busy")
        go_on.set()
        deadline = time.monotonic() + 10
        while client.metric("lbie_running") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/edit", photo, sentence=BLUE).status_code == 200


def test_a_transparent_picture_keeps_its_alpha(api: Client):
    pixels = np.full((64, 64, 4), 90, np.uint8)
    reply = api.edit(png(pixels), sentence=BLUE)
    assert api.pixels(reply["links"]["image"])[..., 3].max() == 90

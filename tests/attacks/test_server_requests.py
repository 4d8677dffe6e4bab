"""`lbie serve` and requests that are HTTP, but mean ill: other hosts and sites, paths, file names, forms."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from attacked import END, LIMIT, LOADED, Attacked, content, part, problem, status, wait_until

pytestmark = pytest.mark.usefixtures("alive")
ADDRESSES = ("/", "/healthz", "/metrics", "/openapi.json", "/v1/models", "/v1/examples", "/v1/images/x", "/none")
WRITES = ("/v1/images", "/v1/edit", "/v1/segment")
FILE = "stolen-or-made"
"""Part of every name here: the server opens nothing that is called so."""
TRAVERSAL = (
    f"../../../../../../etc/{FILE}",
    f"..\\..\\..\\{FILE}",
    f"....//....//{FILE}",
    f"/etc/{FILE}",
    f"//etc/{FILE}",
    f"C:\\{FILE}",
    f"file:///etc/{FILE}",
    f"\\\\127.0.0.1\\share\\{FILE}",
    f"http://127.0.0.1:1/{FILE}",
    f"~root/{FILE}",
    f"{FILE}\0.png",
    f"$({FILE})|{FILE};{FILE}",
    f"{FILE}/" * 500,
)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "169.254.169.254", "0", "a:b@localhost"]
)
def test_rebound_names_get_nothing(server: Attacked, host: str):
    for address in ADDRESSES:
        for more in ("", "X-Forwarded-Host: localhost\r\n", "Forwarded: host=localhost\r\n"):
            assert problem(server.get(address, f"Host: {host}\r\n{more}")) == "host"


def test_other_sites_get_no_leave(server: Attacked, small_photo: bytes):
    form = part("image", small_photo, "x") + END
    for origin in ("http://evil.example", "null", "https://localhost.evil.example", "http://127.0.0.1:1", ""):
        for address in WRITES:
            assert problem(server.post(address, form, headers=f"Origin: {origin}\r\n")) == "origin"
        head = f"OPTIONS /v1/edit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: {origin}\r\n"
        asked = server.send(f"{head}Access-Control-Request-Method: POST\r\n\r\n".encode())
        read = server.get("/v1/models", f"Host: localhost\r\nOrigin: {origin}\r\n")
        assert (status(asked), status(read)) == (405, 200)
        for answer in (asked, read):
            assert b"access-control-" not in answer.lower()
            assert b"cross-origin-resource-policy: same-origin" in answer.lower()


def test_no_name_of_a_request_reaches_the_disk_or_another_machine(server: Attacked, small_photo: bytes):
    done = len(server.done())
    for name in TRAVERSAL:
        for pattern in ("/{}", "/static/{}", "/v1/{}", "/v1/images/{}", "/v1/results/{}/image", "/v1/examples/{}"):
            for written in (quote(name), quote(name, safe=""), quote(quote(name, safe=""), safe="")):
                assert problem(server.get(pattern.format(written))) == "not-found"
        plain = name.replace("\0", "")
        for file in (plain.replace("\\", "\\\\"), name):
            answer = server.post("/v1/images", part("image", small_photo, file) + END)
            assert status(answer) == 201 or problem(answer) == "request"
        for field in ("image_id", "model", "mask", "hints", "then", "colour", "seed"):
            ill = part("image", small_photo, "x") + part("sentence", b"make it red") + part(field, name.encode()) + END
            assert status(server.post("/v1/edit", ill)) in (400, 404, 415, 422)
        ill = part("image", name.encode()) + END
        assert status(server.post("/v1/images", ill)) == 422
        assert status(server.post("/v1/images", part("image", name.encode(), "x") + END)) == 415
        link = part("image", f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{name}'/></svg>".encode(), "x.svg")
        assert problem(server.post("/v1/images", link + END)) == "not-an-image"
    made = [str(place) for folder in ("work", "temporary", "home") for place in (server.folder / folder).rglob("*")]
    assert not made
    since = server.done()[done:]
    assert not [line for line in since if FILE in line or line.startswith(("subprocess", "socket", "os."))]
    written = [line for line in since if "'w" in line or "'a" in line or "'x" in line or "+" in line.rpartition("'")[0]]
    assert not written


def test_a_large_upload_lies_in_an_unnamed_file_that_goes(server: Attacked):
    answer = server.post("/v1/images", part("image", os.urandom(1_500_000), f"../{FILE}.png") + END)
    assert problem(answer) == "not-an-image"
    assert not list((server.folder / "temporary").iterdir())
    wait_until(lambda: not [name for name in server.files if str(server.folder / "temporary") in name])


def test_forms_without_end(server: Attacked, small_photo: bytes):
    image, words = part("image", small_photo, "x"), "application/x-www-form-urlencoded"
    multipart = {
        "1,000 fields": image + part("hints", b"1,2,red") * 1000 + END,
        "1,000 names": image + b"".join(part(f"x{n}", b"1") for n in range(1000)) + END,
        "1,000 files": part("image", small_photo, "x") * 1000 + END,
        "a long field": image + part("sentence", b"a" * 1_000_000) + END,
        "a long name": image + part("a" * 1_000_000, b"1") + END,
        "a long file name": part("image", small_photo, "a" * 1_000_000) + END,
        "many headers": b"--b\r\n" + b"X: a\r\n" * 300_000,
        "a long header": b"--b\r\nX: " + b"a" * 1_900_000,
        "nothing but line ends": b"\r\n" * 900_000,
        "nothing but boundaries": b"--b\r\n" * 300_000,
        "almost boundaries": part("image", b"\r\n--" * 400_000, "x") + END,
        "no end": image,
        "nested": b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n" + part("image", b"--c")[5:] + END,
    }
    memory = server.mebibytes
    for name, body in multipart.items():
        began, answer = time.monotonic(), server.post("/v1/edit", body)
        assert status(answer) in (400, 408, 413, 415, 422), name
        assert problem(answer) in ("request", "input", "not-an-image", "too-large", "slow-upload"), name
        assert time.monotonic() - began < LIMIT + LOADED, name
    for body in (b"a=b&" * 500_000, b"sentence=" + b"a" * 1_900_000, b"&" * 1_900_000, b"%" * 1_900_000, b"=" * 9):
        answer = server.post("/v1/edit", body, words)
        assert status(answer) in (400, 422) and problem(answer) in ("request", "input")
    assert server.mebibytes - memory < 48


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/mixed; boundary=b", "image/png", ""])
def test_nested_json_and_other_content_is_not_read(server: Attacked, kind: str):
    began = time.monotonic()
    for body in (b"[" * 900_000, b'{"a":' * 300_000, b'{"image": "file:///etc/passwd"}'):
        for address in WRITES:
            assert problem(server.post(address, body, kind)) == "media-type"
    assert time.monotonic() - began < 3 * LOADED


def test_nested_json_in_a_field_is_words(server: Attacked, small_photo: bytes):
    for words in (b"[" * 9_000, b'{"a":' * 1_500, b"(" * 9_000, b"not " * 2_000, b"\xff\xfe\x00", b"a and " * 1_500):
        for field in ("sentence", "hints", "then", "model"):
            rest = b"" if field == "sentence" else part("sentence", b"make the flower darker")
            answer = server.post("/v1/edit", part("image", small_photo, "x") + rest + part(field, words) + END)
            assert status(answer) in (200, 400, 404, 422)
            assert status(answer) == 200 or problem(answer)


def test_queries_and_headers_of_all_kinds(server: Attacked):
    for query in ("format=exe", "format=png&format=exe", "metadata=%00", "a=b&" * 2_000, "%", "=&=&", "format[]=png"):
        assert problem(server.get(f"/v1/results/x/image?{query}")) in ("not-found", "input", "request")
    for header in (
        "Accept: " + "image/png;q=1e999," * 500,
        "Accept: ;;;,,,q=nan",
        "Range: bytes=0-1,0-1,0-1",
        "Cookie: \xff",
    ):
        answer = server.send(
            f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n\r\n".encode("latin-1")
        )
        assert status(answer) == 200 and content(answer)


def test_answers_name_nothing_of_the_inside(server: Attacked):
    place = str(Path(__file__).resolve().parents[2])
    for address in (*ADDRESSES, "/v1/images/" + "a" * 5_000, "/v1/results/%00/mask", "/static/%F0%9F%92%A3"):
        answer = server.get(address)
        for inside in (place, "site-packages", "Traceback", "uvicorn", "starlette", "fastapi", str(server.folder)):
            assert inside.encode() not in answer.lower(), address

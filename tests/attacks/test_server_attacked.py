"""`lbie serve` and clients that are slow, many, go midway, send without end or do not speak HTTP."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
import pytest
from attacked import END, LIMIT, LOADED, Attacked, part, problem, read_all, status, statuses, wait_until

MOST = 200
"""Connections."""
HOST = b"Host: localhost\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=b\r\n"
POST = b"POST /v1/images HTTP/1.1\r\n" + HOST + FORM
PING = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


pytestmark = pytest.mark.usefixtures("alive")


def drip(connection: socket.socket, byte: bytes) -> bytes:
    """Send a byte now and then until the server has had enough; what it answered."""
    connection.settimeout(0.2)
    end = time.monotonic() + LIMIT + LOADED
    while time.monotonic() < end:
        try:
            connection.sendall(byte)
            first = connection.recv(1)
            connection.settimeout(LOADED)
            return first + read_all(connection)
        except TimeoutError:
            continue
        except OSError:
            return b""
    raise AssertionError("it is still connected")


def answer_of(connection: socket.socket) -> bytes:
    """An answer in JSON, after which the connection stays."""
    answer = b""
    while not answer.endswith(b"}"):
        answer += connection.recv(2**16)
    return answer


def test_slow_clients_are_cut(server: Attacked):
    body = POST + b"Content-Length: 5000\r\n\r\n--b\r\n"
    kept = server.connect()
    kept.sendall(PING)
    answer_of(kept)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", server.port))
    ask = b"GET /v1/examples/chelsea HTTP/1.1\r\n" + HOST + b"\r\n"

    def gone(connection: socket.socket) -> bool:
        """Whether the server has closed it, though nothing is read."""
        end = time.monotonic() + LIMIT + LOADED
        while time.monotonic() < end:
            try:
                connection.sendall(b" ")
                time.sleep(0.1)
            except OSError:
                return True
        return False

    deaf.sendall(ask * 60)
    began = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        stopped_head = threads.submit(server.send, b"GET / HTT")
        dripped_head = threads.submit(drip, server.connect(), b"G")
        second_head = threads.submit(drip, kept, b"G")
        stopped_body = threads.submit(server.send, body)
        dripped_body = threads.submit(lambda: [(c := server.connect()).sendall(body), drip(c, b"x")][1])
        unread = threads.submit(gone, deaf)
        assert stopped_head.result() == dripped_head.result() == second_head.result() == b""
        for answer in (stopped_body.result(), dripped_body.result()):
            assert (status(answer), problem(answer)) == (408, "slow-upload")
        assert unread.result()
    assert LIMIT - 1 < time.monotonic() - began < LIMIT + LOADED


def test_a_body_without_end_is_refused_while_it_comes(server: Attacked):
    memory, sent, piece = server.mebibytes, 0, b"10000\r\n" + b"a" * 2**16 + b"\r\n"
    with server.connect() as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + b"--b\r\nContent-Dis\r\n")
        try:
            while sent < 2**28:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:
            pass
        answer = read_all(connection)
    assert sent < 2**26 and status(answer) in (0, 400, 413)  # 0: it was closed before the answer was read
    body = part("image", b"a" * 2**22, "x")
    answer = server.send(POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
    assert (status(answer), problem(answer)) == (413, "too-large")
    assert server.mebibytes - memory < 24


@pytest.mark.parametrize("length", [b"3000000", b"1" + b"0" * 18, b"9" * 400])
def test_a_length_over_the_limit_is_refused_at_once(server: Attacked, length: bytes):
    began = time.monotonic()
    answer = server.send(POST + b"Expect: 100-continue\r\nContent-Length: " + length + b"\r\n\r\n")
    assert (status(answer), problem(answer)) in [(413, "too-large"), (400, "request")]
    assert time.monotonic() - began < LIMIT + LOADED


def test_lengths_that_lie(server: Attacked, small_photo: bytes):
    body = part("image", small_photo, "x") + END
    short = server.send(POST + b"Connection: close\r\nContent-Length: 60\r\n\r\n" + body)
    assert statuses(short) in ([422], [400])  # the form ends before its image; or what follows is no request
    assert problem(short) in ("input", "request")
    long = server.send(POST + b"Content-Length: 9999\r\n\r\n" + body)
    assert (status(long), problem(long)) == (408, "slow-upload")
    both = server.send(POST + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + PING)
    assert (status(both), problem(both)) == (400, "request")
    assert statuses(both) == [400]  # what follows such a request is not taken for another


def test_ten_thousand_tiny_requests(server: Attacked):
    memory, counts = server.mebibytes, Counter[int]()
    tiny = [PING, b"GET /none HTTP/1.1\r\n" + HOST + b"\r\n", b"PUT /healthz HTTP/1.1\r\n" + HOST + b"\r\n"]
    tiny += [b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"] * 2

    def thousand() -> list[int]:
        with server.connect(60) as connection:
            data = b"".join(tiny) * 200
            thread = threading.Thread(target=connection.sendall, args=(data[:-2] + b"Connection: close\r\n\r\n",))
            thread.start()
            found = statuses(read_all(connection))
            thread.join()
            return found

    with ThreadPoolExecutor(10) as threads:
        for future in [threads.submit(thousand) for _ in range(10)]:
            counts.update(future.result())
    assert counts == {200: 2000, 404: 2000, 405: 2000, 400: 4000}
    assert server.mebibytes - memory < 24


def test_a_hundred_connections_at_once_are_served_and_too_many_turned_away(server: Attacked):
    with ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(100)]
        for connection in connections:
            connection.sendall(PING)
        for connection in connections:
            assert b" 200 OK" in answer_of(connection)
        for _ in range(MOST - 100):
            stack.enter_context(server.connect())
        turned_away = [server.send(PING) for _ in range(5)]
        for answer in turned_away:
            assert not answer or (status(answer), problem(answer)) == (503, "busy")
        assert any(turned_away)
        connections[0].sendall(PING)
        assert b" 200 OK" in answer_of(connections[0])
    wait_until(lambda: status(server.get("/healthz")) == 200)


def test_clients_that_go_midway_leave_nothing(server: Attacked, small_photo: bytes):
    files = server.files
    body = part("image", small_photo, "x") + part("sentence", b"The flower is red in color.") + END
    head = b"POST /v1/edit HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: %d\r\n\r\n" % len(body)
    for share in np.linspace(0, 1, 40):
        whole = head + body
        with server.connect() as connection:
            connection.sendall(whole[: int(share * len(whole))])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: server.files == files and not server.metric("lbie_running "))


def test_requests_in_a_row_are_answered_in_their_order(server: Attacked, small_photo: bytes):
    body = part("image", small_photo, "x") + END
    upload = POST + b"Content-Length: %d\r\n\r\n" % len(body) + body
    answers = server.send(PING + upload + PING + upload[:-1] + b"\n" + PING[:-2] + b"Connection: close\r\n\r\n")
    assert statuses(answers) == [200, 201, 200, 201, 200]
    refused = POST + b"Content-Length: %d\r\n\r\n" % (len(PING) * 60_000) + PING * 60_000
    assert statuses(server.send(refused)) == [413]


BAD = {
    "rubbish": b"\x00\xff\x7frubbish\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(99) + b"\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "HTTP/1.0 without host": b"GET /healthz HTTP/1.0\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
    "NUL": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: \0\r\n\r\n",
    "no colon": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X\r\n\r\n",
    "space before the colon": b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length : 5\r\n\r\n",
    "other bytes in the target": "GET /é HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "negative length": POST + b"Content-Length: -5\r\n\r\n",
    "length in words": POST + b"Content-Length: 0x5\r\n\r\n",
    "other coding": POST + b"Transfer-Encoding: gzip\r\n\r\n",
    "two codings": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "bad chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "endless chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 30_000,
    "lines without end": b"GET /" + b"a" * 2**22,
    "headers without end": b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 2**22,
    "many headers without end": b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 2**19,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_http_is_refused(server: Attacked, name: str):
    memory, answer = server.mebibytes, server.send(BAD[name])
    assert status(answer) in (0, 400, 501)
    assert not answer or problem(answer) in ("request", "host")
    assert server.mebibytes - memory < 24


def test_after_an_answer_rubbish_closes_the_connection(server: Attacked):
    assert statuses(server.send(PING[:-2] + b"Connection: close\r\n\r\nrubbish\r\n\r\n")) in ([200], [400])
    assert statuses(server.send(PING + b"rubbish\r\n\r\n")) == [200, 400]


def test_large_heads_and_upgrades(server: Attacked):
    for headers in (b"X: " + b"a" * 100_000 + b"\r\n", b"X: a\r\n" * 16_000):
        answer = server.send(PING[:-2] + b"Connection: close\r\n" + headers + b"\r\n")
        assert status(answer) in (200, 400)
    answer = server.send(PING[:-2] + b"Connection: close, upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert status(answer) == 200

"""A server that is told to stop, and one whose work does not end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from attacked import END, LOADED, Attacked, attacked, content, part, problem, read_all, status, wait_until

SCRIPT = str(Path(__file__).with_name("slow_served.py"))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Attacked]]:
    """Three, which start at once."""
    words = {"polite": ("1", "60", "30", "0.5"), "hurried": ("1", "60", "1", "0.5")}
    words["stuck"] = ("1", "1", "30", "60")  # so that it is there for a second signal, however busy the machine is
    with ExitStack() as stack, ThreadPoolExecutor(3) as threads:
        started = {
            name: threads.submit(stack.enter_context, attacked(tmp_path_factory.mktemp(name), SCRIPT, *words[name]))
            for name in words
        }
        yield {name: server.result() for name, server in started.items()}


@pytest.fixture(scope="module")
def start(small_photo: bytes) -> Iterator[Callable[[Attacked, float], Future[bytes]]]:
    """Begin an edit of so many seconds; returns when it runs."""
    with ThreadPoolExecutor(4) as threads:

        def begin(server: Attacked, seconds: float) -> Future[bytes]:
            form = part("image", small_photo, "x") + part("model", b"%g" % seconds) + part("sentence", b"wait") + END
            answer = threads.submit(server.post, "/v1/edit", form)
            wait_until(lambda: server.metric("lbie_running ") == 1)
            return answer

        yield begin


def refused(server: Attacked) -> bool:
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def test_sigterm_lets_work_end_and_takes_no_more(servers, start):
    server = servers["polite"]
    idle = server.connect()
    idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = start(server, 2)
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: refused(server))
    assert b"200 OK" in read_all(idle)  # and it is closed
    server.process.send_signal(signal.SIGTERM)  # says nothing new
    assert not answer.done()
    assert problem(answer.result()) == "sentence"
    assert b"this took 2 s" in content(answer.result())
    assert server.process.wait(LOADED) == 0
    assert "Traceback" not in "".join(server.log)


def test_work_that_does_not_end_is_told_of_and_keeps_no_one_waiting(servers, start, small_photo):
    server = servers["stuck"]
    assert problem(start(server, 600).result()) == "time-limit"
    wait_until(lambda: server.metric("lbie_overdue ") == 1)
    assert server.metric("lbie_running ") == 1 and server.metric("lbie_queue_depth ") == 0
    began = time.monotonic()
    form = part("image", small_photo, "x") + part("model", b"0") + part("sentence", b"wait") + END
    answer = server.post("/v1/edit", form)
    assert (status(answer), problem(answer)) == (503, "busy")
    assert b"retry-after: 60" in answer.lower()
    assert status(server.get("/healthz")) == 503
    assert status(server.get("/v1/models")) == 200
    assert time.monotonic() - began < LOADED
    server.process.send_signal(signal.SIGINT)
    wait_until(lambda: refused(server))
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(LOADED) == 130
    assert "Traceback" not in "".join(server.log)


def test_the_time_to_end_is_limited(servers, start):
    server = servers["hurried"]
    answer = start(server, 600)
    server.process.send_signal(signal.SIGTERM)
    assert (status(answer.result()), problem(answer.result())) == (503, "busy")
    assert b"stopped" in content(answer.result())
    assert server.process.wait(LOADED) == 0
    assert "Traceback" not in "".join(server.log)

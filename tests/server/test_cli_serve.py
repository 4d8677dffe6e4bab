from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from api_served import BLUE, Client


@pytest.fixture
def running() -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """`lbie serve`, and a client of it."""
    command = [sys.executable, "-m", "lbie.cli", "serve", "--port", "0", "--device", "cpu"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(r"lbie: serving at http://127\.0\.0\.1:(\d+)/ \(Ctrl-C stops\)\n", line)
        assert found, line + process.stderr.read()
        yield process, Client(int(found[1]))
        process.kill()


def test_it_says_where_it_listens_and_ends_requests_before_it_stops(
    running: tuple[subprocess.Popen[str], Client], photo: bytes
):
    process, client = running
    assert client.get("/healthz").json()["status"] == "ok"
    name = client.upload(photo)
    answers: list[int] = []

    def call() -> None:
        answers.append(client.post("/v1/edit", image_id=name, sentence=BLUE).status_code)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while not client.metric("lbie_running") and not answers and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
    assert process.wait(30) == 0
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_what_cannot_be_served_is_one_line(cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, out, err = cli("serve", "--port", taken.getsockname()[1])
    assert (code, out) == (2, "")
    assert re.fullmatch(r"lbie: error: cannot listen on 127\.0\.0\.1, port \d+: Address already in use.*\n", err)
    code, _, err = cli("serve", "--port", 0, "--device", "abacus")
    assert code == 2
    assert "unknown device 'abacus'" in err and err.count("\n") == 1


def test_options_reach_the_server(cli, monkeypatch: pytest.MonkeyPatch):
    from lbie.server import run

    served = []
    monkeypatch.setattr(run, "make_server", lambda settings: settings)
    monkeypatch.setattr(run, "serve_until_told", lambda *given: served.append(given))
    words = ("serve", "--port", "0", "--host", "0.0.0.0", "--allow-host", "example.org", "--workers", "3", "--open")
    code, _, err = cli(*words, "--max-megabytes", "1", "--max-megapixels", "2", "--keep-minutes", "1", "--queue", "0")
    assert code == 0
    [(settings, _, page)] = served
    assert settings.hosts == ("example.org", "0.0.0.0")
    assert (settings.workers, settings.queue, settings.max_upload) == (3, 0, 2**20)
    assert (settings.max_pixels, settings.time_to_live) == (2_000_000, 60)
    assert re.fullmatch(r"http://0\.0\.0\.0:\d+/", page)
    assert "other machines" in err


def test_without_the_extra_it_says_what_to_install(cli, monkeypatch: pytest.MonkeyPatch):
    from lbie import cli_common

    monkeypatch.setattr(cli_common, "find_spec", lambda name: None)
    code, _, err = cli("serve")
    assert (code, err) == (2, "lbie: error: this needs the package 'fastapi': pip install 'lbie[serve]'\n")


def test_help_imports_no_server():
    code = "import sys, lbie.cli; print([m for m in ('fastapi', 'uvicorn', 'torch', 'starlette') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

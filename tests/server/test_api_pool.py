from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from lbie.server import memory
from lbie.server import pool as pool_module
from lbie.server.pool import Pool
from lbie.server.problems import ProblemError


def request_of(gone: asyncio.Event) -> Request:
    """A request whose client goes when the event is set."""

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def with_pool(
    test: Callable[[Pool], Awaitable[None]], workers: int = 1, queue: int = 2, time_limit: float = 60
) -> None:
    async def run() -> None:
        pool = Pool("test", workers, queue, time_limit)
        try:
            await asyncio.wait_for(test(pool), 20)
        finally:
            pool.close()

    asyncio.run(run())


def test_more_than_the_queue_holds_are_told_when_to_come_back():
    async def test(pool: Pool) -> None:
        with pool.admit(), pool.admit(), pool.admit():
            with pytest.raises(ProblemError) as refused, pool.admit():
                pass
            assert refused.value.status == 429
            assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
            assert pool.waiting == 3
        with pool.admit():
            assert pool.waiting == 1

    with_pool(test)


def test_work_of_a_client_that_has_gone_is_not_begun():
    async def test(pool: Pool) -> None:
        stay, leave, go_on, begun = asyncio.Event(), asyncio.Event(), threading.Event(), []
        first = asyncio.create_task(pool.run(request_of(stay), lambda: go_on.wait(10)))
        second = asyncio.create_task(pool.run(request_of(leave), lambda: begun.append(2)))
        third = asyncio.create_task(pool.run(request_of(stay), lambda: begun.append(3)))
        await asyncio.sleep(0.05)
        leave.set()
        with pytest.raises(ProblemError, match="closed"):
            await second
        go_on.set()
        assert await first
        await third
        assert begun == [3]

    with_pool(test)


def test_a_worker_whose_request_was_given_up_is_not_free_before_it_ends():
    async def test(pool: Pool) -> None:
        stay, go_on, ended = asyncio.Event(), threading.Event(), []

        def long() -> None:
            go_on.wait(10)
            ended.append(1)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.run(request_of(stay), long), 0.1)
        assert (pool.running, pool.waiting, pool.overdue) == (1, 0, 0)
        following = asyncio.create_task(pool.run(request_of(stay), lambda: len(ended)))
        await asyncio.sleep(0.05)
        go_on.set()
        assert await following == 1
        while pool.running:
            await asyncio.sleep(0.01)

    with_pool(test)


def test_work_that_was_given_up_keeps_its_place_and_beyond_its_time_nothing_is_taken():
    async def test(pool: Pool) -> None:
        stay, go_on = asyncio.Event(), threading.Event()
        with pytest.raises(TimeoutError), pool.admit():
            await asyncio.wait_for(pool.run(request_of(stay), lambda: go_on.wait(10)), 0.05)
        await asyncio.sleep(0)
        with pool.admit():
            assert (pool.running, pool.waiting) == (1, 1)
            with pytest.raises(ProblemError) as refused, pool.admit():
                pass
            assert refused.value.status == 429
        await asyncio.sleep(0.2)
        assert pool.overdue == 1
        with pytest.raises(ProblemError) as refused, pool.admit():
            pass
        assert (refused.value.status, refused.value.kind) == (503, "busy")
        go_on.set()
        while pool.running:
            await asyncio.sleep(0.01)
        pool.check()
        with pool.admit():
            assert pool.waiting == 1

    with_pool(test, queue=1, time_limit=0.2)


def test_as_many_run_at_once_as_there_are_workers():
    async def test(pool: Pool) -> None:
        running, most, lock = 0, 0, threading.Lock()

        def work() -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1

        stay = asyncio.Event()
        await asyncio.gather(*(pool.run(request_of(stay), work) for _ in range(9)))
        assert most == 3

    with_pool(test, workers=3)


def test_what_work_raises_is_raised():
    async def test(pool: Pool) -> None:
        def fail() -> None:
            raise ValueError("of the work")

        with pytest.raises(ValueError, match="of the work"):
            await pool.run(request_of(asyncio.Event()), fail)

    with_pool(test)


def test_memory_is_given_back_after_a_pause_and_not_between_works(monkeypatch: pytest.MonkeyPatch):
    given: list[int] = []
    monkeypatch.setattr(pool_module, "give_back", lambda: given.append(1))
    monkeypatch.setattr(pool_module, "_PAUSE", 0.3)

    async def test(pool: Pool) -> None:
        stay = asyncio.Event()
        for _ in range(5):
            await pool.run(request_of(stay), lambda: None)
            await asyncio.sleep(0)
        assert not given
        for _ in range(100):
            await asyncio.sleep(0.05)
            if given:
                break
        await asyncio.sleep(0.5)
        assert given == [1]
        await pool.run(request_of(stay), lambda: None)

    with_pool(test)
    assert given == [1]  # of a pool that is closed, too


KEPT = """
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lbie.server import memory


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def work():
    parts = [bytearray(b"x" * 60_000) for _ in range(2_000)]
    return parts[-1]  # behind which the others lie


with ThreadPoolExecutor(1) as threads:
    before = resident()
    last = threads.submit(work).result()
    kept = resident() - before
    memory.give_back()
    print(kept >> 20, resident() - before >> 20, len(last))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_thread_does_not_keep_what_it_once_needed():
    """In a process of its own: what other tests have left free would be used again."""
    if memory._TRIM is None:
        pytest.skip("this C library keeps nothing, or cannot be told")
    done = subprocess.run([sys.executable, "-c", KEPT], capture_output=True, text=True, check=True)
    kept, left, _ = map(int, done.stdout.split())
    assert kept > 100 and left < 20  # MiB

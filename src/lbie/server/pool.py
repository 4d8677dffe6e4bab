"""Work in threads, with a bounded queue before it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from starlette.requests import Request

from lbie.server.problems import ProblemError

Result = TypeVar("Result")
_LONGEST_WAIT = 60  # seconds, to tell a client


class Pool:
    """Runs functions in threads, in the order in which they were asked for. Called from one event loop only."""

    def __init__(self, name: str, workers: int, queue: int) -> None:
        self.workers, self._most = workers, workers + queue
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"lbie-{name}")
        self._free = asyncio.Semaphore(workers)
        self._admitted = 0
        self.running = 0
        """Functions that run now."""
        self._seconds = 1.0
        """Of a function, on average of late."""

    @property
    def waiting(self) -> int:
        """Requests that were let in and do not run."""
        return max(0, self._admitted - self.running)

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Let a request in for as long as this lasts.

        Raises:
            ProblemError: 429, as many are in as may be.
        """
        if self._admitted >= self._most:
            wait = math.ceil(self._seconds * self._most / self.workers)
            after = {"Retry-After": str(max(1, min(_LONGEST_WAIT, wait)))}
            raise ProblemError(429, "busy", f"{self._most} requests are being worked on: try again later", after)
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    async def run(self, request: Request, function: Callable[[], Result]) -> Result:
        """What a function gives, once a thread was free for it. Of a client that has gone, no more work is begun.

        Raises:
            ProblemError: the client has gone.
        """
        work = asyncio.ensure_future(self._run(function))
        gone = asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise ProblemError(499, "gone", "the client has closed the connection")
            return work.result()
        finally:
            work.cancel()
            gone.cancel()

    async def close(self) -> None:
        """Wait for what runs."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)

    async def _run(self, function: Callable[[], Result]) -> Result:
        await self._free.acquire()
        loop, began = asyncio.get_running_loop(), time.perf_counter()
        self.running += 1

        def done(_future: Future[Result]) -> None:
            with suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(self._done, began)

        future = self._threads.submit(function)
        future.add_done_callback(done)  # of the thread, which goes on where this is cancelled
        return await asyncio.wrap_future(future)

    def _done(self, began: float) -> None:
        self.running -= 1
        self._seconds += 0.1 * (time.perf_counter() - began - self._seconds)
        self._free.release()


async def _gone(request: Request) -> None:
    """Returns when the client closes the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass

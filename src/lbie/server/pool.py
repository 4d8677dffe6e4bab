"""Work in threads, with a bounded queue before it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from starlette.requests import Request

from lbie.server.memory import give_back
from lbie.server.problems import ProblemError

Result = TypeVar("Result")
_LONGEST_WAIT = 60  # seconds, to tell a client
_PAUSE = 0.1
"""Seconds without work after which memory is given back."""
THREADS = "lbie-pool-"
"""What names of threads begin with."""


@dataclass(eq=False)
class _Running:
    began: float
    left: bool = False
    """Its request was given up; a thread cannot be, and goes on."""


class Pool:
    """Runs functions in threads, in the order in which they were asked for. Called from one event loop only."""

    def __init__(self, name: str, workers: int, queue: int, time_limit: float) -> None:
        """Take a name, how many functions run at once, how many requests wait, and for how many seconds."""
        self.workers, self._most, self._time_limit = workers, workers + queue, time_limit
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"{THREADS}{name}")
        self._free = asyncio.Semaphore(workers)
        self._admitted = 0
        self._works: set[_Running] = set()
        self._tidying: asyncio.TimerHandle | None = None
        self._closed = False
        self._seconds = 1.0
        """Of a function, on average of late."""

    @property
    def running(self) -> int:
        """Functions that run now."""
        return len(self._works)

    @property
    def waiting(self) -> int:
        """Requests that were let in and do not run."""
        return self._admitted - self.running + self._left

    @property
    def overdue(self) -> int:
        """Functions that have run for longer than any request waits; each keeps its thread until it ends."""
        now = time.perf_counter()
        return sum(now - work.began > self._time_limit for work in self._works)

    @property
    def _left(self) -> int:
        return sum(work.left for work in self._works)

    def check(self) -> None:
        """See whether anything can be done at all.

        Raises:
            ProblemError: 503, every thread is at overdue work.
        """
        if self.overdue == self.workers:
            after = {"Retry-After": str(_LONGEST_WAIT)}
            raise ProblemError(503, "busy", f"all work in hand takes longer than {self._time_limit:g} s", after)

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Let a request in for as long as this lasts.

        Raises:
            ProblemError: 429, as many are in as may be; 503, every thread is at overdue work.
        """
        self.check()
        if self._admitted + self._left >= self._most:
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

    def close(self) -> None:
        """Begin nothing more; nobody waits for what still runs."""
        self._closed = True
        if self._tidying:
            self._tidying.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Callable[[], Result]) -> Result:
        await self._free.acquire()
        if self._tidying:
            self._tidying.cancel()
        loop, work = asyncio.get_running_loop(), _Running(time.perf_counter())
        self._works.add(work)

        def done(_future: Future[Result]) -> None:
            with suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(self._done, work)

        future = self._threads.submit(function)
        future.add_done_callback(done)  # of the thread, which goes on where this is cancelled
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            work.left = True
            raise

    def _done(self, work: _Running) -> None:
        self._works.discard(work)
        self._seconds += 0.1 * (time.perf_counter() - work.began - self._seconds)
        self._free.release()
        if not self._works and not self._closed:
            # The next work would take memory anew: it is kept for a moment.
            loop = asyncio.get_running_loop()
            self._tidying = loop.call_later(_PAUSE, loop.run_in_executor, None, give_back)


async def _gone(request: Request) -> None:
    """Returns when the client closes the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass

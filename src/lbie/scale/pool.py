"""Processes that work on files side by side. One that dies costs its own file alone, and is replaced."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from lbie.errors import LbieError, ResourceError
from lbie.scale.journal import Item, Outcome

Work = Callable[[Item], Outcome]
_CONTEXT = multiprocessing.get_context("spawn")  # torch does not survive a fork once it has threads
_TRIES = 3  # at starting a worker
_GRACE = 5.0  # seconds an idle worker has to end


@dataclass
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    item: Item | None = None


def run_pool(
    items: Iterable[Item], start: Callable[[], Work], workers: int
) -> Generator[tuple[Item, Outcome], None, None]:
    """Work on items in processes of their own.

    Args:
        items: taken one at a time, as workers become free.
        start: makes what works on an item, in each process once; must be picklable.
        workers: number of processes.

    Yields:
        Each item and what became of it, in the order in which they are done.

    Raises:
        LbieError: what `start` or the work raises.
        ResourceError: workers die as they start.
    """
    todo = iter(items)
    pool: list[_Worker] = []
    idle: list[_Worker] = []
    deaths = 0
    try:
        pool.extend(_spawn(start) for _ in range(workers))
        while pool:
            for connection in wait([worker.connection for worker in pool]):
                worker = next(w for w in pool if w.connection is connection)
                item = worker.item
                try:
                    told = worker.connection.recv()
                except (EOFError, OSError):
                    reason = _end(worker)
                    pool.remove(worker)
                    deaths = deaths if worker.ready else deaths + 1
                    if deaths >= _TRIES:
                        raise ResourceError(f"a worker ends as it starts ({reason}): try fewer --workers") from None
                    pool.append(_spawn(start))
                    if item is not None:
                        yield item, Outcome("failed", reason=f"the worker died of it ({reason})")
                    continue
                if isinstance(told, LbieError):
                    raise told
                worker.ready, deaths = True, 0
                if not _give(worker, next(todo, None)):
                    pool.remove(worker)
                    idle.append(worker)
                    worker.connection.close()
                if item is not None:
                    yield item, told
    finally:
        for worker in pool:
            worker.process.terminate()
        for worker in pool + idle:
            _end(worker)


class Apart:
    """Works on items in a process of its own, one at a time. Where it dies of one, that one has failed."""

    def __init__(self, start: Callable[[], Work]) -> None:
        """Take what makes the work; it is made with the first item."""
        self._start = start
        self._worker: _Worker | None = None

    def __call__(self, item: Item) -> Outcome:
        """Work on an item.

        Raises:
            LbieError: what `start` or the work raises.
            ResourceError: the process ends as it starts.
        """
        worker = self._ready()
        try:
            worker.connection.send(item)
            told = worker.connection.recv()
        except (EOFError, OSError):
            self._worker = None
            return Outcome("failed", reason=f"the worker died of it ({_end(worker)})")
        if isinstance(told, LbieError):
            raise told
        assert isinstance(told, Outcome)
        return told

    def _ready(self) -> _Worker:
        tries = 0
        while self._worker is None:
            worker = _spawn(self._start)
            try:
                told = worker.connection.recv()
            except (EOFError, OSError):
                reason, tries = _end(worker), tries + 1
                if tries >= _TRIES:
                    raise ResourceError(f"a worker ends as it starts ({reason}): try fewer --workers") from None
                continue
            if isinstance(told, LbieError):
                _end(worker)
                raise told
            self._worker = worker
        return self._worker

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            _end(self._worker)
            self._worker = None


def _give(worker: _Worker, item: Item | None) -> bool:
    """Hand a worker its next file; False where there is none."""
    worker.item = item
    if item is not None:
        with suppress(OSError):  # it is dead: the next look at its connection says so
            worker.connection.send(item)
    return item is not None


def _spawn(start: Callable[[], Work]) -> _Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(theirs, start), daemon=True)
    with _no_interrupts(), _without_ray():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal: one that starts here does not hear it, this one hears it later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_ray() -> Iterator[None]:
    """A process that starts here imports the main module again: not where that is the one of a worker of Ray."""
    main = sys.modules["__main__"]
    if Path(getattr(main, "__file__", None) or "").name != "default_worker.py":
        yield
        return
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _end(worker: _Worker) -> str:
    """Let a worker end, and say how it did."""
    worker.connection.close()
    worker.process.join(_GRACE)
    if worker.process.exitcode is None:
        worker.process.kill()
        worker.process.join()
    code = worker.process.exitcode or 0
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name}: the system may be out of memory" if name == "SIGKILL" else name


def _serve(connection: Connection, start: Callable[[], Work]) -> None:
    """What a worker does: it ends when the other end of the connection is gone, even by a kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        try:
            work = start()
        except LbieError as error:
            connection.send(error)
            return
        except Exception as error:
            connection.send(ResourceError(f"a worker cannot start: {type(error).__name__}: {error}"))
            return
        connection.send(None)
        while True:
            item = connection.recv()
            try:
                connection.send(work(item))
            except LbieError as error:  # what ends it all, such as a full disk
                connection.send(error)
    except (EOFError, OSError):
        return

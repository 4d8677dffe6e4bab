"""The work on a folder by many machines: Ray Data hands out names, and workers read, edit and write where they are.

No picture goes through the process that began it: that lists, hands out and notes. Each result has its name beforehand
and is written whole; work that a dead machine took with it is done again elsewhere, as the same bytes under the same
name. So nothing is lost, and nothing is there twice.
"""

from __future__ import annotations

import logging
import os
import pickle
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from lbie.errors import InputError, LbieError, ResourceError
from lbie.remote import Place
from lbie.scale.journal import Item, Journal, Outcome
from lbie.scale.pool import Apart, Work
from lbie.scale.settings import BatchSettings
from lbie.scale.work import Worker
from lbie.scale.write import write_result

BLOCK = 16
"""Files that a worker is given at once, at most; those that are done again where its machine dies."""
_RAY = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_worker_niceness": "0"}
"""What Ray is told where nothing else is: workers that it starts here have the priority of a pool's."""
_RETRIES = 8  # of a block whose worker was lost


def work_on_cluster(
    journal: Journal,
    settings: BatchSettings,
    *,
    workers: int | None = None,
    device: str = "auto",
    runtime: str = "auto",
    address: str | None = None,
    start: Callable[[BatchSettings, str, int, str], Work] = Worker,
) -> Generator[tuple[Item, Outcome], None, None]:
    """Work on all files that wait in a journal, by a cluster, which writes the results; each is noted.

    Args:
        journal: after `plan`.
        settings: the same. Its folder, and that of the results, are the same for all machines.
        workers: number of them (None: one for each processor of the cluster).
        device: of the models.
        runtime: of the models.
        address: of the cluster (None: what RAY_ADDRESS says, or this machine alone).
        start: makes what works on a file, given settings, device, threads and runtime; all machines can import it.

    Yields:
        Each file as it is done, and what became of it; its `data` is written already.

    Raises:
        InputError: no such cluster, device or model.
        ResourceError: the disk is full, or workers cannot be started: their files wait on.
    """
    with _cluster(address, workers) as machines:
        count = min(workers or sum(machines), sum(machines))
        threads = max(1, min(sum(machines) // count, *machines))
        work = partial(Writing, partial(start, settings, device, threads, runtime), settings, journal.results)
        blocks = list(_blocks(journal.waiting(), count))
        journal.claim()
        for item, outcome in _stream(blocks, partial(Apart, work), count, threads):
            journal.finish(item, outcome)
            yield item, outcome
    for item in journal.waiting():
        outcome = Outcome("failed", reason=f"given up: its worker was lost {_RETRIES + 1} times, or does not work")
        journal.finish(item, outcome)
        yield item, outcome


class Writing:
    """Works on files and writes what comes of it, in the place where that belongs."""

    def __init__(self, start: Callable[[], Work], settings: BatchSettings, results: Place) -> None:
        """Make the work that it stands around; raises what that raises."""
        self.work, self.settings, self.results = start(), settings, results

    def __call__(self, item: Item) -> Outcome:
        """Work on a file; whatever is wrong with it is in the outcome, which has no data.

        Raises:
            ResourceError: the disk is full.
        """
        outcome = self.work(item)
        if outcome.state == "done":
            try:
                write_result(self.results, self.settings.source, item, outcome.data)
            except InputError as error:
                return Outcome("failed", reason=str(error))
        return replace(outcome, data=b"")


class Actor:
    """A worker of Ray Data: blocks of files in, what became of each out."""

    def __init__(self, make: Callable[[], Apart]) -> None:
        """Start nothing yet: a fault of the start is told with the first block, and not tried for ever."""
        self._apart = make()

    def __call__(self, block: Any) -> Any:
        """Work on a block, a table of pickled items; gives what became of each likewise, or what ends it all."""
        told: list[bytes] = []
        for row in block["item"].to_pylist():
            item = pickle.loads(row)
            try:
                told.append(pickle.dumps((item, self._apart(item))))
            except LbieError as error:
                told.append(pickle.dumps((item, error)))
                break
        return _table("told", told)


def _blocks(items: Iterable[Item], workers: int) -> Iterator[Any]:
    """Tables of pickled items, of which each worker has several even where there are few."""
    rows = [pickle.dumps(item) for item in items]
    size = max(1, min(BLOCK, len(rows) // (4 * workers)))
    for first in range(0, len(rows), size):
        yield _table("item", rows[first : first + size])


def _table(name: str, rows: list[bytes]) -> Any:
    import pyarrow as pa

    return pa.table({name: pa.array(rows, pa.binary())})


def _stream(
    blocks: list[Any], make: Callable[[], Apart], workers: int, threads: int
) -> Generator[tuple[Item, Outcome], None, None]:
    """Hand blocks to workers as they become free; raises what a worker says ends it all."""
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # files of a block that is given up are named as failed
    actors = ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=2)
    own = {"num_cpus": threads, "max_restarts": -1, "max_task_retries": _RETRIES}
    with warnings.catch_warnings():  # Ray 2.60 means to take options of actors otherwise from 2.64 on, and not yet does
        warnings.filterwarnings("ignore", message=".*ray_remote_args.*")
        answers = ray.data.from_arrow(blocks).map_batches(
            Actor, fn_constructor_args=(make,), compute=actors, batch_size=None, batch_format="pyarrow", **own
        )
    try:
        for rows in answers.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
            for row in rows["told"].to_pylist():
                item, outcome = pickle.loads(row)
                if isinstance(outcome, LbieError):
                    raise outcome
                yield item, outcome
    except LbieError:
        raise
    except Exception as error:  # Ray has errors of many kinds, also for what happens in its workers
        raise ResourceError(f"the cluster stopped: {' '.join(str(error).split())[:300]}") from error


@contextmanager
def _cluster(address: str | None, workers: int | None) -> Iterator[list[int]]:
    """Join a cluster, or begin one on this machine; gives the number of processors of each machine that has some.

    Raises:
        InputError: there is none at the address.
        ResourceError: none can begin here.
    """
    for name, value in _RAY.items():
        os.environ.setdefault(name, value)
    import ray
    import ray.data

    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what is given up is named here
    joined = ray.is_initialized()
    if not joined:
        alone = address is None and not os.environ.get("RAY_ADDRESS")
        here = {"num_cpus": max(workers or 1, os.cpu_count() or 1), "include_dashboard": False} if alone else {}
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **here)
        except Exception as error:  # Ray has errors of many kinds
            reason = " ".join(str(error).split())[:200]
            if alone:
                raise ResourceError(f"Ray cannot start on this machine: {reason}") from error
            raise InputError(f"no Ray cluster at '{address or os.environ.get('RAY_ADDRESS')}': {reason}") from error
    try:
        found = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
        yield [processors for processors in found if processors] or [1]
    finally:
        if not joined:
            ray.shutdown()

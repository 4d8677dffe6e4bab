"""The work on a folder: plan, work on each file, record what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial

from lbie.errors import InputError
from lbie.scale.journal import Item, Journal, Outcome
from lbie.scale.pool import Work, run_pool
from lbie.scale.settings import BatchSettings
from lbie.scale.work import Worker
from lbie.scale.write import is_there, write_result

Engine = Callable[[Iterator[Item], Callable[[], Work]], Generator[tuple[Item, Outcome], None, None]]
"""Works on items with what the second argument makes, wherever that is; gives each item back with its outcome."""


def work_through(
    journal: Journal,
    settings: BatchSettings,
    *,
    workers: int | None = None,
    device: str = "auto",
    runtime: str = "auto",
    overwrite: bool = False,
) -> Generator[tuple[Item, Outcome], None, None]:
    """Work on all files that wait in a journal, write the results, and note each.

    Args:
        journal: after `plan`.
        settings: the same.
        workers: number of processes, of which no more than files are started (None: one).
        device: of the models.
        runtime: of the models.
        overwrite: results may replace files that are not of this batch.

    Yields:
        Each file as it is done, and what became of it; its `data` is written already.

    Raises:
        InputError: no such device or model.
        ResourceError: the disk is full: the file waits on; or workers cannot be started.
    """
    workers = min(workers or 1, max(1, journal.counts().get("waiting", 0)))
    if journal.store:
        journal.claim()
    threads = max(1, _processors() // workers)
    engine: Engine = partial(run_pool, workers=workers)
    with closing(engine(journal.waiting(), partial(Worker, settings, device, threads, runtime))) as outcomes:
        for item, outcome in outcomes:
            yield item, record(journal, settings, item, outcome, overwrite)


def record(journal: Journal, settings: BatchSettings, item: Item, outcome: Outcome, overwrite: bool = False) -> Outcome:
    """Write the result of a file whole or not at all, and note what became of it; returns that.

    Raises:
        ResourceError: the disk is full.
    """
    if outcome.state == "done":
        try:
            if not overwrite and not journal.is_ours(item) and is_there(journal.results, item.output):
                place = f"{journal.results}/{item.output}"
                raise InputError(f"'{place}' exists and is not of this batch: --overwrite replaces it")
            about_to = partial(journal.writing, item, outcome)
            write_result(journal.results, settings.source, item, outcome.data, about_to)
        except InputError as error:
            outcome = Outcome("failed", reason=str(error))
    journal.finish(item, outcome)
    return outcome


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

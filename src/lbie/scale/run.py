"""The work on a folder: plan, work on each file, record what became of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial

from lbie.errors import InputError, ResourceError, is_full_disk
from lbie.image_io import SUFFIXES, check_output, write_bytes
from lbie.scale.journal import Item, Journal, Outcome
from lbie.scale.pool import Work, run_pool
from lbie.scale.settings import BatchSettings
from lbie.scale.work import Worker

Engine = Callable[[Iterator[Item], Callable[[], Work]], Generator[tuple[Item, Outcome], None, None]]
"""Works on items with what the second argument makes, wherever that is; gives each item back with its outcome."""


def work_through(
    journal: Journal,
    settings: BatchSettings,
    *,
    workers: int = 1,
    device: str = "auto",
    runtime: str = "auto",
    overwrite: bool = False,
) -> Generator[tuple[Item, Outcome], None, None]:
    """Work on all files that wait in a journal, write the results, and note each.

    Args:
        journal: after `plan`.
        settings: the same.
        workers: number of processes.
        device: of the models.
        runtime: of the models.
        overwrite: results may replace files that are not of this batch.

    Yields:
        Each file as it is done, and what became of it; its `data` is written already.

    Raises:
        InputError: no such device or model.
        ResourceError: the disk is full: the file waits on; or workers cannot be started.
    """
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
        target = journal.folder / item.output
        try:
            if not overwrite and not journal.is_ours(item) and os.path.lexists(target):
                raise InputError(f"'{target}' exists and is not of this batch: --overwrite replaces it")
            target.parent.mkdir(parents=True, exist_ok=True)
            check_output(target, settings.source / item.path, suffixes=(*SUFFIXES, ".svg", ".svgz"))
            journal.writing(item, outcome)
            write_bytes(target, outcome.data)
        except InputError as error:
            outcome = Outcome("failed", reason=str(error))
        except OSError as error:
            if is_full_disk(error):
                raise ResourceError(f"cannot write '{target}': {error.strerror}") from error
            outcome = Outcome("failed", reason=f"cannot write '{target}': {error.strerror}")
    journal.finish(item, outcome)
    return outcome


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

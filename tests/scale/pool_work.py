"""What works on items in the tests of the pool, in processes of their own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

from lbie.errors import InputError
from lbie.scale.journal import Item, Outcome


def starts() -> Callable[[Item], Outcome]:
    return work


def work(item: Item) -> Outcome:
    if item.path == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if item.path == "exit":
        os._exit(3)
    if item.path == "sleep":
        time.sleep(60)
    return Outcome("done", item.path.encode(), details={"process": os.getpid()})


def refuses() -> Callable[[Item], Outcome]:
    raise InputError("no such device")


def breaks() -> Callable[[Item], Outcome]:
    raise ValueError("a broken installation")


def dies() -> Callable[[Item], Outcome]:
    os._exit(1)

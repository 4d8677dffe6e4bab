"""Work that a thread does while something else is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress


def soon(name: str, *works: Callable[[], object]) -> None:
    """Do each of them in one thread, of that name, where one can be started.

    They make what is kept; what goes wrong is told when that is wanted, for then it is made again.
    """

    def run() -> None:
        for work in works:
            with suppress(Exception):
                work()

    with suppress(RuntimeError):  # no thread can be started
        threading.Thread(target=run, name=name).start()

"""Pictures for a while: bounded in bytes and number, the longest unused go first."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lbie.errors import ResourceError

Item = TypeVar("Item")


@dataclass
class _Kept(Generic[Item]):
    item: Item
    size: int
    used: float


class Store(Generic[Item]):
    """Keeps items by ids that cannot be guessed. Any thread may call it."""

    def __init__(
        self, most_bytes: int, most_items: int, time_to_live: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most_bytes, self.most_items, self.time_to_live = most_bytes, most_items, time_to_live
        self._clock = clock
        self._kept: OrderedDict[str, _Kept[Item]] = OrderedDict()  # the longest unused first
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """What all items take."""
        return self._bytes

    def put(self, item: Item, size: int) -> str:
        """Keep an item of so many bytes; returns its id.

        Raises:
            ResourceError: it alone is larger than the store.
        """
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._check(size)
            self._kept[name] = _Kept(item, size, self._clock())
            self._bytes += size
            self._evict()
        return name

    def get(self, name: str) -> Item | None:
        """The item of an id, which counts as used now; None where there is none, or no longer."""
        with self._lock:
            self._evict()
            kept = self._kept.get(name)
            if kept is None:
                return None
            kept.used = self._clock()
            self._kept.move_to_end(name)
            return kept.item

    def grow(self, name: str, size: int) -> None:
        """Count bytes that an item takes from now on, if it is still there.

        Raises:
            ResourceError: it has become larger than the store; it is gone then.
        """
        with self._lock:
            kept = self._kept.get(name)
            if kept is None:
                return
            kept.size += size
            self._bytes += size
            self._kept.move_to_end(name)
            if kept.size > self.most_bytes:
                self._drop(name)
            self._check(kept.size)
            self._evict()

    def sweep(self) -> None:
        """Let go of what has expired."""
        with self._lock:
            self._evict()

    def _check(self, size: int) -> None:
        if size > self.most_bytes:
            raise ResourceError(
                f"the picture takes {size / 2**20:,.0f} MiB here, the store holds {self.most_bytes / 2**20:,.0f}: "
                "use a smaller one"
            )

    def _evict(self) -> None:
        oldest = self._clock() - self.time_to_live
        while self._kept:
            name, kept = next(iter(self._kept.items()))
            if kept.used >= oldest and self._bytes <= self.most_bytes and len(self._kept) <= self.most_items:
                return
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._bytes -= self._kept.pop(name).size

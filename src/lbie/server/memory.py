"""Memory that is free, given back to the system."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable


def give_back() -> None:
    """Give back what the allocator keeps: that of Linux keeps for each thread what its largest work once took, so that
    a server would grow whenever large works first meet. Other systems need no telling.
    """
    if _TRIM is not None:
        _TRIM(0)


def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none


_TRIM = _trim()

"""The bytes of a file, of which nothing is believed before it was looked at."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lbie.errors import InputError

_NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def read_file(path: str | Path, name: str, most: int, wanted: str) -> bytes:
    """The bytes of a regular file; whatever lies there, it is not waited for.

    Args:
        path: the file.
        name: what messages call it.
        most: limit on its bytes.
        wanted: what messages ask for instead of a folder, a device or a pipe.

    Raises:
        InputError: it is missing, no regular file, over the limit, growing, or cannot be read.
    """
    data: bytes | None
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # some devices do something as they are opened
            raise InputError(f"{name} is not a regular file: give {wanted}")
        with open(os.open(path, os.O_RDONLY | _NOT_WAITING), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):  # another has taken its place meanwhile
                raise InputError(f"{name} is not a regular file: give {wanted}")
            if status.st_size > most:
                raise InputError(f"{name} has {status.st_size:,} bytes; at most {most:,} are read")
            data = file.read(status.st_size + 1)  # those of /proc have more than they say, or nothing yet
    except FileNotFoundError as error:
        raise InputError(f"no such file: {name}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from error
    if data is None:
        raise InputError(f"cannot read {name}: there is nothing yet, and it is not waited for")
    if len(data) > status.st_size:
        raise InputError(f"{name} has more than its {status.st_size:,} bytes: it grows, or lies on no disk")
    return data

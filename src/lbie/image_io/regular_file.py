"""The bytes of a file, of which nothing is believed before it was looked at."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lbie.errors import InputError


def read_file(path: str | Path, name: str, most: int, wanted: str) -> bytes:
    """The bytes of a regular file.

    Args:
        path: the file.
        name: what messages call it.
        most: limit on its bytes.
        wanted: what messages ask for instead of a folder, a device or a pipe.

    Raises:
        InputError: it is missing, no regular file, over the limit, or cannot be read.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{name} is not a regular file: give {wanted}")
        if status.st_size > most:
            raise InputError(f"{name} has {status.st_size:,} bytes; at most {most:,} are read")
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"no such file: {name}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from error

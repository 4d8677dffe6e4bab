"""JSON files of data sets, read with errors that a person can use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lbie.errors import InputError

MAX_BYTES = 2**30
"""Limit on the size of a file; the annotations of COCO have 450 MB."""


def read_json(path: Path, kind: type = dict) -> Any:
    """What a JSON file holds.

    Args:
        path: the file.
        kind: `dict` or `list`, which it must be.

    Raises:
        InputError: missing, over `MAX_BYTES`, not UTF-8 text, not JSON, or not of that kind.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"'{path}' has {size:,} bytes; at most {MAX_BYTES:,} are read")
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError(f"no such file: '{path}'") from error
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not UTF-8 text ({error})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is not JSON ({error})") from error
    if not isinstance(value, kind):
        expected = "an object" if kind is dict else "a list"
        raise InputError(f"'{path}' should hold {expected}, not {type(value).__name__}")
    return value

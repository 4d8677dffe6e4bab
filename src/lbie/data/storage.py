"""Where data is found and where decoded arrays are kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lbie.errors import InputError


def data_root(option: str | Path | None = None) -> Path:
    """Folder of the data sets: the option, then `LBIE_DATA`, then `../shared/data`.

    Raises:
        InputError: the folder does not exist.
    """
    root = Path(option or os.environ.get("LBIE_DATA") or "../shared/data")
    if not root.is_dir():
        raise InputError(f"no data folder at '{root}': give --data DIR or set LBIE_DATA")
    return root


def cache_root() -> Path:
    """Folder for decoded arrays: `LBIE_CACHE`, else `$XDG_CACHE_HOME/lbie` (`~/.cache/lbie`)."""
    if "LBIE_CACHE" in os.environ:
        return Path(os.environ["LBIE_CACHE"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lbie"


def cached_array(path: Path, build: Callable[[], np.ndarray]) -> np.ndarray:
    """The array stored at `path` (memory-mapped), built and stored whole first where it is not there yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        array = build()
        handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.save(file, array)
            os.replace(aside, path)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
    return np.load(path, mmap_mode="r")

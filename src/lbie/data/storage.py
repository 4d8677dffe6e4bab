"""Where data is found and where decoded arrays are kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
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


def load_square(path: Path, size: int) -> np.ndarray:
    """Centre square of a photo, (size, size, 3) uint8 RGB."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"cannot read the photo '{path}'")
    return centre_square(bgr, size)[..., ::-1].copy()


def centre_square(picture: np.ndarray, size: int) -> np.ndarray:
    """Centre square of a picture (H, W, 3) uint8, as (size, size, 3)."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    return cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)

"""Folders that lie in a store such as S3, by their address: `s3://bucket/photos`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from lbie.errors import InputError, LbieError
from lbie.image_io import read_file


@dataclass(frozen=True)
class Remote:
    """A folder in a store. What is written there is there whole or not at all, as stores have it."""

    url: str
    """With its protocol, such as `s3://bucket/photos`."""

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part of its address."""
        return posixpath.basename(self.url)

    def read(self, path: str, name: str, most: int) -> bytes:
        """The bytes of a file in it.

        Args:
            path: relative to it, with `/`.
            name: what messages call it.
            most: limit on its bytes.

        Raises:
            InputError: it is missing, over the limit, or cannot be read.
        """
        store, root = _open(self.url)
        with told(f"cannot read {name}"):
            data: bytes = store.cat_file(f"{root}/{path}", end=most + 1)
        if len(data) > most:
            raise InputError(f"{name} has over {most:,} bytes; at most so many are read")
        return data

    def write(self, path: str, data: bytes) -> None:
        """Write a file in it, in place of what was there.

        Raises:
            InputError: it cannot be written.
        """
        store, root = _open(self.url)
        with told(f"cannot write '{self.url}/{path}'"):
            store.pipe_file(f"{root}/{path}", data)

    def exists(self, path: str) -> bool:
        """Whether a file is there."""
        store, root = _open(self.url)
        with told(f"cannot look at '{self.url}'"):
            return bool(store.exists(f"{root}/{path}"))

    def open(self, path: str) -> Any:
        """A file in it as one of Python's, to read parts of.

        Raises:
            InputError: it cannot be read.
        """
        store, root = _open(self.url)
        with told(f"cannot read '{self.url}/{path}'"):
            return store.open(f"{root}/{path}", "rb")

    def names(self) -> list[str]:
        """What lies in it, not deeper; nothing where it is not there.

        Raises:
            InputError: it cannot be listed.
        """
        store, root = _open(self.url)
        with told(f"cannot list '{self.url}'"):
            try:
                found = store.ls(root, detail=False)
            except FileNotFoundError:
                return []
        return sorted(posixpath.basename(place.rstrip("/")) for place in found)

    def files(self) -> Iterator[tuple[str, int, int]]:
        """Path, bytes and time of change in nanoseconds (0 where the store tells none) of each file, by name.

        Raises:
            InputError: it cannot be listed.
        """
        store, root = _open(self.url)
        with told(f"cannot list '{self.url}'"):
            found: dict[str, dict[str, Any]] = store.find(root, detail=True)
        for place in sorted(found):
            known = found[place]
            changed = known.get("LastModified") or known.get("mtime") or known.get("created") or 0
            seconds = changed.timestamp() if isinstance(changed, datetime) else float(changed)
            yield place[len(root) :].lstrip("/"), int(known.get("size") or 0), round(seconds * 1e9)


Place = Path | Remote
"""Where a folder is."""


def place_of(text: str) -> Place:
    """The folder that a person names: a path, or an address with its protocol.

    Raises:
        InputError: no such protocol, or its package is not installed.
    """
    if "://" not in text or text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    remote = Remote(text.rstrip("/"))
    _open(remote.url)
    return remote


def read_from(place: Place, path: str, name: str, most: int, wanted: str) -> bytes:
    """The bytes of a file of a folder.

    Args:
        place: the folder.
        path: relative to it.
        name: what messages call it.
        most: limit on its bytes.
        wanted: what messages ask for instead of a folder or device.

    Raises:
        InputError: it is missing, over the limit, or cannot be read.
    """
    return place.read(path, name, most) if isinstance(place, Remote) else read_file(place / path, name, most, wanted)


@lru_cache(8)
def _open(url: str) -> tuple[Any, str]:
    """The store of an address, and the folder in it."""
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as error:
        raise InputError(f"'{url}' needs the package 'fsspec': pip install 'lbie[cluster]'") from error
    try:
        store, root = url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        raise InputError(f"'{url}' needs a package for its protocol: {error}") from error
    except ValueError as error:
        raise InputError(f"'{url}' is no address of a folder: {error}") from error
    return store, root.rstrip("/")


@contextmanager
def told(what: str) -> Iterator[None]:
    """Whatever a store has to complain of, as one line."""
    try:
        yield
    except LbieError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"{what}: no such file") from error
    except Exception as error:  # stores have errors of their own
        raise InputError(f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:200]}") from error

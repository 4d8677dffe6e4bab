"""What lies where a file is expected is not waited for, and not believed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from lbie.errors import InputError, ResourceError, SentenceError
from lbie.image_io import decode, decode_image
from lbie.regular_file import read_file


def read(place: object, most: int = 100) -> bytes:
    return read_file(str(place), "the file", most, "a file")


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to("a")
    assert read(tmp_path / "a") == read(tmp_path / "link") == b"x" * 100
    with pytest.raises(InputError, match="has 100 bytes; at most 99 are read"):
        read(tmp_path / "a", 99)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_files_that_say_they_are_empty() -> None:
    with pytest.raises(InputError, match="more than its 0 bytes"):
        read("/proc/self/maps")
    began = time.perf_counter()
    with pytest.raises(InputError):
        read("/proc/kmsg")  # which waits for the kernel to say something
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("other", ["pipe", "/dev/zero"])
def test_another_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    """After it was looked at, and before it is opened: a pipe would be waited for."""
    place = tmp_path / "a"
    place.write_bytes(b"x")
    opening = os.open

    def open_another(path: str, *rest: int) -> int:
        place.unlink()
        os.mkfifo(place) if other == "pipe" else place.symlink_to(other)
        return opening(path, *rest)

    monkeypatch.setattr(os, "open", open_another)
    with pytest.raises(InputError, match="not a regular file"):
        read(place)


@pytest.mark.parametrize("kind", [InputError, SentenceError, ResourceError])
def test_errors_stay_on_a_line(kind: type[Exception]) -> None:
    assert str(kind("no 'a\nb\x1b[2J\u202egnp\udce9' 🌸")) == "no 'a\\nb\\x1b[2J\\u202egnp\\udce9' 🌸"


def test_no_memory_to_decode(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decode, "_decode", fail)
    with pytest.raises(ResourceError, match="not enough memory to decode"):
        decode_image(b"x", "'a.png'")

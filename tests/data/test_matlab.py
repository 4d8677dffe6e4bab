"""Matrices out of MATLAB 5 files."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from lbie.data.matlab import read_matrix
from lbie.errors import InputError

RNG = np.random.default_rng(0)
KINDS = ("bool", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
SHAPES = ((0, 0), (1, 1), (1, 3), (7, 5), (300, 401))


def written(path: Path, values: dict[str, Any], packed: bool = False) -> bytes:
    savemat(path, values, do_compression=packed)
    return path.read_bytes()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_as_scipy_reads_them(tmp_path: Path, kind: str, packed: bool) -> None:
    path = tmp_path / "a.mat"
    others = {"before": np.ones((50, 60)), "text": "x", "cells": np.array([[1, "x"]], object), "part": {"a": 1}}
    for shape in SHAPES:
        matrix = RNG.integers(0, 100, shape).astype(kind)
        written(path, others | {"segimg_t": matrix, "after": np.ones(3)}, packed)
        found = read_matrix(path, "segimg_t", 300 * 401)
        assert np.array_equal(found, matrix) and found.dtype == loadmat(path)["segimg_t"].dtype
        assert found.dtype.isnative and found.flags.writeable


def test_the_other_order_of_bytes(tmp_path: Path) -> None:
    def part(kind: int, data: bytes) -> bytes:
        return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)

    matrix = np.arange(24, dtype=">i2").reshape(4, 6)
    body = part(6, struct.pack(">II", 10, 0)) + part(5, struct.pack(">ii", 4, 6)) + part(1, b"m")
    body += part(3, matrix.tobytes("F"))
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB".ljust(124) + b"\1\0MI" + part(14, body))
    assert np.array_equal(read_matrix(path, "m", 24), matrix)
    assert np.array_equal(loadmat(path)["m"], matrix)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("text", "is not a matrix of numbers"),
        (np.ones((2, 2, 2)), "is not a matrix of numbers"),
        (np.ones((2, 2), complex), "is not a matrix of numbers"),
        (np.array([["a"]], object), "is not a matrix of numbers"),
        ({"a": 1}, "is not a matrix of numbers"),
        (np.ones((5, 5)), "m has 5 x 5 values; at most 24 are read"),
    ],
)
def test_what_is_no_such_matrix(tmp_path: Path, value: object, says: str) -> None:
    path = tmp_path / "a.mat"
    for packed in (False, True):
        written(path, {"m": value}, packed)
        with pytest.raises(InputError, match=says):
            read_matrix(path, "m", 24)
    with pytest.raises(InputError, match="has no matrix x, but m"):
        read_matrix(path, "x", 24)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_or_changed_anywhere(tmp_path: Path, packed: bool) -> None:
    """It is refused, or gives a matrix of 4 x 6 where the change lies in what is not looked at, or in the numbers."""
    path = tmp_path / "a.mat"
    whole = written(path, {"m": np.arange(24.0).reshape(4, 6)}, packed)
    for end in range(0, len(whole), 3):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=r"not a MATLAB 5 file, or damaged|has no matrix"):
            read_matrix(path, "m", 24)
    for place in range(120, len(whole), 1 if packed else 2):
        for value in (0, 255):
            path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
            try:
                assert read_matrix(path, "m", 24).size <= 24
            except InputError as error:
                assert str(error).isprintable()


def test_bombs_take_no_memory(tmp_path: Path) -> None:
    """A matrix of another name that is 50 MB when decompressed, and one that says so of itself."""
    zeros, path = bytes(10**6), tmp_path / "a.mat"

    def packed(size: int, rows: int, name: bytes) -> bytes:
        head = struct.pack("<4I", 6, 8, 9, 0) + struct.pack("<2I2i", 5, 8, rows, 1) + struct.pack("<2I", 1, 1)
        head += name.ljust(8, b"\0") + struct.pack("<2I", 2, rows)
        packer = zlib.compressobj(1)
        data = packer.compress(struct.pack("<2I", 14, size) + head)
        data += b"".join(packer.compress(zeros) for _ in range(50)) + packer.flush()
        return struct.pack("<2I", 15, len(data)) + data

    start = b"MATLAB".ljust(124) + b"\0\1IM"
    cases = {
        packed(50_000_056, 50_000_000, b"x"): "has no matrix m, but x",
        packed(50_000_056, 50_000_000, b"m"): "50,000,000 x 1 values",
        packed(50_000_056, 24, b"m"): "50,000,056 bytes for at most",
        packed(80, 24, b"m"): "not as long as it says",
    }
    tracemalloc.start()
    try:
        for data, says in cases.items():
            path.write_bytes(start + data)
            with pytest.raises(InputError, match=says):
                read_matrix(path, "m", 24)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_matrix(tmp_path / "a.mat", "m", 24)
    with pytest.raises(InputError, match="not a regular file"):
        read_matrix(tmp_path, "m", 24)

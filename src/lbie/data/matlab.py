"""A matrix of numbers out of a MATLAB 5 file, of which nothing is believed.

SciPy's reader is compiled, and not meant for files of others (https://github.com/scipy/scipy/pull/25166): one of 241
bytes ends the process in it. Data sets keep a matrix in such files, and of the format that needs little.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbie.errors import InputError
from lbie.regular_file import read_file

_MAX_BYTES = 64 * 2**20
"""Of a file."""
_START, _VERSION, _ORDERS = 128, 1, {b"IM": "<", b"MI": ">"}
_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Number of a type to what NumPy calls it."""
_MATRIX, _COMPRESSED = 14, 15
"""Types of what a file is made of."""
_NUMBERS, _COMPLEX = range(6, 16), 0x800
"""Classes of matrices of numbers, and a flag."""
_HEAD = 1024
"""Bytes in which a matrix tells its class, shape and name."""


@dataclass(frozen=True)
class _Matrix:
    body: memoryview
    """What comes after the tag; of a compressed one its beginning."""
    size: int
    """Bytes of all of it."""
    more: Any = None
    """What decompresses the rest."""


def read_matrix(path: Path, name: str, most: int) -> NDArray[Any]:
    """The matrix of a name: (H, W), of the type in which its numbers are stored.

    Args:
        path: a MATLAB 5 file, compressed or not, of either order of bytes.
        name: of the matrix.
        most: limit on its values, looked at before memory is taken for them.

    Raises:
        InputError: no such file, no MATLAB 5 file, damaged, without that matrix, or it is too large or not of numbers.
    """
    data = memoryview(read_file(path, f"'{path}'", _MAX_BYTES, "a MATLAB 5 file"))
    names = []
    try:
        order = _order(data)
        for matrix in _matrices(data, order):
            (flags, shape, called), place = _head(matrix.body, order)
            if called != name:
                names.append(called)
                continue
            if flags & 0xFF not in _NUMBERS or flags & _COMPLEX or len(shape) != 2 or min(shape) < 0:
                raise InputError(f"'{path}': {name} is not a matrix of numbers")
            if shape[0] * shape[1] > most:
                told = " x ".join(f"{n:,}" for n in shape)
                raise InputError(f"'{path}': {name} has {told} values; at most {most:,} are read")
            return _values(_whole(matrix, 8 * shape[0] * shape[1] + _HEAD), place, order, shape)
    except (ValueError, zlib.error) as error:
        raise InputError(f"'{path}' is not a MATLAB 5 file, or damaged ({error})") from error
    raise InputError(f"'{path}' has no matrix {name}, but {', '.join(names)[:60] or 'nothing'}")


def _order(data: memoryview) -> str:
    order = _ORDERS.get(bytes(data[_START - 2 : _START]), "")
    if not order or struct.unpack_from(f"{order}H", data, _START - 4)[0] >> 8 != _VERSION:
        raise ValueError("it does not begin as one")
    return order


def _part(data: memoryview, place: int, order: str) -> tuple[int, memoryview, int]:
    """Type and content of what lies at a place, and the place after it."""
    if place + 8 > len(data):
        raise ValueError("it ends too soon")
    kind, size = struct.unpack_from(f"{order}II", data, place)
    if kind >> 16:  # small: the content is where the size would be
        kind, size, start, after = kind & 0xFFFF, kind >> 16, place + 4, place + 8
        if size > 4:
            raise ValueError("a part of it is larger than its place")
    else:
        start = place + 8
        after = start + size + (0 if kind == _COMPRESSED else -size % 8)
    if start + size > len(data):
        raise ValueError("it ends too soon")
    return kind, data[start : start + size], after


def _matrices(data: memoryview, order: str) -> Iterator[_Matrix]:
    """All that are in a file; of compressed ones no more is decompressed than a head."""
    place = _START
    while place < len(data):
        kind, content, place = _part(data, place, order)
        if kind == _MATRIX:
            yield _Matrix(content, len(content))
        elif kind == _COMPRESSED:
            more = zlib.decompressobj()
            head = memoryview(more.decompress(content, 8 + _HEAD))
            if len(head) < 8:
                raise ValueError("it ends too soon")
            kind, size = struct.unpack_from(f"{order}II", head)
            if kind == _MATRIX:
                yield _Matrix(head[8 : 8 + size], size, more)


def _head(body: memoryview, order: str) -> tuple[tuple[int, tuple[int, ...], str], int]:
    """Flags, shape and name, and the place of the values."""
    parts, place = [], 0
    for _ in range(3):
        _, content, place = _part(body, place, order)
        parts.append(bytes(content))
    flags = struct.unpack(f"{order}I", parts[0][:4].ljust(4, b"\0"))[0]
    shape = struct.unpack(f"{order}{len(parts[1]) // 4}i", parts[1][: len(parts[1]) // 4 * 4])
    return (flags, shape, parts[2].decode("latin-1")), place


def _whole(matrix: _Matrix, most: int) -> memoryview:
    """All of a matrix; the checksum of a compressed one is looked at."""
    if matrix.more is None:
        return matrix.body
    if matrix.size > most:
        raise ValueError(f"{matrix.size:,} bytes for at most {most:,}")
    left = matrix.size - len(matrix.body)
    body = bytes(matrix.body)
    if left:
        body += matrix.more.decompress(matrix.more.unconsumed_tail, left)
    if len(body) < matrix.size or matrix.more.decompress(matrix.more.unconsumed_tail, 1) or not matrix.more.eof:
        raise ValueError("it is not as long as it says")
    return memoryview(body)


def _values(body: memoryview, place: int, order: str, shape: tuple[int, ...]) -> NDArray[Any]:
    kind, content, _ = _part(body, place, order)
    if kind not in _TYPES:
        raise ValueError(f"numbers of an unknown type {kind}")
    kept = np.dtype(order + _TYPES[kind])
    if len(content) != shape[0] * shape[1] * kept.itemsize:
        raise ValueError(f"{len(content):,} bytes for {shape[0]} x {shape[1]} values")
    return np.frombuffer(content, kept).reshape(shape, order="F").astype(kept.newbyteorder("="))

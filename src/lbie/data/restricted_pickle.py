"""Pickles of plain data, read without running anything.

A pickle is a small programme, and `pickle.load` runs whatever it says. This reader knows only the instructions that
build plain containers and scalars; at any other (GLOBAL, REDUCE, …) it stops. It is not built on `pickle.Unpickler`,
so there is nothing that could be called.
"""

from __future__ import annotations

import codecs
import pickletools
import struct
from pathlib import Path
from typing import Any

from lbie.errors import InputError

MAX_BYTES = 256 * 2**20
"""Limit on the size of a pickle."""
MAX_STEPS = 40_000_000
"""Limit on its instructions: each may make one more object. The largest of RefCOCO's has about six million."""
_KEYS = (str, bytes, int, float, bool, type(None))  # a nested tuple as a key can take for ever to hash
_NAMES = {opcode.code.encode("latin1")[0]: opcode.name for opcode in pickletools.opcodes}
_MARK = object()
_FIXED = {b"N": None, b"\x88": True, b"\x89": False}
_NUMBERS = {b"J": "<i", b"K": "<B", b"M": "<H", b"G": ">d"}
_TEXTS = {b"X": "<I", b"\x8c": "<B", b"\x8d": "<Q"}  # str: its length
_BYTES = {b"B": "<I", b"C": "<B", b"\x8e": "<Q"}  # bytes
_OLD = {b"T": "<i", b"U": "<B"}  # str of Python 2
_LONGS = {b"\x8a": "<B", b"\x8b": "<i"}
_PUTS = {b"q": "<B", b"r": "<I"}
_GETS = {b"h": "<B", b"j": "<I"}
_TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}


class _RefusedError(Exception):
    """Why a pickle is not read, in a few words."""


def load_plain(path: Path, encoding: str = "latin1") -> Any:
    """Read a pickle file of dict, list, tuple, set, str, bytes, int, float, bool and None. Raises as `loads_plain`.

    Args:
        path: the file.
        encoding: of the `str` of Python 2; `bytes` leaves them undecoded.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"'{path}' has {size:,} bytes; pickles of at most {MAX_BYTES:,} are read")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"no such file: '{path}'") from error
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror or error}") from error
    return loads_plain(data, f"'{path}'", encoding)


def loads_plain(data: bytes, name: str = "the pickle", encoding: str = "latin1") -> Any:
    """What a pickle holds, of any protocol. Keys of dicts and members of sets are scalars.

    Args:
        data: the pickle; what follows its end is left.
        name: what error messages call it.
        encoding: of the `str` of Python 2; `bytes` leaves them undecoded.

    Raises:
        InputError: it holds anything else, which is named, and nothing of it is run; it is damaged; or it is larger
            than `MAX_BYTES` or `MAX_STEPS`.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} has {len(data):,} bytes; pickles of at most {MAX_BYTES:,} are read")
    reader = _Reader(data, encoding)
    try:
        return reader.run()
    except _RefusedError as error:
        raise InputError(f"{name} {error}: only plain data is read, and nothing was run") from error
    except (ValueError, LookupError, TypeError, AttributeError, struct.error, OverflowError) as error:
        detail = " ".join(str(error).split())[:80]
        raise InputError(f"{name} is not a pickle, or damaged at byte {reader.place:,} ({detail})") from error


class _Reader:
    """Carries out the instructions of a pickle."""

    def __init__(self, data: bytes, encoding: str) -> None:
        self.data = data
        self.encoding = encoding
        self.place = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Up to STOP."""
        data, stack, memo = self.data, self.stack, self.memo
        for _ in range(MAX_STEPS):
            code = self.take(1)
            if code in _OLD:
                stack.append(self.decoded(self.counted(_OLD[code])))
            elif code in _TEXTS:
                stack.append(self.counted(_TEXTS[code]).decode("utf-8", "surrogatepass"))
            elif code in _GETS:
                stack.append(memo[self.number(_GETS[code])])
            elif code in _PUTS:
                memo[self.number(_PUTS[code])] = self.top()
            elif code in _NUMBERS:
                stack.append(self.number(_NUMBERS[code]))
            elif code in _FIXED:
                stack.append(_FIXED[code])
            elif code == b".":
                return self.result()
            elif code == b"(":
                stack.append(_MARK)
            elif code == b"\x80":
                self.take(1)
            elif code == b"\x95":  # a frame says only how much to read ahead
                self.take(8)
            elif code == b"\x94":
                memo[len(memo)] = self.top()
            elif not (self.scalar(code) or self.container(code)):
                raise _RefusedError(self.named(data[self.place - 1]))
        raise _RefusedError(f"has more than {MAX_STEPS:,} instructions")

    def scalar(self, code: bytes) -> bool:
        """The rarer scalars, and the memo of protocol 0; False for another instruction."""
        stack = self.stack
        if code == b"S":
            stack.append(self.decoded(self.quoted()))
        elif code == b"V":
            stack.append(str(self.line(), "raw-unicode-escape"))
        elif code == b"p":
            self.memo[int(self.line())] = self.top()
        elif code == b"g":
            stack.append(self.memo[int(self.line())])
        elif code == b"I":
            text = self.line()
            stack.append({b"00": False, b"01": True}.get(text) if text in (b"00", b"01") else int(text))
        elif code == b"L":
            stack.append(int(self.line().removesuffix(b"L")))
        elif code == b"F":
            stack.append(float(self.line()))
        elif code in _BYTES:
            stack.append(self.counted(_BYTES[code]))
        elif code in _LONGS:
            stack.append(int.from_bytes(self.counted(_LONGS[code]), "little", signed=True))
        else:
            return False
        return True

    def container(self, code: bytes) -> bool:
        """Containers and what fills them; False for another instruction."""
        stack = self.stack
        if code == b"]":
            stack.append([])
        elif code == b"}":
            stack.append({})
        elif code == b")":
            stack.append(())
        elif code == b"\x8f":
            stack.append(set())
        elif code == b"l":
            stack.append(self.marked())
        elif code == b"t":
            stack.append(tuple(self.marked()))
        elif code in _TUPLES:
            stack.append(tuple(self.popped(_TUPLES[code])))
        elif code == b"d":
            stack.append(self.fill({}, self.marked()))
        elif code == b"s":
            items = self.popped(2)
            self.fill(self.top(dict), items)
        elif code == b"u":
            items = self.marked()
            self.fill(self.top(dict), items)
        elif code == b"a":
            items = self.popped(1)
            self.top(list).extend(items)
        elif code == b"e":
            items = self.marked()
            self.top(list).extend(items)
        elif code == b"\x90":
            items = self.marked()
            self.check_keys(items)
            self.top(set).update(items)
        elif code == b"0":
            self.popped(1)
        elif code == b"1":
            self.marked()
        else:
            return False
        return True

    def result(self) -> Any:
        value = self.top()
        if len(self.stack) != 1:
            raise ValueError("more on the stack at its end than one value")
        return value

    def named(self, code: int) -> str:
        """What it wants, for a person."""
        if code not in _NAMES:
            raise ValueError(f"no instruction has the code {code}")
        name = _NAMES[code]
        try:
            if name in ("GLOBAL", "INST"):
                wanted = b".".join((self.line(), self.line())).decode("utf-8", "replace")
                return f"wants to load {wanted[:80]!r} ({name})"
            if name == "STACK_GLOBAL":
                wanted = ".".join(
                    part[:40] if isinstance(part, str) else type(part).__name__ for part in self.popped(2)
                )
                return f"wants to load {wanted!r} ({name})"
        except ValueError:
            pass
        return f"has the instruction {name}"

    def take(self, count: int) -> bytes:
        end = self.place + count
        if count < 0 or end > len(self.data):
            raise ValueError("it breaks off")
        part = self.data[self.place : end]
        self.place = end
        return part

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.place)
        if end < 0:
            raise ValueError("it breaks off")
        part = self.data[self.place : end]
        self.place = end + 1
        return part

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def counted(self, form: str) -> bytes:
        return self.take(self.number(form))

    def quoted(self) -> bytes:
        text = self.line()
        if len(text) < 2 or text[:1] not in (b'"', b"'") or text[:1] != text[-1:]:
            raise ValueError("a text without quotes")
        return codecs.escape_decode(text[1:-1])[0]

    def decoded(self, text: bytes) -> str | bytes:
        return text if self.encoding == "bytes" else text.decode(self.encoding)

    def top(self, kind: type = object) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise ValueError("its stack is empty")
        if not isinstance(self.stack[-1], kind):
            raise ValueError(f"it fills {type(self.stack[-1]).__name__} as {kind.__name__}")
        return self.stack[-1]

    def popped(self, count: int) -> list[Any]:
        items = self.stack[-count:]
        if len(items) < count or any(item is _MARK for item in items):
            raise ValueError("its stack is empty")
        del self.stack[-count:]
        return items

    def marked(self) -> list[Any]:
        """All above the last mark, which goes too."""
        stack = self.stack
        for place in range(len(stack) - 1, -1, -1):
            if stack[place] is _MARK:
                items = stack[place + 1 :]
                del stack[place:]
                return items
        raise ValueError("a mark is missing")

    @staticmethod
    def check_keys(keys: list[Any]) -> None:
        for key in keys:
            if type(key) not in _KEYS:
                raise _RefusedError(f"has a key or a member of a set that is {type(key).__name__}")

    def fill(self, into: dict[Any, Any], items: list[Any]) -> dict[Any, Any]:
        if len(items) % 2:
            raise ValueError("a key without a value")
        self.check_keys(items[::2])
        into.update(zip(items[::2], items[1::2], strict=True))
        return into

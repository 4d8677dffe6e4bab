from __future__ import annotations

import os
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbie.data import restricted_pickle
from lbie.data.restricted_pickle import load_plain, loads_plain
from lbie.errors import InputError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
PLAIN = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)


@given(PLAIN, st.integers(3, pickle.HIGHEST_PROTOCOL))
@settings(deadline=None, max_examples=40)
def test_plain_data_comes_back(value: Any, protocol: int) -> None:
    again = loads_plain(pickle.dumps(value, protocol))
    assert again == value and type(again) is type(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    ),
    st.integers(0, 2),
)
@settings(deadline=None, max_examples=40)
def test_old_protocols(value: Any, protocol: int) -> None:
    assert loads_plain(pickle.dumps(value, protocol)) == value


def test_sets_shared_parts_and_loops() -> None:
    assert loads_plain(pickle.dumps({1, "a"}, 4)) == {1, "a"}
    part = ["x"]
    first, second = loads_plain(pickle.dumps([part, part]))
    assert first is second
    loop: list[Any] = []
    loop.append(loop)
    again = loads_plain(pickle.dumps(loop))
    assert again[0] is again


def test_text_of_python_2() -> None:
    for data in (b"S'caf\\xe9'\np0\n.", b"U\x04caf\xe9q\x00.", b"T\x04\x00\x00\x00caf\xe9."):
        assert loads_plain(data) == "café"
        assert loads_plain(data, encoding="bytes") == b"caf\xe9"
        with pytest.raises(InputError, match="damaged"):
            loads_plain(data, encoding="ascii")
    assert loads_plain(b"(lp0\nI01\naI7\naL8L\naVa\\u00e9\na.") == [True, 7, 8, "aé"]


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_is_refused_and_not_run(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "refs(unc).p"
    path.write_bytes(pickle.dumps([{"a": 1}, Evil(tmp_path / "made")], protocol))
    with pytest.raises(InputError, match=rf"{path.name[:4]}.*wants to load '{os.name}.mkdir'.*nothing was run"):
        load_plain(path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (np.float64(1.5), "numpy"),
        (np.arange(3), "numpy"),
        (OrderedDict(a=1), "collections.OrderedDict"),
        (Path("x"), "pathlib"),
        (len, "builtin.*[.]len"),
        (1j, "complex"),
        (bytearray(b"x"), "bytearray|BYTEARRAY8"),
        (frozenset({1}), "FROZENSET|frozenset"),
        ({(1, 2): 3}, "a key .* that is tuple"),
    ],
    ids=str,
)
def test_other_types_are_refused(value: Any, named: str) -> None:
    for protocol in (2, 4, 5):
        with pytest.raises(InputError, match=named):
            loads_plain(pickle.dumps(value, protocol))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "os.system"),
        (b"(ios\nsystem\n.", "os.system"),
        (b"(cos\nsystem\nS'true'\no.", "os.system"),
        (b"\x82\x01.", "EXT1"),
        (b"Pname\n.", "PERSID"),
        (b"]}b.", "BUILD"),
        (b"(R.", "REDUCE"),
        (b"", "not a pickle"),
        (b".", "not a pickle"),
        (b"\xff.", "no instruction has the code 255"),
        (b"]a.", "damaged"),
        (b"}]s.", "damaged"),
        (b"](NNu.", "fills list as dict"),
        (b"e.", "a mark is missing"),
        (b"NN.", "more on the stack"),
        (b"h\x07.", "damaged"),
        (b"S'x\n.", "without quotes"),
        (b"X" + struct.pack("<I", 2**32 - 1) + b"x.", "breaks off"),
        (b"\x8e" + struct.pack("<Q", 2**63) + b"x.", "breaks off"),
        (b"T" + struct.pack("<i", -5) + b"x.", "breaks off"),
        (b"I" + b"9" * 10_000 + b"\n.", "damaged"),
        (b"N" + b"r" + struct.pack("<I", 2**32 - 1), "breaks off"),  # a memo as long as this would take gigabytes
        (b"\x95" + struct.pack("<Q", 2**60), "breaks off"),
        (b"N" + b"\x85" * 200_000 + b"}\x85N\x86.", "more on the stack|damaged"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_broken_and_hostile_pickles(data: bytes, named: str) -> None:
    with pytest.raises(InputError, match=named):
        loads_plain(data)


def test_a_deep_tuple_is_no_key() -> None:
    """Its hash would overflow the C stack, or take for ever where each level holds the last one twice."""
    with pytest.raises(InputError, match="that is tuple"):
        loads_plain(b"}N" + b"\x85" * 200_000 + b"Ns.")
    with pytest.raises(InputError, match="that is tuple"):
        loads_plain(b"\x8f(N" + b"\x94h\x00\x86" * 60 + b"\x90.")


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=300)
def test_random_bytes_are_plain_data_or_an_error(data: bytes) -> None:
    try:
        loads_plain(data)
    except InputError as error:
        assert len(str(error)) < 300


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_truncated_pickles(data: st.DataObject) -> None:
    whole = pickle.dumps([{"ref_id": 1, "sentences": [{"sent": "left cup", "tokens": ["left", "cup"]}]}], 2)
    with pytest.raises(InputError):
        loads_plain(whole[: data.draw(st.integers(0, len(whole) - 1))])


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restricted_pickle, "MAX_BYTES", 100)
    monkeypatch.setattr(restricted_pickle, "MAX_STEPS", 50)
    path = tmp_path / "large.p"
    path.write_bytes(pickle.dumps("x" * 200))
    with pytest.raises(InputError, match="at most 100"):
        load_plain(path)
    with pytest.raises(InputError, match="at most 100"):
        loads_plain(path.read_bytes())
    with pytest.raises(InputError, match="more than 50 instructions"):
        loads_plain(b"]" * 90)
    for missing in (tmp_path / "none.p", tmp_path):
        with pytest.raises(InputError, match=missing.name):
            load_plain(missing)

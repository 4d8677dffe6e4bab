from __future__ import annotations

import pytest

from lbie.errors import ResourceError
from lbie.server.store import Store


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_longest_unused_go_first_when_bytes_run_out():
    store: Store[str] = Store(100, 10, 60)
    first, second = store.put("a", 40), store.put("b", 40)
    assert store.get(first) == "a"
    third = store.put("c", 40)
    assert [store.get(name) for name in (first, second, third)] == ["a", None, "c"]
    store.grow(first, 50)
    assert [store.get(name) for name in (first, third)] == ["a", None]
    assert (store.bytes, len(store)) == (90, 1)


def test_number_is_bounded_and_ids_cannot_be_guessed():
    store: Store[int] = Store(100, 3, 60)
    names = [store.put(i, 1) for i in range(50)]
    assert [store.get(name) for name in names[-4:]] == [None, 47, 48, 49]
    assert len(set(names)) == 50
    assert min(map(len, names)) >= 22
    assert store.bytes == 3


def test_what_is_not_used_expires_and_use_counts():
    clock = Clock()
    store: Store[str] = Store(100, 10, 60, clock)
    kept, left = store.put("kept", 1), store.put("left", 1)
    clock.now = 50
    assert store.get(kept) == "kept"
    clock.now = 70
    store.sweep()
    assert len(store) == 1
    assert (store.get(kept), store.get(left), store.get("")) == ("kept", None, None)


def test_what_is_larger_than_the_store_is_refused():
    store: Store[str] = Store(100, 10, 60)
    with pytest.raises(ResourceError, match="smaller"):
        store.put("a", 101)
    name = store.put("a", 90)
    with pytest.raises(ResourceError):
        store.grow(name, 90)
    assert (store.get(name), store.bytes, len(store)) == (None, 0, 0)
    store.grow(name, 5)
    assert store.bytes == 0

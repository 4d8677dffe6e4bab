from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lbie.errors import InputError, ResourceError
from lbie.scale.journal import Item
from lbie.scale.pool import Apart, run_pool
from scale import pool_work


def items(*paths: str) -> list[Item]:
    return [Item(path, path, "") for path in paths]


def test_all_items_and_all_workers() -> None:
    names = [f"{i}" for i in range(200)]
    found = list(run_pool(items(*names), pool_work.starts, 2))
    assert sorted(item.path for item, _ in found) == sorted(names)
    assert all(outcome.data == item.path.encode() for item, outcome in found)
    assert not multiprocessing.active_children()


def test_a_worker_that_dies_costs_its_own_file() -> None:
    found = {item.path: outcome for item, outcome in run_pool(items("a", "die", "b", "exit", "c"), pool_work.starts, 1)}
    assert [found[name].state for name in ("a", "b", "c")] == ["done"] * 3
    assert found["die"].reason == "the worker died of it (SIGKILL: the system may be out of memory)"
    assert found["exit"].reason == "the worker died of it (exit code 3)"
    assert len({found[name].details["process"] for name in ("a", "b", "c")}) == 3, "each was replaced"


def test_items_are_taken_as_workers_become_free() -> None:
    taken: list[str] = []

    def some():
        for i in range(100):
            taken.append(str(i))
            yield Item(str(i), str(i), "")

    pool = run_pool(some(), pool_work.starts, 1)
    next(pool)
    assert len(taken) == 2
    pool.close()
    assert not multiprocessing.active_children()


def test_workers_that_cannot_start() -> None:
    with pytest.raises(InputError, match="no such device"):
        list(run_pool(items("a"), pool_work.refuses, 2))
    with pytest.raises(ResourceError, match="a worker cannot start: ValueError: a broken installation"):
        list(run_pool(items("a"), pool_work.breaks, 1))
    with pytest.raises(ResourceError, match="ends as it starts"):
        list(run_pool(items("a"), pool_work.dies, 1))
    assert not multiprocessing.active_children()


def test_closing_does_not_wait_for_work() -> None:
    pool = run_pool(items("a", "sleep"), pool_work.starts, 1)
    next(pool)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 5


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at processes as Linux shows them")
def test_workers_end_with_their_parent() -> None:
    code = (
        "from scale import pool_work, test_pool\nfrom lbie.scale.pool import run_pool\n"
        "import itertools\nif __name__ == '__main__':\n"
        "    endless = (test_pool.Item(str(i), '', '') for i in itertools.count())\n"
        "    pool = run_pool(endless, pool_work.starts, 1)\n"
        "    print(next(pool)[1].details['process'], flush=True)\n    input()\n"
    )
    places = os.pathsep.join(map(str, [Path(__file__).parent.parent, *filter(None, sys.path)]))
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": places},
    )
    assert parent.stdout and parent.stdin
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while _lives(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(worker)
    parent.stdout.close()
    parent.stdin.close()


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_process_apart() -> None:
    apart = Apart(pool_work.starts)
    found = [apart(item) for item in items("a", "b", "exit", "c")]
    assert [outcome.state for outcome in found] == ["done", "done", "failed", "done"]
    assert found[0].details == found[1].details != found[3].details, "started once, and replaced where it died"
    with pytest.raises(ResourceError, match="the disk is full"):
        apart(items("full")[0])
    apart.close()
    with pytest.raises(InputError, match="no such device"):
        Apart(pool_work.refuses)(items("a")[0])
    with pytest.raises(ResourceError, match="ends as it starts"):
        Apart(pool_work.dies)(items("a")[0])
    assert not multiprocessing.active_children()

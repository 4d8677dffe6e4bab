"""The work by Ray on this machine, from and to an S3 server of moto."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lbie.errors import InputError
from lbie.image_io import decode_image, encode_image
from lbie.remote import Remote
from lbie.scale.cluster import Actor, work_on_cluster
from lbie.scale.plan import plan
from lbie.scale.pool import Apart
from lbie.scale.settings import BatchSettings
from lbie.scale.stored import open_journal
from scale import pool_work
from scale.pool_work import Negatives

FEW = 24


def photo(shade: int) -> bytes:
    return encode_image(np.full((16, 16, 3), shade, np.uint8), ".png")[0]


@pytest.fixture
def s3(monkeypatch):
    """A bucket with photos, one file that is none and one that kills its worker."""
    moto, fsspec = pytest.importorskip("moto.server"), pytest.importorskip("fsspec")
    pytest.importorskip("s3fs")
    server = moto.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    known = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (known | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}).items():
        monkeypatch.setenv(name, value)
    store = fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True)
    store.mkdir("bucket")
    for number in range(FEW):
        store.pipe_file(f"bucket/in/day {number % 2}/{number:02d}.png", photo(number))
    store.pipe_file("bucket/in/bad.png", b"no picture")
    store.pipe_file("bucket/in/die.png", photo(0))
    yield store
    server.stop()


@pytest.mark.timeout(900)
def test_on_ray_from_s3_to_s3(s3, monkeypatch) -> None:
    pytest.importorskip("ray.data")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    settings = BatchSettings(source=Remote("s3://bucket/in"), sentence="negative")
    with open_journal(Remote("s3://bucket/out")) as journal:
        plan(journal, settings)
        found = list(work_on_cluster(journal, settings, workers=2, start=Negatives))
        assert journal.counts() == {"done": FEW, "failed": 2}
    assert set(Counter(item.path for item, _ in found).values()) == {1} and len(found) == FEW + 2
    reasons = {item.path: outcome.reason for item, outcome in found if outcome.state == "failed"}
    assert "not an image" in reasons["bad.png"] and "the worker died of it (SIGKILL" in reasons["die.png"]
    written = {place.removeprefix("bucket/out/") for place in s3.find("bucket/out")}
    assert written == {f"day {n % 2}/{n:02d}.png" for n in range(FEW)} | {".lbie-batch.sqlite"}
    assert decode_image(s3.cat_file("bucket/out/day 1/07.png"), "it").rgb.max() == 255 - 7
    with open_journal(Remote("s3://bucket/out")) as journal:
        plan(journal, settings)
        assert "waiting" not in journal.counts(), "the copy in the store knows it all"


def test_what_ends_it_all_is_told_by_a_worker() -> None:
    from pickle import dumps, loads

    arrow = pytest.importorskip("pyarrow")
    block = arrow.table({"item": [dumps(pool_work.Item(name, name, "")) for name in ("a", "exit", "full", "b")]})
    told = [loads(row) for row in Actor(lambda: Apart(pool_work.starts))(block)["told"].to_pylist()]
    assert [item.path for item, _ in told] == ["a", "exit", "full"]
    assert told[0][1].state == "done" and told[1][1].state == "failed" and str(told[2][1]) == "the disk is full"
    told = [loads(row) for row in Actor(lambda: Apart(pool_work.refuses))(block)["told"].to_pylist()]
    assert len(told) == 1 and isinstance(told[0][1], InputError)


def test_an_address_without_ray(cli, tmp_path: Path) -> None:
    code, _, err = cli("batch", str(tmp_path), "The flower is red.", "-o", str(tmp_path / "o"), "--address", "auto")
    assert code == 2 and "--engine ray" in err

"""Folders of images as Parquet shards, and what reads them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from found_by_colour import boxes, write_photo
from lbie.data.folder import load_arrays
from lbie.data.shards import Shards, as_shards
from lbie.errors import InputError
from lbie.remote import Remote

pytest.importorskip("pyarrow")
pytest.importorskip("fsspec")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch) -> Path:
    """Seven photos, five of them with sentences and splits."""
    monkeypatch.setenv("LBIE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    lines = []
    for number in range(7):
        name = f"deep/{number}.png" if number % 2 else f"{number}.jpg"
        write_photo(folder / name, np.roll(boxes(), 9 * number, 1))
        split = "train" if number < 4 else "val"
        lines.append(json.dumps({"file_name": name, "text": [f"a red cup {number}", "a cup"], "split": split}))
    (folder / "metadata.jsonl").write_text("\n".join(lines[:5]))
    return folder


def test_with_sentences(cli, photos: Path) -> None:
    out = photos.parent / "shards"
    code, _, err = cli("data", "shard", str(photos), "-o", str(out), "--rows", "2")
    assert code == 0 and "wrote 5 images into 3 shards" in err
    assert sorted(p.name for p in out.iterdir()) == [f"part-0000{n}.parquet" for n in range(3)]
    shards = as_shards(out)
    assert shards == Shards(str(out.resolve())) and as_shards(photos) is None
    found = list(shards.photos())
    assert found[1].path == "part-00000/deep/1.png" and found[1].sentences == ("a red cup 1", "a cup")
    assert shards.read(found[1].path, "it", 10**6) == (photos / "deep/1.png").read_bytes()
    assert found[1].size == (photos / "deep/1.png").stat().st_size
    with pytest.raises(InputError, match="no such file: it"):
        shards.read("part-00000/gone.png", "it", 10**6)
    with pytest.raises(InputError, match="at most 5 are read"):
        shards.read(found[1].path, "it", 5)
    plain, sharded = load_arrays(photos, "train", 32), load_arrays(out, "train", 32)
    np.testing.assert_array_equal(plain.rgb, sharded.rgb)
    assert [r.captions for r in plain.records] == [r.captions for r in sharded.records]
    code, _, err = cli("data", "shard", str(photos), "-o", str(out))
    assert code == 2 and "holds shards already" in err


def test_without_and_into_a_store(cli, photos: Path) -> None:
    (photos / "metadata.jsonl").unlink()
    code, _, err = cli("data", "shard", str(photos), "-o", "memory://shards/x")
    assert code == 0 and "wrote 7 images into 1 shard in 'memory://shards/x'" in err
    shards = as_shards(Remote("memory://shards/x"))
    assert shards is not None
    assert [path for path, _, _ in shards.files()][:2] == ["part-00000/0.jpg", "part-00000/2.jpg"]
    assert shards.read_image("part-00000/deep/3.png").rgb.shape == boxes().shape
    code, _, err = cli("data", "shard", str(photos / "deep" / "nothing"), "-o", "memory://y")
    assert code == 2 and "no folder" in err


def test_a_broken_shard(tmp_path: Path) -> None:
    (tmp_path / "part-00000.parquet").write_bytes(b"no parquet")
    shards = as_shards(tmp_path)
    assert shards is not None
    with pytest.raises(InputError, match="cannot read the shard"):
        list(shards.photos())

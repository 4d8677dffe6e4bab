from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawn import write_flowers
from lbie.data.flowers import load_arrays, read_records
from lbie.data.storage import data_root
from lbie.errors import InputError

GOOD = {"file_name": "images/a.jpg", "split": "train", "class_id": 3, "class_name": "rose", "captions": ["red"]}


def write(folder: Path, *lines: Any) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / "metadata.jsonl").write_text(text + "\n", "utf-8")
    return folder


def test_records_in_file_order(tmp_path: Path) -> None:
    write(tmp_path, GOOD, GOOD | {"split": "val"}, GOOD | {"class_id": 4, "captions": ["{}", "red", " . "]})
    assert [r.class_id for r in read_records(tmp_path)] == [3, 3, 4]
    train = read_records(tmp_path, "train")
    assert [r.class_id for r in train] == [3, 4]
    assert train[1].captions == ("red",) and train[1].colour == "red"  # captions without a word are left out


def test_line_separators_inside_a_caption_are_no_line_ends(tmp_path: Path) -> None:
    write(tmp_path, GOOD | {"captions": ["red\u2028petals\u0085"]}, GOOD)
    assert len(read_records(tmp_path)) == 2


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "3",
        {k: v for k, v in GOOD.items() if k != "split"},
        GOOD | {"class_id": "rose"},
        GOOD | {"captions": None},
        GOOD | {"captions": [3]},
        GOOD | {"captions": "the flower is red"},
        GOOD | {"captions": []},
        GOOD | {"captions": ["{}"]},
    ],
    ids=str,
)
def test_a_wrong_line_is_named_by_number(tmp_path: Path, line: Any) -> None:
    with pytest.raises(InputError, match=r"metadata\.jsonl:2 "):
        read_records(write(tmp_path, GOOD, line, GOOD))


def test_a_missing_file_or_split_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"metadata\.jsonl"):
        read_records(tmp_path)
    (tmp_path / "metadata.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"metadata\.jsonl"):
        read_records(tmp_path)
    with pytest.raises(InputError, match="split 'test'"):
        read_records(write(tmp_path, GOOD), "test")


def test_arrays_are_decoded_once(tmp_path: Path) -> None:
    folder = write_flowers(tmp_path / "flowers", {"train": 3, "val": 1})
    first = load_arrays(folder, "train", 24)
    assert first.rgb.shape == (3, 24, 24, 3) and first.region.shape == (3, 24, 24) and len(first.records) == 3
    assert first.region.any((1, 2)).all() and first.region.dtype == bool
    rgb, region = np.array(first.rgb), np.array(first.region)
    shutil.rmtree(folder / "images")
    again = load_arrays(folder, "train", 24)
    np.testing.assert_array_equal(again.rgb, rgb)
    np.testing.assert_array_equal(again.region, region)
    with pytest.raises(InputError, match="image_00001"):  # another size is decoded anew
        load_arrays(folder, "train", 20)


@pytest.mark.data
def test_the_real_splits_share_no_class() -> None:
    try:
        folder = data_root() / "flowers"
    except InputError as error:
        pytest.skip(str(error))
    if not (folder / "metadata.jsonl").is_file():
        pytest.skip(f"no metadata.jsonl in '{folder}'")
    records = read_records(folder)
    splits = {s: [r for r in records if r.split == s] for s in ("train", "val", "test")}
    assert {s: len(rows) for s, rows in splits.items()} == {"train": 6125, "val": 520, "test": 1153}
    classes = [{r.class_id for r in rows} for rows in splits.values()]
    assert not classes[0] & classes[1] and not classes[0] & classes[2] and not classes[1] & classes[2]
    assert set().union(*classes) <= set(range(1, 103))
    assert len({r.file_name for r in records}) == len(records)

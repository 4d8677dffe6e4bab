from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn_folder import disc, write_folder, write_lines, write_photo
from lbie.data.folder import load_arrays, parse_line, read_listing, read_records, split_by_name
from lbie.errors import InputError

ROW = {"file_name": "a.png", "text": "a red disc"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["file_name", "text", "captions", "sentences", "split", "other"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos, a.png to d.png, not yet listed."""
    for i, name in enumerate("abcd"):
        write_photo(tmp_path / f"{name}.png", disc("red", i))
    return tmp_path


def listed(folder: Path, *rows: Any) -> Path:
    write_lines(folder / "metadata.jsonl", list(rows))
    return folder


@pytest.mark.parametrize(
    "text",
    [
        {"text": "a red disc"},
        {"text": ["a red disc", " . "]},
        {"captions": ["a red disc"]},
        {"captions": "a red disc"},
        {"sentences": ["a red disc"]},
    ],
    ids=str,
)
def test_ways_to_give_sentences(folder: Path, text: dict[str, Any]) -> None:
    [record] = read_listing(listed(folder, {"file_name": "./a.png"} | text)).records
    assert (record.file_name, record.captions) == ("a.png", ("a red disc",))
    assert record.colour == "red"


@pytest.mark.parametrize("nested", [False, True])
def test_both_layouts_give_the_same(tmp_path: Path, nested: bool) -> None:
    counts = {"train": 3, "val": 2, "test": 1}
    folder = write_folder(tmp_path / "photos", counts, nested)
    for split, count in counts.items():
        records = read_records(folder, split)
        assert len(records) == count and all((folder / r.file_name).is_file() for r in records)
        assert load_arrays(folder, split, 16).rgb.shape == (count, 16, 16, 3)


def test_validation_is_another_name_of_val(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "photos", {"train": 1, "validation": 2}, nested=True)
    assert len(read_records(folder, "val")) == 2
    listed(tmp_path, ROW | {"split": "validation"})
    write_photo(tmp_path / "a.png", disc("red", 0))
    assert len(read_records(tmp_path, "val")) == 1


def test_a_photo_stays_in_its_split_as_others_are_added(folder: Path) -> None:
    splits = {name: split_by_name(name) for name in (f"{i}.png" for i in range(2000))}
    shares = {s: sum(v == s for v in splits.values()) / 2000 for s in ("train", "val", "test")}
    assert shares == pytest.approx({"train": 0.8, "val": 0.1, "test": 0.1}, abs=0.03)
    rows = [ROW | {"file_name": f"{name}.png"} for name in "abcd"]
    few, more = (read_listing(listed(folder, *part)) for part in (rows[:2], rows))
    assert few.by_name and few.records == more.records[:2]


def test_a_byte_order_mark_blank_lines_and_carriage_returns(folder: Path) -> None:
    text = "\ufeff" + json.dumps(ROW) + "\r\n\r\n" + json.dumps(ROW | {"file_name": "b.png"})
    (folder / "metadata.jsonl").write_bytes(text.encode())
    assert len(read_listing(folder).records) == 2


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (3, "not a JSON object"),
        ({"text": "red"}, "no file_name"),
        (ROW | {"file_name": 3}, "no file_name"),
        (ROW | {"file_name": "a\0.png"}, "no file_name"),
        (ROW | {"file_name": "x.png"}, "no such file: 'x.png'"),
        (ROW | {"file_name": "x" * 5000}, "no such file"),
        (ROW | {"file_name": "."}, "no such file"),
        (ROW | {"file_name": "/etc/passwd"}, "leaves the folder"),
        (ROW | {"file_name": "b/../../c.png"}, "leaves the folder"),
        (ROW | {"file_name": "b.png"}, r"'b.png' is listed already.*:1"),
        (ROW | {"file_name": "./b.png"}, "listed already"),
        ({"file_name": "a.png"}, "no text"),
        (ROW | {"text": ""}, "no sentence with a word"),
        (ROW | {"text": []}, "no sentence with a word"),
        (ROW | {"text": ["...", "!"]}, "no sentence with a word"),
        (ROW | {"text": [3]}, "list of sentences"),
        (ROW | {"text": None}, "list of sentences"),
        (ROW | {"text": "red " * 5000}, "20,000 characters"),
        (ROW | {"captions": ["red"]}, "text and captions"),
        (ROW | {"split": "trian"}, "trian"),
        (ROW | {"split": ["train"]}, "split"),
        (ROW | {"split": "train"}, "'b.png' has no split"),
    ],
    ids=lambda x: str(x)[:40],
)
def test_a_wrong_line_is_named(folder: Path, line: Any, named: str) -> None:
    lines = [ROW | {"file_name": "b.png"}, line]
    text = "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines)
    (folder / "metadata.jsonl").write_text(text)
    with pytest.raises(InputError, match=named) as error:
        read_records(folder, "train")
    number = 1 if "has no split" in named else 2
    assert f"metadata.jsonl:{number}: " in str(error.value) and "\n" not in str(error.value)
    assert len(str(error.value)) < 6000


def test_wrong_folders_are_named(folder: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        read_listing(folder / "nowhere")
    with pytest.raises(InputError, match=r"no metadata\.jsonl"):
        read_listing(folder)
    (folder / "metadata.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"metadata\.jsonl' is not UTF-8"):
        read_listing(folder)
    listed(folder, ROW | {"split": "train"})
    with pytest.raises(InputError, match=r"no photo of the split 'val'.*train 1, val 0"):
        read_records(folder, "val")
    for name in ("val", "validation"):
        (folder / name).mkdir()
        listed(folder / name, ROW)
    with pytest.raises(InputError, match="keep one"):
        read_listing(folder)
    (folder / "metadata.jsonl").unlink()
    with pytest.raises(InputError, match="both val and validation"):
        read_listing(folder)


def test_a_split_that_contradicts_its_folder(tmp_path: Path) -> None:
    write_photo(tmp_path / "val" / "a.png", disc("red", 0))
    listed(tmp_path / "val", ROW | {"split": "train"})
    assert "'train' in the folder of val" in read_listing(tmp_path).faults[0]


@settings(deadline=None)
@given(st.text() | JSON.map(json.dumps) | st.dictionaries(KEYS, JSON).map(json.dumps))
def test_any_line_is_read_or_refused_with_a_reason(line: str) -> None:
    try:
        name, split, captions = parse_line(line)
    except ValueError as error:
        assert str(error)
        return
    assert name and not name.startswith("/") and ".." not in name.split("/")
    assert split in (None, "train", "val", "test")
    assert captions and all(c.strip() for c in captions)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "..", ".", "", "/", "...", "..a"]), min_size=1, max_size=5))
def test_no_path_leaves_the_folder(parts: list[str]) -> None:
    try:
        name, _, _ = parse_line(json.dumps({"file_name": "/".join(parts), "text": "red"}))
    except ValueError:
        return
    root = os.path.abspath("root")
    assert os.path.commonpath([root, os.path.abspath(os.path.join(root, name))]) == root


def test_photos_that_cannot_be_used_are_left_out_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "photos", {"train": 10})
    (folder / "discs" / "3.png").write_bytes(b"no photo")
    write_photo(folder / "discs" / "7.png", np.full((64, 64, 3), 99, np.uint8))
    for _ in range(2):  # decoded, then from the cache
        arrays = load_arrays(folder, "train", 16)
        assert [r.file_name for r in arrays.records] == [f"discs/{i}.png" for i in (1, 2, 4, 5, 6, 8, 9, 10)]
        assert arrays.rgb.shape == (8, 16, 16, 3) and arrays.rgb.std((1, 2, 3)).all()
        assert "2 of 10 photos of the split 'train'" in capsys.readouterr().err
    (folder / "discs" / "4.png").write_bytes(b"")
    with pytest.raises(InputError, match="3 of 10 photos"):
        load_arrays(folder, "train", 16)
    write_photo(folder / "discs" / "3.png", disc("blue", 3))  # a changed photo is decoded anew
    assert len(load_arrays(folder, "train", 16).records) == 8


def test_all_photos_unreadable(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "photos", {"train": 2})
    for i in (1, 2):
        (folder / "discs" / f"{i}.png").write_bytes(b"no photo")
    with pytest.raises(InputError, match="2 of 2 photos"):
        load_arrays(folder, "train", 16)


def test_photos_are_turned_upright(folder: Path) -> None:
    rgb = np.zeros((40, 20, 3), np.uint8)
    rgb[:20] = (200, 30, 30)
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    Image.fromarray(rgb).save(folder / "a.jpg", exif=exif, quality=95)
    listed(folder, ROW | {"file_name": "a.jpg", "split": "train"})
    square = load_arrays(folder, "train", 16).rgb[0]
    assert square[12:, :, 0].min() > 150 and square[:4].max() < 60


def test_check_by_the_command(tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    folder = write_folder(tmp_path / "photos", {"train": 4, "val": 2})
    code, out, _ = cli("data", "folder", folder)
    assert code == 0
    assert "6 photos: train 4, val 2, test 0 (splits as given)" in out
    assert "6 sentences" in out and "color 6" in out
    assert "'flowers' does not know: zorb 6\n" in out and out.endswith("faults: 0\n")
    (folder / "discs" / "2.png").write_bytes(b"no photo")
    (folder / "discs" / "6.png").unlink()
    code, out, err = cli("data", "folder", folder)
    assert code == 2 and out.endswith("faults: 2\n")
    assert "metadata.jsonl:6: no such file: 'discs/6.png'; " in err and "2.png' is not an image" in err
    last = err.splitlines()[-1]
    assert last.startswith("lbie: error: ")


def test_check_of_a_folder_that_cannot_be_trained_on(tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = cli("data", "folder", write_folder(tmp_path / "photos", {"train": 1}))
    assert code == 2 and "'val'" in err
    (tmp_path / "empty").mkdir()
    listed(tmp_path / "empty")
    code, _, err = cli("data", "folder", tmp_path / "empty")
    assert code == 2 and "lists no photo" in err
    code, _, err = cli("data", "folder", tmp_path / "nowhere")
    assert code == 2 and "nowhere" in err and len(err.splitlines()) == 1

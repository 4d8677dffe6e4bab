from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn_folder import write_lines
from lbie.data.masks import encode_rle
from lbie.data.phrases import PngMask, check_masks, open_phrases, parse_line
from lbie.data.referred import scenes
from lbie.errors import InputError
from referred_drawn import PHRASES, SIZE, box, photo, write_phrases

ROW = {"file_name": "photos/1.png", "phrase": "red box"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["file_name", "phrase", "phrases", "mask", "segmentation", "annotation_id", "split"])


def test_read_back(tmp_path: Path) -> None:
    found = open_phrases(write_phrases(tmp_path / "own")).require_complete()
    assert [i.phrase for i in found.items] == ["red box", "left box", "blue box", "the box on the left", "dog"]
    for item, side in zip(found.items, ("left", "left", "right", "left", None), strict=True):
        image, mask = item.read()
        assert image.shape == (*SIZE, 3)
        assert mask is None if side is None else mask is not None and (mask == box(side)).all()
    assert check_masks(found) == []
    (scene, _), (other, phrases) = scenes(found.items)
    assert len(scene.instances) == 2 and len(other.instances) == 1
    assert [(p.text, p.target) for p in phrases] == [("the box on the left", 0), ("dog", None)]


def test_by_the_command(tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    folder = write_phrases(tmp_path / "own")
    code, out, err = cli("data", "refer", "phrases", folder)
    assert code == 0 and err == ""
    assert "phrases that name a thing: 4" in out and "name nothing in their photo: 1" in out and "photos: 2" in out
    write_lines(folder / "phrases.jsonl", [ROW | {"segmentation": {"size": [2, 2], "counts": [9]}}])
    code, out, err = cli("data", "refer", "phrases", folder)
    assert code == 2 and "the mask of 'line 1' in 'photos/1.png' is RLE of 2 x 2" in err
    (folder / "phrases.jsonl").write_text('{"file_name": 3}\n\n{\n' + json.dumps(ROW))
    code, _, err = cli("data", "refer", "phrases", folder)
    assert code == 2 and "phrases.jsonl:1: no file_name; " in err and "phrases.jsonl:3: not JSON" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([1], "not a JSON object"),
        ({"phrase": "cup"}, "no file_name"),
        ({"file_name": "photos/1.png"}, "no phrase"),
        (ROW | {"phrases": ["cup"]}, "keep one"),
        (ROW | {"phrase": " . "}, "no phrase with a word"),
        (ROW | {"phrase": 3}, "no text"),
        (ROW | {"phrase": "a" * 100_000}, "characters; at most"),
        (ROW | {"file_name": "../1.png"}, "leaves the folder"),
        (ROW | {"file_name": "photos/9.png"}, "no such file: 'photos/9.png'"),
        (ROW | {"file_name": "n" * 300}, "no such file: 'nnn"),
        (ROW | {"mask": "m" * 5_000}, "no such file: 'mmm"),
        (ROW | {"split": "dev"}, "the split is 'dev'"),
        (ROW | {"mask": "masks/9.png"}, "no such file: 'masks/9.png'"),
        (ROW | {"mask": "/etc/passwd"}, "leaves the folder"),
        (ROW | {"mask": "masks/left.png", "annotation_id": 21}, "has mask and annotation_id: keep one"),
        (ROW | {"annotation_id": "21"}, "not a whole number"),
        (ROW | {"annotation_id": 99}, "has no annotation 99"),
        (ROW | {"annotation_id": 21}, "annotation 21 is of 'photos/2.png', not of 'photos/1.png'"),
        (ROW | {"segmentation": "12"}, "neither a list of polygons nor RLE"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_broken_lines_are_named_with_their_number(tmp_path: Path, row: Any, named: str) -> None:
    folder = write_phrases(tmp_path / "own", [PHRASES[3], PHRASES[0]])
    text = row if isinstance(row, str) else json.dumps(row)
    with (folder / "phrases.jsonl").open("a") as file:
        file.write(text + "\n")
    with pytest.raises(InputError, match=f"phrases.jsonl:3: .*{named}"):
        open_phrases(folder)


@given(st.dictionaries(KEYS, JSON))
@settings(deadline=None)
def test_any_line_is_read_or_refused(row: dict[str, Any]) -> None:
    try:
        parse_line(json.dumps(row))
    except ValueError as error:
        assert str(error)


def test_other_ways_to_give_a_mask(tmp_path: Path) -> None:
    rows = [ROW | {"segmentation": encode_rle(box("right"))}, ROW | {"annotation_id": None}]
    items = open_phrases(write_phrases(tmp_path / "own", rows)).items
    mask = items[0].mask()
    assert mask is not None and (mask == box("right")).all()
    assert items[1].mask() is None and items[1].target_id is None


def test_splits(tmp_path: Path) -> None:
    folder = write_phrases(tmp_path / "own")
    by_name = {i.photo_id: i.split for i in open_phrases(folder).items}
    assert set(by_name.values()) <= {"train", "val", "test"}
    write_lines(folder / "phrases.jsonl", [ROW | {"split": "validation"}])
    assert open_phrases(folder).items[0].split == "val"
    write_lines(folder / "phrases.jsonl", [ROW | {"split": "train"}, PHRASES[3]])
    with pytest.raises(InputError, match=r"phrases.jsonl:2: no split, though other lines"):
        open_phrases(folder)


def test_png_masks(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    for values in (box("left").astype(np.uint8), box("left").astype(np.uint8) * 255):
        cv2.imwrite(str(path), values)
        assert (PngMask(path).read(SIZE, "it") == box("left")).all()
    cv2.imwrite(str(path), np.zeros(SIZE, np.uint8))
    assert not PngMask(path).read(SIZE, "it").any()
    cv2.imwrite(str(path), box("left").astype(np.uint8) * 3)
    with pytest.raises(InputError, match="values up to 3: a mask is white"):
        PngMask(path).read(SIZE, "it")
    with pytest.raises(InputError, match=r"it is 40 x 60 .height x width., the photo, upright, 60 x 40"):
        PngMask(path).read((60, 40), "it")
    jpeg = tmp_path / "mask.jpg"
    cv2.imwrite(str(jpeg), np.zeros(SIZE, np.uint8))
    with pytest.raises(InputError, match="JPEG"):
        PngMask(jpeg).read(SIZE, "it")


def test_a_turned_photo_is_upright_and_so_is_its_mask(tmp_path: Path) -> None:
    folder = write_phrases(tmp_path / "own", [{"file_name": "photos/3.jpg", "phrase": "red", "mask": "masks/3.png"}])
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.fromarray(photo()).save(folder / "photos/3.jpg", exif=exif)
    cv2.imwrite(str(folder / "masks/3.png"), np.rot90(box("left"), -1).astype(np.uint8) * 255)
    image, mask = open_phrases(folder).items[0].read()
    assert image.shape == (60, 40, 3) and mask is not None
    assert image[mask][:, 0].mean() > 150 and image[~mask][:, 0].mean() < 130


def test_no_phrases(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1 missing: '.*phrases\.jsonl'"):
        open_phrases(tmp_path)
    with pytest.raises(InputError, match="has no phrase"):
        open_phrases(write_phrases(tmp_path / "own", []))
    (tmp_path / "own/phrases.jsonl").write_bytes(b"\xff\xfe{")
    with pytest.raises(InputError, match="not UTF-8"):
        open_phrases(tmp_path / "own")
    write_lines(tmp_path / "own/phrases.jsonl", PHRASES)
    (tmp_path / "own/instances.json").unlink()
    with pytest.raises(InputError, match=r"annotation_id is used.*instances\.json'"):
        open_phrases(tmp_path / "own")

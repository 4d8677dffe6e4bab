from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lbie.data.masks import encode_rle
from lbie.data.refcoco import PUBLISHED, open_refcoco
from lbie.errors import InputError
from referred_drawn import SIZE, box, references, write_refcoco


@pytest.mark.parametrize(("dataset", "by"), list(PUBLISHED))
def test_read_back(tmp_path: Path, dataset: str, by: str) -> None:
    found = open_refcoco(write_refcoco(tmp_path, dataset, by), dataset, by).require_complete()
    assert [(i.phrase, i.split) for i in found.items] == [
        ("red box", "train"),
        ("box on the left", "train"),
        ("blue box", "testA"),
    ]
    for item, side in zip(found.items, ("left", "left", "right"), strict=True):
        image, mask = item.read()
        assert image.shape == (*SIZE, 3) and mask is not None and (mask == box(side)).all()
        assert item.category == "box" and item.photo_id.startswith(f"{dataset}/")
    assert pickle.loads(pickle.dumps(found.items[0])).phrase == "red box"  # for workers


def test_the_published_counts_agree_with_themselves() -> None:
    for published in PUBLISHED.values():
        assert sum(published.split.values()) == published.objects


@pytest.mark.parametrize("place", ["train2014", "images/train2014", "elsewhere"])
def test_where_photos_may_be(tmp_path: Path, place: str) -> None:
    write_refcoco(tmp_path)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / "images/mscoco/images/train2014").rename(tmp_path / place)
    photos = tmp_path / place if place == "elsewhere" else None
    open_refcoco(tmp_path, "refcoco", photos=photos).require_complete().items[0].read()


def test_by_the_command(tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    write_refcoco(tmp_path / "a")
    code, out, err = cli("data", "refer", "refcoco", tmp_path / "a")
    assert code == 0 and "refcoco (unc):" in out
    assert "phrases: 3, published 142,210 (differs by -142,207); the paper says 142,209" in out
    assert "objects of testB: 0, published 1,810" in out and "warning: refcoco (unc): " in err
    write_refcoco(tmp_path / "b", "refcocog", "umd", photos=False)
    code, out, err = cli("data", "refer", "refcocog", tmp_path / "b")
    assert code == 2 and "2 of 2 photos are missing; they belong in" in out
    assert err.splitlines()[-1].startswith("lbie: error: 2 of 2 photos") and "train2014" in err
    code, _, err = cli("data", "refer", "refcoco+", tmp_path / "b")
    assert code == 2 and "refcoco+/refs(unc).p'" in err and "refcoco+/instances.json'" in err
    for words in (("coco", tmp_path), ("refcoco", tmp_path / "no"), ("refcoco", tmp_path, "--masks", tmp_path)):
        code, _, err = cli("data", "refer", *words)
        assert code == 2 and len(err.splitlines()) == 1


def test_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no data set 'refclef'; there are refcoco, refcoco[+], refcocog"):
        open_refcoco(tmp_path, "refclef")
    with pytest.raises(InputError, match="not split by 'umd', but by unc, google"):
        open_refcoco(tmp_path, "refcoco", "umd")


def test_rle_and_broken_masks(tmp_path: Path) -> None:
    path = write_refcoco(tmp_path) / "refcoco/instances.json"
    instances = json.loads(path.read_text())
    instances["annotations"][0]["segmentation"] = encode_rle(box("left"))
    instances["annotations"][3]["segmentation"] = [[900, 900, 950, 900, 950, 950]]
    path.write_text(json.dumps(instances))
    items = open_refcoco(tmp_path, "refcoco").items
    assert (np.asarray(items[0].mask()) == box("left")).all()
    with pytest.raises(InputError, match="the mask of '82' in 'refcoco/8', polygon 1 of 1, lies wholly outside"):
        items[2].mask()


def edit(value: Any, *keys: Any, to: Any) -> Any:
    at = value
    for key in keys[:-1]:
        at = at[key]
    at[keys[-1]] = to
    return value


@pytest.mark.parametrize(
    ("refs", "named"),
    [
        ({}, "should hold a list"),
        ([3], "number 0 is not as REFER has it"),
        (edit(references(), 1, "ann_id", to=999), "number 1 .*no annotation 999"),
        (edit(references(), 1, "ann_id", to=[]), "number 1 .*its ann_id or image_id is no whole number"),
        (edit(references(), 1, "image_id", to=7), "annotation 82 is of image 8, not of 7"),
        (edit(references(), 0, "split", to=None), "no split"),
        (edit(references(), 0, "sentences", to=[{}]), "a sentence without text"),
        ([{"ref_id": 1}], "no 'ann_id'"),
    ],
)
def test_broken_references(tmp_path: Path, refs: Any, named: str) -> None:
    (write_refcoco(tmp_path) / "refcoco/refs(unc).p").write_bytes(pickle.dumps(refs))
    with pytest.raises(InputError, match=named):
        open_refcoco(tmp_path, "refcoco")


class Evil:
    def __reduce__(self) -> Any:
        return os.mkdir, ("made-by-a-pickle",)


def test_a_pickle_with_code_is_refused(
    tmp_path: Path, cli: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (write_refcoco(tmp_path) / "refcoco/refs(unc).p").write_bytes(pickle.dumps([*references(), Evil()]))
    code, _, err = cli("data", "refer", "refcoco", tmp_path)
    assert code == 2 and "wants to load" in err and "nothing was run" in err and len(err.splitlines()) == 1
    assert not Path("made-by-a-pickle").exists()


@pytest.mark.parametrize(
    ("keys", "to", "named"),
    [
        (("images",), 3, "'images' is not a list"),
        (("images", 1, "height"), "40", "number 1 of 'images' .*'40' is not a whole number"),
        (("images", 0, "file_name"), "../x.jpg", "number 0 of 'images' .*leaves the folder"),
        (("annotations", 2, "image_id"), 9, "number 2 of 'annotations' .*no image has the id 9"),
        (("annotations", 2), {"image_id": 8}, "number 2 of 'annotations' .*no 'id'"),
        (("annotations", 2, "category_id"), [], "number 2 of 'annotations'"),
        (("categories", 0), None, "number 0 of 'categories'"),
    ],
)
def test_broken_instances(tmp_path: Path, keys: tuple[Any, ...], to: Any, named: str) -> None:
    path = write_refcoco(tmp_path) / "refcoco/instances.json"
    path.write_text(json.dumps(edit(json.loads(path.read_text()), *keys, to=to)))
    with pytest.raises(InputError, match=named):
        open_refcoco(tmp_path, "refcoco")

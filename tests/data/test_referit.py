from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from drawn_folder import write_photo
from lbie.data import referit
from lbie.data.referit import SaiaprMask, open_referit
from lbie.data.referred import scenes
from lbie.errors import InputError
from referred_drawn import SIZE, box, photo, write_referit

REAL = Path(os.environ.get("LBIE_DATA", "../shared/data")) / "referit"


def test_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referit, "PHRASES", {"train": 2, "val": 1, "test": 2})
    monkeypatch.setattr(referit, "PHOTOS", 2)
    found = open_referit(write_referit(tmp_path / "referit")).require_complete()
    assert [i.phrase for i in found.items] == ["red box", "left box™", "blue box", "box on the left", "right"]
    assert [i.target_id for i in found.items] == ["11_1", "11_1", "11_2", "12_1", "12_2"]
    assert not any(count.differs for count in found.counts)
    for item in found.items:
        image, mask = item.read()
        assert image.shape == (*SIZE, 3) and mask is not None and mask.dtype == bool
        assert (mask == box("left" if item.target_id.endswith("1") else "right")).all()
    assert len(found.of_split("train")) == 2
    with pytest.raises(InputError, match="no phrase of the split 'testA'; its splits: train, val, test"):
        found.of_split("testA")


def test_scenes(tmp_path: Path) -> None:
    (scene, phrases), (_, others) = scenes(open_referit(write_referit(tmp_path / "referit")).items)
    assert scene.photo_id == "referit/11" and len(scene.instances) == 2 and len(others) == 2
    assert [(p.text, p.target) for p in phrases] == [("red box", 0), ("left box™", 0), ("blue box", 1)]
    assert (scene.instances[1].mask == box("right")).all()


def test_without_photos_there_are_the_phrases(tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    folder = write_referit(tmp_path / "referit", photos=False)
    found = open_referit(folder)
    assert len(found.items) == 5 and len(found.missing) == 2
    with pytest.raises(InputError, match=r"2 of 2 photos.*images', the first as '11\.jpg'; 4 of 4 masks .*mask'"):
        found.require_complete()
    code, out, err = cli("data", "refer", "referit", folder)
    assert code == 2 and "phrases of train: 2, published 54,134 (differs by -54,132)" in out
    assert "warning: referit: phrases of train" in err and "4 of 4 masks are missing" in err.splitlines()[-1]
    with pytest.raises(InputError, match="no such file"):
        found.items[0].image()
    with pytest.raises(InputError, match=r"no such file: .*11_1\.mat"):
        found.items[0].mask()


def test_photos_and_masks_elsewhere(tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    folder = write_referit(tmp_path / "referit")
    for name in ("images", "mask"):
        (folder / name).rename(tmp_path / name)
    code, out, _ = cli(
        *("data", "refer", "referit", folder, "--photos", tmp_path / "images", "--masks", tmp_path / "mask")
    )
    assert code == 0 and "photos: 2, published 20,000" in out
    (tmp_path / "images/11.jpg").unlink()
    assert len(open_referit(folder, tmp_path / "images", tmp_path / "mask").missing) == 1


def test_missing_files_are_all_named(tmp_path: Path) -> None:
    folder = write_referit(tmp_path / "referit")
    for name in ("query_val", "imsize"):
        (folder / f"referit_{name}.json").unlink()
    with pytest.raises(InputError, match=r"2 missing: '.*referit_query_val\.json', '.*referit_imsize\.json'"):
        open_referit(folder)


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("query_test", "{", "query_test.json' is not JSON"),
        ("query_test", "[]", "should hold an object, not list"),
        ("query_test", '{"../12_1": ["x"]}', "'../12_1' is not an object"),
        ("query_test", '{"12_1": "x"}', "'12_1' is not an object"),
        ("query_test", '{"13_1": ["x"]}', "no .width, height. of '13.jpg'"),
        ("imsize", '{"11.jpg": [0, 4]}', "no .width, height. of '11.jpg'"),
    ],
)
def test_broken_files(tmp_path: Path, name: str, content: str, named: str) -> None:
    folder = write_referit(tmp_path / "referit")
    (folder / f"referit_{name}.json").write_text(content)
    with pytest.raises(InputError, match=named):
        open_referit(folder)


def test_broken_masks(tmp_path: Path) -> None:
    path = tmp_path / "1_1.mat"
    mask = SaiaprMask(path)
    savemat(path, {"segimg_t": np.ones(SIZE)})
    assert not mask.read(SIZE, "it").any()
    savemat(path, {"other": np.ones(SIZE)})
    with pytest.raises(InputError, match="no matrix segimg_t"):
        mask.read(SIZE, "it")
    savemat(path, {"segimg_t": np.zeros((4, 6))})
    with pytest.raises(InputError, match=r"it is 4 x 6 .height x width., the photo 40 x 60"):
        mask.read(SIZE, "it")
    savemat(path, {"segimg_t": np.array([["a"]], object)})
    with pytest.raises(InputError, match=r"1_1\.mat"):
        mask.read((1, 1), "it")
    savemat(path, {"segimg_t": np.zeros(SIZE)})
    whole = path.read_bytes()
    for content in (b"", b"no matrix" * 60, whole[:150], whole[:-9]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"not a MATLAB 5 file, or damaged|no matrix"):
            mask.read(SIZE, "it")


def test_a_photo_of_another_size_is_named(tmp_path: Path) -> None:
    folder = write_referit(tmp_path / "referit")
    write_photo(folder / "images/11.jpg", photo()[:20, :30])
    with pytest.raises(InputError, match=r"20 x 30 .height x width., the data set says 40 x 60"):
        open_referit(folder).items[0].read()


@pytest.mark.data
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no copy of ReferIt's annotations at '{REAL}'")
def test_the_real_annotations_have_the_published_counts() -> None:
    found = open_referit(REAL)
    assert not any(count.differs for count in found.counts)
    assert len(found.items) == 120_081 and len(found.of_split("test")) == 60_105
    assert json.dumps([i.phrase for i in found.items[:3]])

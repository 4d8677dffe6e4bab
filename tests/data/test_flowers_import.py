"""Import from the layout that the authors publish, in small."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from drawn import flower
from lbie.data import flowers_import
from lbie.data.flowers import load_arrays, read_records
from lbie.data.flowers_import import import_flowers
from lbie.errors import InputError

LABELS = [4, 1, 2, 3, 1, 4]
CAPTION = "this flower is red with a\u00e7\u00e1 petals"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six photos of four classes: 1 and 2 train, 3 val, 4 test."""
    for name, value in {"PHOTOS": 6, "CLASSES": 4, "VAL_CLASSES": 1, "TEST_CLASSES": 1}.items():
        monkeypatch.setattr(flowers_import, name, value)
    folder = tmp_path / "source"
    (folder / "jpg").mkdir(parents=True)
    savemat(folder / "imagelabels.mat", {"labels": np.array([LABELS], np.uint8)})
    savemat(folder / "setid.mat", {k: np.array([[1, 2]], np.uint16) for k in ("trnid", "valid", "tstid")})
    for number, label in enumerate(LABELS, 1):
        cv2.imwrite(str(folder / "jpg" / f"image_{number:05d}.jpg"), flower("red", number, 48)[..., ::-1])
        text = folder / "text_c10" / f"class_{label:05d}" / f"image_{number:05d}.txt"
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text("".join(f"{CAPTION} {i}\n" for i in range(10)), "utf-8")
    return folder


def test_import(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "flowers"
    assert import_flowers(source, output) == 6
    records = read_records(output)
    assert [r.class_id for r in records] == LABELS
    assert [r.split for r in records] == ["test", "train", "train", "val", "train", "test"]
    assert records[0].captions == tuple(f"{CAPTION} {i}" for i in range(10))
    for record in records:
        copy = output / record.file_name
        assert copy.read_bytes() == (source / "jpg" / copy.name).read_bytes()
    assert load_arrays(output, "train", 24).rgb.shape == (3, 24, 24, 3)


def test_by_the_command(source: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = cli("data", "flowers", source, "-o", tmp_path / "out")
    assert (code, out) == (0, "") and "6 photos" in err
    code, _, err = cli("data", "flowers", source, "-o", tmp_path / "out")
    assert code == 2 and "exists already" in err


def relabel(folder: Path, labels: list[int]) -> None:
    savemat(folder / "imagelabels.mat", {"labels": np.array([labels], np.uint8)})


BREAK: dict[str, tuple[Callable[[Path], object], str]] = {
    "no folder": (lambda f: f.rename(f.with_name("elsewhere")), "source"),
    "no setid": (lambda f: (f / "setid.mat").unlink(), r"setid\.mat"),
    "no labels": (lambda f: (f / "imagelabels.mat").unlink(), r"imagelabels\.mat"),
    "labels empty": (lambda f: (f / "imagelabels.mat").write_bytes(b""), r"imagelabels\.mat"),
    "labels text": (lambda f: (f / "imagelabels.mat").write_text("no matrix " * 50), r"imagelabels\.mat"),
    "labels truncated": (
        lambda f: (f / "imagelabels.mat").write_bytes((f / "imagelabels.mat").read_bytes()[:150]),
        r"imagelabels\.mat",
    ),
    "labels of another name": (lambda f: savemat(f / "imagelabels.mat", {"x": [1]}), r"imagelabels\.mat"),
    "labels of names": (lambda f: savemat(f / "imagelabels.mat", {"labels": "rose"}), r"imagelabels\.mat"),
    "too few labels": (lambda f: relabel(f, LABELS[:-1]), "5 photos of 4 classes, expected 6 of 4"),
    "a class without photo": (lambda f: relabel(f, [1, 1, 2, 3, 1, 1]), "6 photos of 3 classes"),
    "a class too many": (lambda f: relabel(f, [5, 1, 2, 3, 1, 4]), "6 photos of 5 classes"),
    "no photos": (lambda f: shutil.rmtree(f / "jpg"), r"6 files are missing .*6 in jpg/.*image_00001\.jpg"),
    "a photo missing": (lambda f: (f / "jpg" / "image_00004.jpg").unlink(), r"jpg/image_00004\.jpg"),
    "no captions": (lambda f: shutil.rmtree(f / "text_c10"), r"6 in text_c10/"),
    "a text missing": (
        lambda f: (f / "text_c10" / "class_00003" / "image_00004.txt").unlink(),
        r"text_c10/class_00003/image_00004\.txt",
    ),
    "a caption missing": (
        lambda f: (f / "text_c10" / "class_00003" / "image_00004.txt").write_text("red\n" * 9),
        r"image_00004\.txt' has 9 captions",
    ),
}


@pytest.mark.parametrize("how", BREAK)
def test_what_is_wrong_is_named_and_nothing_is_written(source: Path, tmp_path: Path, how: str) -> None:
    damage, named = BREAK[how]
    damage(source)
    with pytest.raises(InputError, match=named):
        import_flowers(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert import_flowers(source, tmp_path / "out") == 6  # empty: allowed
    before = sorted(p.name for p in (tmp_path / "out").rglob("*"))
    (tmp_path / "file").write_text("x")
    for output in (tmp_path / "out", tmp_path / "file"):
        with pytest.raises(InputError, match="exists already"):
            import_flowers(source, output)
    assert sorted(p.name for p in (tmp_path / "out").rglob("*")) == before

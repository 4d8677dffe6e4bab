from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from lbie.data.storage import cache_root, cached_array, data_root, load_square
from lbie.errors import InputError


def test_data_root_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    option, environment, work = tmp_path / "option", tmp_path / "environment", tmp_path / "work"
    for folder in (option, environment, work):
        folder.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("LBIE_DATA", str(environment))
    assert data_root(option) == option
    assert data_root() == environment
    monkeypatch.delenv("LBIE_DATA")
    with pytest.raises(InputError, match="LBIE_DATA"):
        data_root()
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert data_root().resolve() == tmp_path / "shared" / "data"


@pytest.mark.parametrize("use", ["option", "environment"])
def test_a_data_root_that_is_not_there_is_named(use: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "nowhere"
    monkeypatch.setenv("LBIE_DATA", str(missing if use == "environment" else tmp_path))
    with pytest.raises(InputError, match="nowhere"):
        data_root(missing if use == "option" else None)


def test_cache_root_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LBIE_CACHE")
    assert cache_root() == tmp_path / "lbie"
    monkeypatch.setenv("LBIE_CACHE", str(tmp_path / "own"))
    assert cache_root() == tmp_path / "own"


def test_cached_array_is_built_once(tmp_path: Path) -> None:
    path, built = tmp_path / "new" / "a.npy", []

    def build() -> np.ndarray:
        built.append(1)
        return np.arange(6).reshape(2, 3)

    for _ in range(2):
        np.testing.assert_array_equal(cached_array(path, build), [[0, 1, 2], [3, 4, 5]])
    assert len(built) == 1
    assert [p.name for p in path.parent.iterdir()] == ["a.npy"]


@pytest.mark.parametrize("where", ["build", "write"])
def test_a_failure_leaves_nothing(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> np.ndarray:
        raise OSError("disk full")

    if where == "write":
        monkeypatch.setattr(np, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        cached_array(tmp_path / "a.npy", fail if where == "build" else lambda: np.zeros(3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(40, 80), (80, 40)])
def test_load_square_takes_the_centre_in_rgb(shape: tuple[int, int], tmp_path: Path) -> None:
    rgb = np.zeros((*shape, 3), np.uint8)
    middle = np.s_[:, 20:60] if shape[1] > shape[0] else np.s_[20:60]
    rgb[middle] = (250, 100, 20)
    cv2.imwrite(str(tmp_path / "a.png"), rgb[..., ::-1])
    square = load_square(tmp_path / "a.png", 16)
    assert square.shape == (16, 16, 3) and (square == (250, 100, 20)).all()


def test_load_square_names_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no photo")
    with pytest.raises(InputError, match=r"a\.jpg"):
        load_square(tmp_path / "a.jpg", 16)

"""The shipped weights are those that their lists name."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from lbie.checksums import SUMS, changed_files, write_sums
from lbie.registry import WEIGHTS_ROOT, bundled_models


@pytest.mark.parametrize("name", bundled_models())
def test_the_lists_are_of_the_files(name, tmp_path):
    folder = WEIGHTS_ROOT / name
    remedy = f"if that was meant: cd {folder} && sha256sum *.json *.safetensors > {SUMS}"
    assert changed_files(folder) == [], remedy
    card = json.loads((folder / "card.json").read_text())
    assert f"{card['sha256']}  model.safetensors" in (folder / SUMS).read_text().splitlines()
    assert card["version"] == card["sha256"][:12]


def test_written_as_read(tmp_path):
    (tmp_path / "a b.json").write_text("{}")
    (tmp_path / "c.bin").write_bytes(b"\0" * 100_000)
    (tmp_path / ".hidden").touch()
    (tmp_path / "folder").mkdir()
    write_sums(tmp_path)
    assert changed_files(tmp_path) == []
    write_sums(tmp_path)
    assert changed_files(tmp_path) == [], "the list is not in itself"


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum, of coreutils")
def test_sha256sum_reads_it(tmp_path):
    (tmp_path / "a b.json").write_text("{}")
    write_sums(tmp_path)
    check = ["sha256sum", "--check", "--strict", SUMS]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "a b.json").write_text("[]")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    assert changed_files(tmp_path) == ["a b.json has changed"]

"""The documentation site builds, strictly, with the API from the docstrings; its picture is what draws it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lbie
from documented import ROOT, pages


def test_the_site_builds(tmp_path):
    for package in ("zensical", "mkdocstrings"):
        pytest.importorskip(package, reason=f"needs lbie[docs]: the package {package}")
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "build_site.py"], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    html = ROOT / "out" / "site" / "html"
    for page in pages()[1:]:
        assert (html / page.relative_to(ROOT).with_suffix("") / "index.html").is_file(), page
    api = (html / "docs" / "api" / "index.html").read_text("utf-8")
    for name in lbie.__all__:
        assert f'id="lbie.{name}"' in api, name
    assert "Encode the image that the next edits are of." in api


def test_the_picture_of_the_architecture_is_what_its_script_draws(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples")
    from architecture_picture import picture

    assert (ROOT / "docs" / "architecture.svg").read_text("utf-8") == picture()


def test_pictures_of_the_steps_are_small():
    for path in (ROOT / "docs" / "reading").glob("*.jpg"):
        assert path.stat().st_size <= 100_000, path

from __future__ import annotations

import pytest

from lbie.cli_common import need_extra
from lbie.errors import InputError


def test_a_package_that_is_not_there():
    with pytest.raises(InputError, match=r"needs the package 'no_such_package': pip install 'lbie\[cluster\]'"):
        need_extra("cluster", "no_such_package")


def test_a_package_that_does_not_go_with_another(tmp_path, monkeypatch):
    (tmp_path / "newer_than_numpy.py").write_text("raise ImportError('requires NumPy 2.0 or newer,\\n found 1.26.0')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"\(requires NumPy 2.0 or newer, found 1.26.0\): pip install"):
        need_extra("cluster", "newer_than_numpy")

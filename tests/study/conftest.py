from __future__ import annotations

from pathlib import Path

import pytest
from study_drawn import drawn_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Folder of a study of six photos by four systems."""
    drawn_study(tmp_path / "study", 6)
    return tmp_path / "study"

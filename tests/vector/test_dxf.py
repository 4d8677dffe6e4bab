"""DXF drawings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("ezdxf")

import cv2
import ezdxf

from lbie import InputError
from lbie.vector import recolour
from lbie.vector.dxf import read_dxf


@pytest.fixture
def plan(tmp_path) -> Path:
    document = ezdxf.new()
    space = document.modelspace()
    space.add_lwpolyline([(0, 0), (100, 0), (100, 50), (0, 50)], close=True)
    space.add_circle((150, 25), 20)
    space.add_line((0, 80), (200, 90))
    document.saveas(tmp_path / "plan.dxf")
    return tmp_path / "plan.dxf"


def test_closed_outlines_are_filled(plan) -> None:
    svg = read_dxf(plan)

    def paint(rgb):
        out, scale = rgb.copy(), rgb.shape[0] / 94  # 2 mm of margin around 200 x 90
        for x, colour in ((52, (255, 0, 0)), (152, (0, 0, 255))):
            cv2.floodFill(out, None, (round(x * scale), round(67 * scale)), colour)
        return out

    result = recolour(svg, paint)
    assert [change.fill for change in result.changes] == ["#ff0000", "#0000ff"] and not result.warnings


def bomb(path: Path, copies: int, inside: bool = False) -> Path:
    document = ezdxf.new()
    names = [f"B{i}" for i in range(8)]
    for i, name in enumerate(names):
        block = document.blocks.new(name)
        block.add_line((0, 0), (1, 1))
        for _ in range(copies if i else 0):
            block.add_blockref(names[i - 1], (0, 0))
    if inside:
        document.blocks.get("B0").add_blockref("B7", (0, 0))
    document.modelspace().add_blockref("B7", (0, 0))
    document.saveas(path)
    return path


def test_refused(tmp_path) -> None:
    (tmp_path / "text.dxf").write_text("no drawing")
    (tmp_path / "empty.dxf").write_text("")
    ezdxf.new().saveas(tmp_path / "nothing.dxf")
    cases = [
        (tmp_path / "text.dxf", "not a DXF drawing"),
        (tmp_path / "empty.dxf", "not a DXF drawing"),
        (tmp_path / "nothing.dxf", "nothing in its model space"),
        (tmp_path / "missing.dxf", "no such file"),
        (tmp_path, "not a regular file"),
        (bomb(tmp_path / "copies.dxf", 10), "draws more than the limit"),
        (bomb(tmp_path / "circle.dxf", 1, inside=True), "holds itself"),
    ]
    for path, says in cases:
        with pytest.raises(InputError, match=says):
            read_dxf(path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), new=st.binary(max_size=30))
def test_damaged(plan, place: float, new: bytes) -> None:
    data = plan.read_bytes()
    at = int(place * len(data))
    broken = plan.parent / "broken.dxf"
    broken.write_bytes(data[:at] + new + data[at + len(new) :])
    try:
        read_dxf(broken)
    except InputError as error:
        assert "broken.dxf" in str(error)

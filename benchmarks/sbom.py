"""Write the bill of materials (CycloneDX 1.6, JSON) of an environment and of the weights that are shipped.

python benchmarks/sbom.py [PYTHON] [-o results/sbom.json]   (needs `pip install 'lbie[supply]'`)

PYTHON is the interpreter of the environment that is listed, this one where none is given.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parent.parent
VERSION = SchemaVersion.V1_6


def weights() -> list[dict[str, Any]]:
    """A component a bundled model that is in the repository, with its digest and licence."""
    found = []
    tracked = subprocess.run(
        ["git", "ls-files", "src/lbie/weights"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for path in (ROOT / line for line in tracked.stdout.splitlines() if line.endswith("card.json")):
        card = json.loads(path.read_text("utf-8"))
        found.append(
            {
                "type": "machine-learning-model",
                "bom-ref": f"weights-{card['name']}",
                "name": card["name"],
                "version": card["version"],
                "description": f"made for {card['made_for']}; trained on {card['training_data']}",
                "hashes": [{"alg": "SHA-256", "content": card["sha256"]}],
                "licenses": [{"license": {"name": card["licence"]}}],
            }
        )
    return found


def bill(python: str) -> dict[str, Any]:
    tool = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", ROOT / "pyproject.toml"]
    tool += ["--sv", VERSION.to_version(), "--mc-type", "library", "--output-reproducible", "--of", "JSON", python]
    made = json.loads(subprocess.run(tool, capture_output=True, text=True, check=True, cwd=ROOT).stdout)
    made["components"] += weights()
    return made


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="?", default=sys.executable, metavar="PYTHON")
    parser.add_argument("-o", type=Path, default=ROOT / "results" / "sbom.json")
    options = parser.parse_args()
    text = json.dumps(bill(options.python), indent=1) + "\n"
    if fault := JsonStrictValidator(VERSION).validate_str(text):
        print(f"not a valid bill of materials: {fault}", file=sys.stderr)
        return 1
    options.o.write_text(text, "utf-8")
    print(f"{options.o}: {len(json.loads(text)['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())

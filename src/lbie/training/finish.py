"""What is done once when a run has come to its end: the best weights are completed, the curve is drawn."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from lbie.model.editing_model import EditingModel
from lbie.training.checkpoint import replace_folder
from lbie.training.training_set import TrainingSet


def finish(folder: Path, training_set: TrainingSet) -> None:
    """Complete a run's folder: `best/` gets what the data set adds to it, `curve.png` is drawn."""
    best = folder / "best"
    model = EditingModel.load_folder(best)
    if training_set.complete(model):
        validation = (best / "validation.json").read_text()

        def write(target: Path) -> None:
            model.save_pretrained(target)
            (target / "validation.json").write_text(validation)

        replace_folder(best, write)
    draw_curve(folder, training_set.curves)


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def draw_curve(folder: Path, curves: tuple[tuple[str, ...], ...]) -> None:
    """Draw `curve.png` from `logs/metrics*.csv`, one file a session: a panel for each tuple of figures."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for path in sorted((folder / "logs").glob("metrics*.csv")) for row in _rows(path)]
    step = json.loads((folder / "best" / "validation.json").read_text())["step"]
    figure, axes = pyplot.subplots(1, len(curves), figsize=(4 * len(curves), 3.2), layout="constrained")
    for axis, names in zip(axes, curves, strict=True):
        for name in names:
            points = {int(r["step"]): float(r[name]) for r in rows if r.get(name)}
            if points:
                axis.plot(*zip(*sorted(points.items()), strict=True), label=name)
        axis.axvline(step, color="gray", linestyle=":", label="best")
        axis.set_xlabel("step")
        axis.legend()
    figure.savefig(folder / "curve.png", dpi=110)
    pyplot.close(figure)

"""What is done once when a run has come to its end: the best weights are completed, the curve is drawn."""

from __future__ import annotations

from pathlib import Path

from lbie.model.editing_model import EditingModel
from lbie.training.checkpoint import replace_folder
from lbie.training.metrics import Rows, draw_curve
from lbie.training.training_set import TrainingSet


def finish(folder: Path, training_set: TrainingSet, rows: Rows) -> None:
    """Complete a run's folder: `best/` gets what the data set adds to it, `curve.png` is drawn."""
    best = folder / "best"
    model = EditingModel.load_folder(best)
    if training_set.complete(model):
        validation = (best / "validation.json").read_text()

        def write(target: Path) -> None:
            model.save_pretrained(target)
            (target / "validation.json").write_text(validation)

        replace_folder(best, write)
    draw_curve(folder, rows, training_set.curves)

"""The figures of a run as it goes on: rows that are part of its checkpoint, and a table and a curve of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from lbie.image_io import write_bytes

Rows = list[dict[str, float]]
"""Each with the `step`, and the figures taken then."""


def write_metrics(path: Path, rows: Rows) -> None:
    """Write a table of all rows, a column a figure, in the place of the one before. Raises as `write_bytes`."""
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, sorted({name for row in rows for name in row}))
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, table.getvalue().encode())


def draw_curve(folder: Path, rows: Rows, curves: tuple[tuple[str, ...], ...]) -> None:
    """Draw `curve.png` of a run's folder: a panel for each tuple of figures. Raises as `write_bytes`."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    step = json.loads((folder / "best" / "validation.json").read_text())["step"]
    figure, axes = pyplot.subplots(1, len(curves), figsize=(4 * len(curves), 3.2), layout="constrained")
    for axis, names in zip(axes, curves, strict=True):
        for name in names:
            points = {row["step"]: row[name] for row in rows if name in row}
            if points:
                axis.plot(*zip(*sorted(points.items()), strict=True), label=name)
        axis.axvline(step, color="gray", linestyle=":", label="best")
        axis.set_xlabel("step")
        axis.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110)
    pyplot.close(figure)
    write_bytes(folder / "curve.png", picture.getvalue())

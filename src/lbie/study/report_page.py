"""A report as an HTML page of its own, with a picture of the means."""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

from lbie.study.report import CRITERIA
from lbie.study.table import NAMES, report_tables, summary

_STYLE = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #1d1d1d }
img { max-width: 100% }
div { overflow-x: auto }
table { border-collapse: collapse; margin-bottom: 1.5rem }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ccc; white-space: nowrap }
"""


def write_page(path: Path, figures: dict[str, Any]) -> None:
    """Write a report as one HTML file that needs no other."""
    picture = base64.b64encode(_plot(figures)).decode()
    tables = []
    for table in report_tables(figures):
        head = "".join(f'<th scope="col">{escape(word)}</th>' for word in table.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(word)}</td>' for word in row)}</tr>" for row in table.rows)
        caption = f"<caption>{escape(table.title)}</caption>"
        tables.append(f"<div><table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>")
    notes = "".join(f"<li>{escape(note)}</li>" for note in figures["notes"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Human study</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>Human study</h1><p>{escape(summary(figures))}</p>"
        f'<img alt="Mean ratings with intervals, as in the tables below" src="data:image/png;base64,{picture}">'
        f"{''.join(tables)}<ul>{notes}</ul></body></html>\n",
        "utf-8",
    )


def _plot(figures: dict[str, Any]) -> bytes:
    """Means with intervals on 0 to 1, the paper's figures beside them, as PNG."""
    systems = figures["systems"]
    places = range(len(systems))
    figure, axes = pyplot.subplots(1, 2, figsize=(10, 0.9 + 0.6 * len(systems)), sharey=True, layout="constrained")
    for axis, criterion in zip(axes, CRITERIA, strict=True):
        means = [own[criterion]["scaled"] for own in systems.values()]
        values = [m["value"] for m in means]
        errors = [[m["value"] - m["low"] for m in means], [m["high"] - m["value"] for m in means]]
        axis.errorbar(values, places, xerr=errors, fmt="o", capsize=4, label="this study, 95 % interval")
        paper = [(figures["paper"][criterion].get(system), place) for place, system in enumerate(systems)]
        told = [(value, place) for value, place in paper if value is not None]
        axis.plot(*zip(*told, strict=True), "D", color="tab:orange", fillstyle="none", label="the paper: other raters")
        axis.set_title(criterion)
        axis.set_xlim(-0.02, 1.02)
        axis.set_ylim(len(systems) - 0.5, -0.5)
        axis.set_yticks(places, [NAMES[system] for system in systems])
        axis.grid(axis="x", alpha=0.3)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    pyplot.close(figure)
    return buffer.getvalue()

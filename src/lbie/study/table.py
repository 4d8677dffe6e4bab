"""The tables of a report, for a terminal and for a page alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from lbie.evaluation.tables import cell
from lbie.study.report import CRITERIA

NAMES = {
    "ours": "ours",
    "without_attention": "without attention",
    "without_language": "without language",
    "truth": "true photo",
}


@dataclass(frozen=True)
class ReportTable:
    """Words in rows."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def report_tables(figures: dict[str, Any]) -> list[ReportTable]:
    """Means, differences and agreement of a report."""
    tables = []
    for criterion in CRITERIA:
        paper = figures["paper"][criterion]
        rows: list[tuple[str, ...]] = []
        for system, own in figures["systems"].items():
            means = (cell(own[criterion]["points"], 2), cell(own[criterion]["scaled"]))
            told = f"{paper[system]:g}" if system in paper else "-"
            rows.append((NAMES[system], str(own["n"]), *means, told))
        head = ("system", "n", "mean, 1 to 5", "mean, 0 to 1", "paper")
        tables.append(ReportTable(criterion, head, rows))
    others = [(NAMES[s], *(cell(own[c]) for c in CRITERIA)) for s, own in figures["ours_minus"].items()]
    tables.append(ReportTable("ours minus the other, 0 to 1", ("the other", *CRITERIA), others))
    agreement: list[tuple[str, ...]] = []
    for criterion, own in figures["agreement"].items():
        alpha = "not defined" if own["ordinal_alpha"] is None else f"{own['ordinal_alpha']:.3f}"
        agreement.append((criterion, alpha, str(own["pictures_rated_twice"])))
    terms = ("rating", "Krippendorff's alpha, ordinal", "pictures with two ratings or more")
    return [*tables, ReportTable("agreement between raters", terms, agreement)]


def summary(figures: dict[str, Any]) -> str:
    """What the figures are of, and how they were computed."""
    return (
        f"{figures['ratings']} ratings of pictures of {figures['photos']} photos, raters: {figures['raters']}."
        f" Means with 95 % bootstrap intervals over raters and photos; 0 to 1 is {figures['scaling']}."
    )


def print_report(figures: dict[str, Any]) -> None:
    """Print a report."""
    console = Console()
    for content in report_tables(figures):
        table = Table(*content.head, title=content.title)
        for row in content.rows:
            table.add_row(*row)
        console.print(table)
    console.print(summary(figures))
    for note in figures["notes"]:
        console.print(note)

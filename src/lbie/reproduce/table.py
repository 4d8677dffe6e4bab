"""What is reproduced, and what came of it, as tables."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from lbie.reproduce.listing import Figure, Listing
from lbie.reproduce.published import published
from lbie.reproduce.run import Outcome

_MOST_OFF = 5


def minutes_text(minutes: float) -> str:
    """A time as a person says it."""
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{round(minutes) or 'under 1'} min"


def inputs_text(figure: Figure, listing: Listing) -> str:
    """What a figure is made from."""
    made = {item.name: item for item in listing.made}
    models = [name for name in figure.needs if made[name].shipped]
    trained = [name for name in dict.fromkeys((*figure.needs, *figure.takes)) if not made[name].shipped]
    data = [f"data {name}" for name in figure.data]
    return ", ".join([*models, *data, *trained]) or "what is shipped"


def full_minutes(figure: Figure, listing: Listing) -> float:
    """Time of a figure with all that is trained for it."""
    made = {item.name: item for item in listing.made}
    return figure.minutes + sum(made[name].minutes for name in {*figure.needs, *figure.takes})


def manner_text(figure: Figure, listing: Listing) -> str:
    """How it is run: in both manners, by --full only, or by hand."""
    made = {item.name: item for item in listing.made}
    if figure.by_hand:
        return "by hand"
    trained = figure.trains or any(made[name].trains and not made[name].shipped for name in figure.needs)
    return "full" if trained else "quick"


def console() -> Console:
    """Of standard output, wide where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 160)


def print_listing(figures: list[Figure], listing: Listing) -> None:
    """The list as a table."""
    table = Table("name", "makes", "by", "from", "manner", "takes", "in full")
    for figure in figures:
        times = (minutes_text(figure.minutes), "" if figure.by_hand else minutes_text(full_minutes(figure, listing)))
        files, commands = "\n".join(figure.files), "\n".join(figure.commands)
        table.add_row(figure.name, files, commands, inputs_text(figure, listing), manner_text(figure, listing), *times)
    console().print(table)


def print_outcomes(outcomes: list[Outcome]) -> None:
    """What came of each, with what is off, and the published figures beside ours."""
    table = Table("name", "", "compared", "off", "not measured", "time", "")
    for outcome in outcomes:
        found = outcome.found
        counts = [str(n) if n else "" for n in (found.compared, len(found.off), len(found.absent))]
        more = len(found.off) - _MOST_OFF
        lines = [*found.off[:_MOST_OFF], *([f"and {more:,} more"] if more > 0 else []), outcome.reason]
        time = f"{outcome.seconds:.0f} s" if outcome.seconds else ""
        table.add_row(outcome.figure.name, outcome.state, *counts, time, "\n".join(filter(None, lines)))
    console().print(table)
    for outcome in outcomes:
        for made, _ in outcome.made:
            if made.suffix == ".json":
                print_published(outcome.figure.name, json.loads(made.read_text("utf-8")))


def print_published(name: str, figures: dict[str, Any]) -> None:
    """The published figures beside those that were measured, where there are such."""
    if rows := published(name, figures):
        table = Table(name, "published", "here")
        for row in rows:
            table.add_row(*row)
        console().print(table)

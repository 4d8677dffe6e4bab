"""The verb `lbie reproduce`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbie.cli_common import DataOption, say
from lbie.errors import InputError


def reproduce(
    quick: Annotated[bool, typer.Option("--quick", help="With the shipped weights; nothing is trained.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Train from the recipes first: hours.")] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this figure; repeatable.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Print what there is, by which command, and how long.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put what was made in its place.")] = False,
    data: DataOption = None,
    work: Annotated[Path, typer.Option(help="Folder of what is made; trained models in it are used again.")] = Path(
        "out/reproduce"
    ),
) -> None:
    """Make the figures, pictures and tables of a clone again, and compare them with what is committed in it."""
    from lbie.data.storage import data_root
    from lbie.reproduce.listing import read_listing
    from lbie.reproduce.run import Reproduction, State, keep
    from lbie.reproduce.table import print_listing, print_outcomes

    listing = read_listing(Path.cwd())
    figures = listing.chosen(only or [])
    if list_:
        print_listing(figures, listing)
        return
    if quick == full:
        raise InputError("how? give --quick (shipped weights) or --full (trained from the recipes), or --list")
    try:
        sets: Path | None = data_root(data).resolve()
    except InputError:
        if data:
            raise
        sets = None
    reproduction = Reproduction(Path.cwd(), listing, work.resolve(), full, sets, say)
    outcomes = []
    for outcome in reproduction.run(figures):
        say(f"{outcome.figure.name}: {outcome.state} {outcome.reason}".rstrip())
        outcomes.append(outcome)
        if write:
            keep(outcome)
    print_outcomes(outcomes)
    if write:
        say("what was made is in its place; now: python benchmarks/readme_figures.py")
    wrong = [outcome.figure.name for outcome in outcomes if outcome.state in (State.OFF, State.FAILED)]
    if wrong:
        raise InputError(f"not as committed: {', '.join(wrong)}; logs are in '{work}'")
